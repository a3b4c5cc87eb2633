/** The MlsService suite: groups begin and people join. Registered by mls-service.ts. §7.3, H-33, W-34 */
import { expect, it } from 'vitest';
import { MlsError, type JoinerKeyPackage } from '../../main/protocol/mls/index.ts';
import type { ConversationId } from '../../shared/model/ids.ts';
import {
  at,
  commit,
  CONVERSATION,
  expectAgreement,
  groupOf,
  letIn,
  NOW,
  text,
  type Member,
  type Person,
} from '../main/protocol/mls/support.ts';
import {
  additionOf,
  flipped,
  offer,
  removalOf,
  threeOf,
  type CreateMlsService,
  type MakePerson,
} from './mls-service-world.ts';

export function joiningCompliance(create: CreateMlsService, person: MakePerson): void {
  const joinAs = (joiner: Person, welcome: Uint8Array, keyPackage: JoinerKeyPackage, more: object = {}) =>
    joiner.service.join({ conversationId: CONVERSATION, welcome, keyPackage, now: NOW, ...more });

  const joined = async (joiner: Person, welcome: Uint8Array, keyPackage: JoinerKeyPackage): Promise<Member> => {
    const result = await joinAs(joiner, welcome, keyPackage);
    if (result.kind !== 'joined') throw new Error('not joined');
    return { ...joiner, group: result.group };
  };

  /** Ada and Bob invite Dan. */
  const invitation = async () => {
    const members = await groupOf([person('ada'), person('bob')]);
    const dan = person('dan');
    const keyPackage = await dan.service.generateKeyPackage(NOW);
    const after = await commit(members, 0, [{ kind: 'add', keyPackage: keyPackage.keyPackage }]);
    return { dan, keyPackage, welcome: after.candidate.welcome ?? new Uint8Array(), after: after.members };
  };

  it('R-020 a group begins with its creator alone, at epoch 0', async () => {
    const ada = person('ada');
    const group = await ada.service.createGroup(CONVERSATION, NOW);
    expect(group).toMatchObject({ conversationId: CONVERSATION, epoch: 0n });
    expect(ada.service.members(group)).toEqual([
      { leafIndex: 0, memberId: ada.identity.memberId, signatureKey: ada.signatureKey.publicKey },
    ]);
    expect(ada.service.nextPruneAt(group)).toBeUndefined();
  });

  it.each([2, 3, 4, 5, 9])('a group of %i agrees after one commit let all in', async (count) => {
    await expectAgreement(await groupOf(Array.from({ length: count }, (_, index) => person(`person ${index}`))));
  });

  it('everybody may let in, also who came last', async () => {
    let members = await groupOf([person('ada')]);
    for (const name of ['bob', 'cyd', 'dan', 'eve'])
      ({ members } = await letIn(members, members.length - 1, [person(name)]));
    expect(at(members, 0).group.epoch).toBe(4n);
    await expectAgreement(members);
  });

  it('a Welcome is signed by the committer, and there is none without an addition', async () => {
    const { dan, keyPackage, welcome, after } = await invitation();
    expect(await joinAs(dan, welcome, keyPackage, { inviter: at(after, 1).identity.memberId })).toMatchObject({
      kind: 'joined',
      welcomeSigner: at(after, 0).identity.memberId,
      group: { conversationId: CONVERSATION, epoch: 2n },
    });
    const [ada, , cyd] = await threeOf(person);
    expect((await offer(ada, [removalOf(cyd)])).candidate.welcome).toBeUndefined();
  });

  it('R-021 a Welcome for others, or what is none, is not for us', async () => {
    const { dan, keyPackage, welcome, after } = await invitation();
    const unused = await dan.service.generateKeyPackage(NOW);
    expect(await joinAs(dan, welcome, unused)).toEqual({ kind: 'notForUs' });
    const chat = await at(after, 0).service.encrypt(at(after, 0).group, text('chat'));
    for (const bytes of [
      new Uint8Array(),
      text('garbage'),
      keyPackage.keyPackage,
      chat.ciphertext,
      welcome.subarray(0, -1),
      new Uint8Array([...welcome, 0]),
      new Uint8Array(300 * 1024),
    ])
      expect(await joinAs(dan, bytes, keyPackage)).toEqual({ kind: 'notForUs' });
    await expectAgreement([...after, await joined(dan, welcome, keyPackage)]);
  });

  it('R-030 a Welcome with any byte altered leads nowhere, and the genuine one works afterwards', async () => {
    const { dan, keyPackage, welcome, after } = await invitation();
    let refused = 0;
    for (let index = 0; index < welcome.length; index++) {
      const result = await joinAs(dan, flipped(welcome, index), keyPackage).catch((error: unknown) => error);
      if (result instanceof MlsError) refused += 1;
      else expect(result, `byte ${index}`).toEqual({ kind: 'notForUs' });
    }
    expect(refused).toBeGreaterThan(100);
    await expectAgreement([...after, await joined(dan, welcome, keyPackage)]);
  });

  it('R-031 a Welcome into another conversation is refused and the key package stays usable', async () => {
    const { dan, keyPackage, welcome } = await invitation();
    await expect(
      joinAs(dan, welcome, keyPackage, { conversationId: 'zzzzzzzzzzzzzzzzzzzzzzzzzz' as ConversationId }),
    ).rejects.toMatchObject({ code: 'WelcomeRefused' });
    expect(await joinAs(dan, welcome, keyPackage)).toMatchObject({ kind: 'joined' });
  });

  it('a Welcome into a group without the inviter of the link is refused and the key package stays usable (H-33)', async () => {
    const { dan, keyPackage, welcome } = await invitation();
    await expect(
      joinAs(dan, welcome, keyPackage, { inviter: person('nobody').identity.memberId }),
    ).rejects.toMatchObject({ code: 'WelcomeRefused' });
    expect(await joinAs(dan, welcome, keyPackage, { inviter: person('bob').identity.memberId })).toMatchObject({
      kind: 'joined',
    });
  });

  it('R-022 R-023 a second commit leaves who joined before untouched, and its addressee joins', async () => {
    const { dan, keyPackage, welcome, after } = await invitation();
    const first = await joined(dan, welcome, keyPackage);
    const parts = first.service.encodeParts(first.group);
    const eve = person('eve');
    const evesPackage = await eve.service.generateKeyPackage(NOW);
    const { members, candidate } = await commit([...after, first], 2, [
      { kind: 'add', keyPackage: evesPackage.keyPackage },
    ]);
    const second = candidate.welcome ?? new Uint8Array();
    expect(await joinAs(dan, second, keyPackage)).toEqual({ kind: 'notForUs' });
    expect(first.service.encodeParts(first.group)).toEqual(parts);
    await expectAgreement([...members, await joined(eve, second, evesPackage)]);
  });

  it('the secrets of a key package must be undamaged, and be those of this key package', async () => {
    const { dan, keyPackage, welcome } = await invitation();
    const { privateState } = keyPackage;
    for (const damaged of [new Uint8Array(), privateState.subarray(1), privateState.with(0, 9)])
      await expect(joinAs(dan, welcome, { ...keyPackage, privateState: damaged })).rejects.toMatchObject({
        code: 'DamagedState',
      });
    const other = await dan.service.generateKeyPackage(NOW);
    await expect(joinAs(dan, welcome, { ...keyPackage, privateState: other.privateState })).rejects.toMatchObject({
      name: 'MlsError',
    });
    expect(await joinAs(dan, welcome, keyPackage)).toMatchObject({ kind: 'joined' });
  });

  it('who founds a group under a borrowed name lets nobody in', async () => {
    const ada = person('ada');
    const { memberId } = person('victim').identity;
    const liar = create({ ...ada, identity: { ...ada.identity, memberId } });
    const group = await liar.createGroup(CONVERSATION, NOW);
    await expect(liar.createCandidate(group, [await additionOf(person('dan'))], NOW)).rejects.toMatchObject({
      code: 'InvalidBinding',
    });
  });

  it('fifty people at once come in by one commit', async () => {
    const crowd = Array.from({ length: 50 }, (_, index) => person(`crowd ${index}`));
    const { members } = await letIn(await groupOf([person('ada')]), 0, crowd);
    expect(at(members, 50).service.members(at(members, 50).group)).toHaveLength(51);
    await expectAgreement([at(members, 0), at(members, 25), at(members, 50)]);
  });
}
