/** Key packages of the stand-in: making ours, and every check of H-10 on others'. Must not know groups. §7.2 */
import { MlsError, type JoinerKeyPackage } from '../../../main/protocol/mls/index.ts';
import {
  KEY_PACKAGE_CATCH_UP_MS,
  KEY_PACKAGE_LIFETIME_MS,
  KEY_PACKAGE_NOT_BEFORE_MS,
  MAX_CLOCK_SKEW_MS,
  MAX_KEY_PACKAGE_BYTES,
} from '../../../shared/limits.ts';
import type { MemberId } from '../../../shared/model/ids.ts';
import { EMPTY, equalBytes, Reader, Writer } from './bytes.ts';
import type { StandInEnvironment } from './group.ts';
import {
  digest,
  encryptionKeyOf,
  generateEncryptionKey,
  isSigned,
  SECRET_BYTES,
  sign,
  type EncryptionKey,
} from './keys.ts';
import { checkBinding, isLeafSigned, makeLeaf, readLeaf, type Leaf } from './leaf.ts';

const PACKAGE_LABEL = 'key package';
const MLS10 = 1;
const SUITE = 1;
const STATE_VERSION = 1;

export interface KeyPackage {
  readonly suite: number;
  readonly initKey: Uint8Array;
  readonly leaf: Leaf;
  readonly signature: Uint8Array;
  readonly bytes: Uint8Array;
  readonly reference: Uint8Array;
}

/** `announced`: valid now. `committed`: others approved it earlier, so the ends are generous. */
export type LifetimeRule = 'announced' | 'committed';

/** A leaf of our own, valid from an hour ago for 84 days, and its key. */
export function generateOwnLeaf(environment: StandInEnvironment, now: number): { leaf: Leaf; key: EncryptionKey } {
  const key = generateEncryptionKey(environment.random);
  const notBefore = seconds(now - KEY_PACKAGE_NOT_BEFORE_MS);
  const notAfter = seconds(now + KEY_PACKAGE_LIFETIME_MS);
  return { leaf: makeLeaf(environment, key.publicKey, { kind: 'keyPackage', notBefore, notAfter }), key };
}

export function generateKeyPackage(environment: StandInEnvironment, now: number): JoinerKeyPackage {
  const init = generateEncryptionKey(environment.random);
  const { leaf, key } = generateOwnLeaf(environment, now);
  const signed = encodeUnsigned(SUITE, init.publicKey, leaf);
  const signature = sign(PACKAGE_LABEL, environment.signatureKey, signed);
  const keyPackage = new Writer().raw(signed).raw(signature).finish();
  return {
    keyPackage,
    reference: referenceOf(keyPackage),
    privateState: new Writer().uint8(STATE_VERSION).raw(init.privateKey).raw(key.privateKey).finish(),
  };
}

/** The secrets of a key package of ours. Throws MlsError DamagedState. */
export function privateKeysOf({ privateState }: JoinerKeyPackage): { init: EncryptionKey; leaf: EncryptionKey } {
  if (privateState[0] !== STATE_VERSION || privateState.length !== 1 + 2 * SECRET_BYTES)
    throw new MlsError('DamagedState', 'key package');
  const secrets = new Uint8Array(privateState);
  return {
    init: encryptionKeyOf(secrets.subarray(1, 1 + SECRET_BYTES)),
    leaf: encryptionKeyOf(secrets.subarray(1 + SECRET_BYTES)),
  };
}

/** Throws MlsError TooLarge or Malformed. */
export function decodeKeyPackage(bytes: Uint8Array): KeyPackage {
  if (bytes.length > MAX_KEY_PACKAGE_BYTES) throw new MlsError('TooLarge', 'key package');
  const reader = new Reader(bytes);
  if (reader.uint16() !== MLS10) throw new MlsError('Malformed', 'version');
  const suite = reader.uint16();
  const initKey = reader.raw(SECRET_BYTES);
  const leaf = readLeaf(reader);
  const signature = reader.raw(SECRET_BYTES);
  reader.end();
  const own = reader.since(0);
  return { suite, initKey, leaf, signature, bytes: own, reference: referenceOf(own) };
}

/** Everything that can be judged of a key package alone. Returns whose it is. Throws MlsError. H-10 */
export function checkKeyPackage(keyPackage: KeyPackage, now: number, rule: LifetimeRule): MemberId {
  const { suite, initKey, leaf, signature, bytes } = keyPackage;
  if (suite !== SUITE) throw new MlsError('UnsupportedKeyPackage', 'suite');
  if (leaf.source.kind !== 'keyPackage') throw new MlsError('Malformed', 'source of leaf');
  checkLifetime(leaf.source, now, rule);
  if (equalBytes(initKey, leaf.encryptionKey)) throw new MlsError('InvalidKeyPackage', 'equal keys');
  checkBinding(leaf);
  const signed = bytes.subarray(0, -SECRET_BYTES);
  if (!isSigned(PACKAGE_LABEL, leaf.signatureName, signature, signed) || !isLeafSigned(leaf, NOWHERE))
    throw new MlsError('InvalidKeyPackage', 'signature');
  return leaf.memberId;
}

/** Start of the lifetime; `checkKeyPackage` keeps it near the present, so it is a safe number. */
export function notBeforeSeconds({ leaf }: KeyPackage): number {
  return leaf.source.kind === 'keyPackage' ? Number(leaf.source.notBefore) : 0;
}

/** A leaf of a key package stands nowhere yet. */
const NOWHERE = { groupId: EMPTY, leafIndex: 0 };

function checkLifetime(
  { notBefore, notAfter }: { readonly notBefore: bigint; readonly notAfter: bigint },
  now: number,
  rule: LifetimeRule,
): void {
  const early = rule === 'announced' ? 0 : MAX_CLOCK_SKEW_MS;
  const late = rule === 'announced' ? 0 : KEY_PACKAGE_CATCH_UP_MS;
  const tooLong =
    notAfter < notBefore || notAfter - notBefore > seconds(KEY_PACKAGE_LIFETIME_MS + KEY_PACKAGE_NOT_BEFORE_MS);
  if (tooLong || notBefore > seconds(now + early) || notAfter < seconds(now - late))
    throw new MlsError('KeyPackageLifetime');
}

function encodeUnsigned(suite: number, initKey: Uint8Array, leaf: Leaf): Uint8Array {
  return new Writer().uint16(MLS10).uint16(suite).raw(initKey).raw(leaf.bytes).finish();
}

function referenceOf(keyPackage: Uint8Array): Uint8Array {
  return new Uint8Array(digest('key package reference', keyPackage));
}

function seconds(milliseconds: number): bigint {
  return BigInt(Math.max(0, Math.floor(milliseconds / 1000)));
}
