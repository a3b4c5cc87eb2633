/** Key packages: what ours contain, and every reason to refuse another's. H-10 */
import { encodeKeyPackage, generateKeyPackageWithKey, signKeyPackage, type KeyPackage } from 'ts-mls/keyPackage.js';
import { signLeafNodeKeyPackage } from 'ts-mls/leafNode.js';
import { describe, expect, it } from 'vitest';
import {
  KEY_PACKAGE_LIFETIME_MS,
  KEY_PACKAGE_NOT_BEFORE_MS,
  MAX_KEY_PACKAGE_BYTES,
  MAX_MEMBERS,
} from '../../../../shared/limits.ts';
import { memberIdToBytes } from '../../../../main/protocol/identity/index.ts';
import { decodeKeyPackageBytes } from '../../../../main/protocol/mls/keyPackage.ts';
import { BINDING_EXTENSION, bindingExtension, LEAF_CAPABILITIES } from '../../../../main/protocol/mls/leaf.ts';
import { checkTree } from '../../../../main/protocol/mls/tree.ts';
import { suite } from './crafted.ts';
import { at, groupOf, NOW, person, text } from './support.ts';

const ada = person('ada');
const checker = person('checker').service;
type Leaf = KeyPackage['leafNode'];

/** A key package of Ada, altered before each signature is made: everything else about it is right. */
async function crafted(
  alterLeaf: (leaf: Leaf) => Leaf,
  alterPackage: (keyPackage: KeyPackage) => KeyPackage = (keyPackage) => keyPackage,
): Promise<Uint8Array> {
  const own = decodeKeyPackageBytes((await ada.service.generateKeyPackage(NOW)).keyPackage);
  const leafNode = await signLeafNodeKeyPackage(alterLeaf(own.leafNode), ada.signatureKey.signKey, suite.signature);
  return encodeKeyPackage(
    await signKeyPackage(alterPackage({ ...own, leafNode }), ada.signatureKey.signKey, suite.signature),
  );
}

const same = <Value>(value: Value): Value => value;
const withLifetime =
  (notBefore: number, notAfter: number) =>
  (leaf: Leaf): Leaf => ({ ...leaf, lifetime: { notBefore: BigInt(notBefore), notAfter: BigInt(notAfter) } });
const withBinding =
  (...data: readonly Uint8Array[]) =>
  (leaf: Leaf): Leaf => ({
    ...leaf,
    extensions: data.map((extensionData) => ({ extensionType: BINDING_EXTENSION, extensionData })),
  });

describe('our key packages', () => {
  it('are valid, single, and tell their owner, reference and key', async () => {
    const [first, second] = [await ada.service.generateKeyPackage(NOW), await ada.service.generateKeyPackage(NOW)];
    expect(first.reference).not.toEqual(second.reference);
    expect(await checker.keyPackageReferenceOf(first.keyPackage)).toEqual(first.reference);
    expect(await checker.validateKeyPackage(first.keyPackage, NOW)).toEqual({
      memberId: ada.identity.memberId,
      reference: first.reference,
      notBeforeSeconds: NOW / 1000 - 3600,
      signatureKey: ada.signatureKey.publicKey,
    });
    expect(await checker.validateKeyPackage(await crafted(same), NOW)).toMatchObject({
      memberId: ada.identity.memberId,
    });
  });

  it('are valid from an hour before for 84 days, and list the binding in their capabilities', async () => {
    const { leafNode } = decodeKeyPackageBytes((await ada.service.generateKeyPackage(NOW)).keyPackage);
    const [from, until] = [(NOW - KEY_PACKAGE_NOT_BEFORE_MS) / 1000, (NOW + KEY_PACKAGE_LIFETIME_MS) / 1000];
    expect(leafNode.lifetime).toEqual({ notBefore: BigInt(from), notAfter: BigInt(until) });
    expect(leafNode.capabilities.extensions).toEqual([BINDING_EXTENSION]);
    const { keyPackage } = await ada.service.generateKeyPackage(NOW);
    for (const time of [from * 1000, until * 1000])
      expect(await checker.validateKeyPackage(keyPackage, time)).toBeDefined();
    for (const time of [from * 1000 - 1, until * 1000 + 1000])
      await expect(checker.validateKeyPackage(keyPackage, time)).rejects.toMatchObject({ code: 'KeyPackageLifetime' });
  });
});

describe('R-032 a key package is refused', () => {
  const seconds = NOW / 1000;
  const refused = async (bytes: Uint8Array, code: string, group?: Parameters<typeof checker.validateKeyPackage>[2]) => {
    await expect(checker.validateKeyPackage(bytes, NOW, group)).rejects.toMatchObject({ name: 'MlsError', code });
  };

  it('W-10 without a binding, with two, with a short one, or with one for another key or by another wallet', async () => {
    const good = bindingExtension(ada.identity, ada.signatureKey.publicKey).extensionData;
    const otherKey = bindingExtension(ada.identity, person('bob').signatureKey.publicKey).extensionData;
    const otherWallet = bindingExtension(person('bob').identity, ada.signatureKey.publicKey).extensionData;
    for (const data of [
      [],
      [good, good],
      [good.subarray(1)],
      [otherKey],
      [otherWallet],
      [new Uint8Array(65)],
      [ada.identity.sign(ada.signatureKey.publicKey)],
    ])
      await refused(await crafted(withBinding(...data)), 'InvalidBinding');
    expect(await checker.validateKeyPackage(await crafted(withBinding(good)), NOW)).toBeDefined();
  });

  it('with a wrong suite or version, or capabilities that lack them or the binding', async () => {
    await refused(
      await crafted(same, (own) => ({ ...own, cipherSuite: 'MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519' })),
      'UnsupportedKeyPackage',
    );
    for (const lacking of [{ versions: [] }, { ciphersuites: [] }, { credentials: [] }])
      await refused(
        await crafted((leaf) => ({ ...leaf, capabilities: { ...LEAF_CAPABILITIES, ...lacking } })),
        'UnsupportedKeyPackage',
      );
    await refused(
      await crafted((leaf) => ({ ...leaf, capabilities: { ...LEAF_CAPABILITIES, extensions: [] } })),
      'InvalidBinding',
    );
  });

  it('that is expired, not yet valid, valid for too long, or backwards', async () => {
    const day = 86_400;
    for (const [from, until] of [
      [seconds - 10, seconds - 1],
      [seconds + 1, seconds + 10],
      [seconds - 3600, seconds + 84 * day + 1],
      [0, 2 ** 52],
      [seconds + 10, seconds - 10],
    ] as const)
      await refused(await crafted(withLifetime(from, until)), 'KeyPackageLifetime');
    expect(
      await checker.validateKeyPackage(await crafted(withLifetime(seconds - 3600, seconds + 84 * day)), NOW),
    ).toBeDefined();
  });

  it('with a credential that is not basic with 20 bytes', async () => {
    for (const credential of [
      { credentialType: 'basic' as const, identity: new Uint8Array(19) },
      { credentialType: 'basic' as const, identity: new Uint8Array(0) },
      { credentialType: 'x509' as const, certificates: [text('certificate')] },
    ])
      await refused(await crafted((leaf) => ({ ...leaf, credential })), 'InvalidCredential');
    await refused(
      await crafted((leaf) => ({
        ...leaf,
        credential: { credentialType: 'basic', identity: memberIdToBytes(person('bob').identity.memberId) },
      })),
      'InvalidBinding',
    );
  });

  it('with an altered byte anywhere, cut off, or followed by more', async () => {
    const { keyPackage } = await ada.service.generateKeyPackage(NOW);
    for (let index = 0; index < keyPackage.length; index += 3)
      await expect(
        checker.validateKeyPackage(keyPackage.with(index, (keyPackage[index] ?? 0) ^ 4), NOW),
        `byte ${index}`,
      ).rejects.toMatchObject({ name: 'MlsError' });
    await refused(keyPackage.subarray(0, -1), 'Malformed');
    await refused(new Uint8Array([...keyPackage, 0]), 'Malformed');
    await refused(new Uint8Array(), 'Malformed');
    await refused(new Uint8Array(MAX_KEY_PACKAGE_BYTES + 1), 'TooLarge');
  });

  it('in an encoding that is not the canonical one, so that bytes and reference agree', async () => {
    const { keyPackage } = await ada.service.generateKeyPackage(NOW);
    // The length 32 of the init key as two bytes: same contents, other bytes.
    expect(keyPackage[4]).toBe(32);
    await refused(new Uint8Array([...keyPackage.subarray(0, 4), 0x40, 32, ...keyPackage.subarray(5)]), 'Malformed');
  });

  it('with two equal keys or a signature of somebody else', async () => {
    await refused(await crafted(same, (own) => ({ ...own, initKey: own.leafNode.hpkePublicKey })), 'InvalidKeyPackage');
    const own = decodeKeyPackageBytes((await ada.service.generateKeyPackage(NOW)).keyPackage);
    await refused(encodeKeyPackage({ ...own, signature: own.leafNode.signature }), 'InvalidKeyPackage');
    await refused(
      encodeKeyPackage(await signKeyPackage(own, person('bob').signatureKey.signKey, suite.signature)),
      'InvalidKeyPackage',
    );
    const unsignedLeaf = { ...own, leafNode: { ...own.leafNode, signature: own.signature } };
    await refused(
      encodeKeyPackage(await signKeyPackage(unsignedLeaf, ada.signatureKey.signKey, suite.signature)),
      'InvalidKeyPackage',
    );
  });

  it('W-11 whose identity or signature key is in the group', async () => {
    const group = at(await groupOf([person('creator'), ada]), 0).group;
    await refused((await ada.service.generateKeyPackage(NOW)).keyPackage, 'DuplicateIdentity', group);
    await refused(
      (await person('ada', 'another device').service.generateKeyPackage(NOW)).keyPackage,
      'DuplicateIdentity',
      group,
    );
    const thief = person('thief').identity;
    const lifetime = { notBefore: BigInt(seconds), notAfter: BigInt(seconds + 60) };
    const credential = { credentialType: 'basic' as const, identity: memberIdToBytes(thief.memberId) };
    const stolen = await generateKeyPackageWithKey(
      credential,
      LEAF_CAPABILITIES,
      lifetime,
      [],
      ada.signatureKey,
      suite,
      [bindingExtension(thief, ada.signatureKey.publicKey)],
    );
    await refused(encodeKeyPackage(stolen.publicPackage), 'DuplicateKey', group);
    expect(
      await checker.validateKeyPackage((await person('new').service.generateKeyPackage(NOW)).keyPackage, NOW, group),
    ).toBeDefined();
  });
});

describe('a tree', () => {
  it('of more than 256 leaves is refused before its leaves are looked at', async () => {
    const check = (nodes: number): Promise<void> => checkTree(new Array<undefined>(nodes).fill(undefined), suite);
    await expect(check(2 * MAX_MEMBERS - 1)).resolves.toBeUndefined();
    await expect(check(4 * MAX_MEMBERS - 1)).rejects.toMatchObject({ code: 'GroupFull' });
  });
});
