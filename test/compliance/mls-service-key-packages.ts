/** The MlsService suite: key packages. Registered by mls-service.ts. §7.1, §7.2, H-10, R-032 */
import { expect, it } from 'vitest';
import { KEY_PACKAGE_LIFETIME_MS, KEY_PACKAGE_NOT_BEFORE_MS, MAX_KEY_PACKAGE_BYTES } from '../../shared/limits.ts';
import { NOW, text } from '../main/protocol/mls/support.ts';
import { flipped, threeOf, type CreateMlsService, type MakePerson } from './mls-service-world.ts';

export function keyPackageCompliance(create: CreateMlsService, person: MakePerson): void {
  const ada = person('ada');
  const checker = person('checker').service;

  it('are fresh each time, pass their own checks, and are named by their reference', async () => {
    const first = await ada.service.generateKeyPackage(NOW);
    const second = await ada.service.generateKeyPackage(NOW);
    for (const part of ['keyPackage', 'reference', 'privateState'] as const)
      expect(first[part]).not.toEqual(second[part]);
    expect(first.reference).toHaveLength(32);
    expect(await checker.keyPackageReferenceOf(first.keyPackage)).toEqual(first.reference);
    expect(await checker.validateKeyPackage(first.keyPackage, NOW)).toEqual({
      memberId: ada.identity.memberId,
      reference: first.reference,
      signatureKey: ada.signatureKey.publicKey,
      notBeforeSeconds: (NOW - KEY_PACKAGE_NOT_BEFORE_MS) / 1000,
    });
  });

  it('are valid from an hour before for 84 days, judged by the time that is handed in', async () => {
    for (const now of [NOW, Date.UTC(2001, 0), Date.UTC(2099, 0)]) {
      const { keyPackage } = await ada.service.generateKeyPackage(now);
      const [from, until] = [now - KEY_PACKAGE_NOT_BEFORE_MS, now + KEY_PACKAGE_LIFETIME_MS];
      for (const time of [from, now, until, until + 999])
        expect(await checker.validateKeyPackage(keyPackage, time)).toMatchObject({ memberId: ada.identity.memberId });
      for (const time of [from - 1, until + 1000])
        await expect(checker.validateKeyPackage(keyPackage, time)).rejects.toMatchObject({
          code: 'KeyPackageLifetime',
        });
    }
  });

  it('R-032 are refused with any byte altered', async () => {
    const { keyPackage } = await ada.service.generateKeyPackage(NOW);
    for (let index = 0; index < keyPackage.length; index++)
      for (const bit of [1, 128])
        await expect(
          checker.validateKeyPackage(flipped(keyPackage, index, bit), NOW),
          `byte ${index}`,
        ).rejects.toMatchObject({ name: 'MlsError' });
  });

  it('R-032 are malformed when cut, followed by more, or garbage, and too large over the limit', async () => {
    const { keyPackage } = await ada.service.generateKeyPackage(NOW);
    for (const bytes of [
      keyPackage.subarray(0, -1),
      new Uint8Array([...keyPackage, 0]),
      new Uint8Array(),
      text('garbage'),
    ]) {
      await expect(checker.validateKeyPackage(bytes, NOW)).rejects.toMatchObject({ code: 'Malformed' });
      await expect(checker.keyPackageReferenceOf(bytes)).rejects.toMatchObject({ code: 'Malformed' });
    }
    for (const action of [checker.validateKeyPackage, checker.keyPackageReferenceOf])
      await expect(action(new Uint8Array(MAX_KEY_PACKAGE_BYTES + 1), NOW)).rejects.toMatchObject({ code: 'TooLarge' });
  });

  it('R-032 are refused when the wallet they name did not sign for the device', async () => {
    const victim = person('victim').identity;
    const liar = create({ ...ada, identity: { ...ada.identity, memberId: victim.memberId } });
    const { keyPackage } = await liar.generateKeyPackage(NOW);
    await expect(checker.validateKeyPackage(keyPackage, NOW)).rejects.toMatchObject({ code: 'InvalidBinding' });
  });

  it('R-032 are refused when the device did not sign them', async () => {
    const publicKey = person('victim').signatureKey.publicKey;
    const thief = create({ ...ada, signatureKey: { signKey: ada.signatureKey.signKey, publicKey } });
    const { keyPackage } = await thief.generateKeyPackage(NOW);
    await expect(checker.validateKeyPackage(keyPackage, NOW)).rejects.toMatchObject({ code: 'InvalidKeyPackage' });
  });

  it('R-032 of an identity or a device of the group are duplicates, other ones are not', async () => {
    const [member] = await threeOf(person);
    const { group } = member;
    const packageOf = async (service = ada.service) => (await service.generateKeyPackage(NOW)).keyPackage;
    for (const twin of [ada, person('ada', 'another device')])
      await expect(checker.validateKeyPackage(await packageOf(twin.service), NOW, group)).rejects.toMatchObject({
        code: 'DuplicateIdentity',
      });
    const { random, identity } = person('thief');
    const thief = create({ identity, random, signatureKey: ada.signatureKey });
    await expect(checker.validateKeyPackage(await packageOf(thief), NOW, group)).rejects.toMatchObject({
      code: 'DuplicateKey',
    });
    expect(await checker.validateKeyPackage(await packageOf(thief), NOW)).toMatchObject({
      memberId: identity.memberId,
    });
    expect(await checker.validateKeyPackage(await packageOf(person('new').service), NOW, group)).toBeDefined();
  });
}
