/**
 * Key packages: making ours, and every check of H-10 on others'. §7.2
 * Must not know groups: who is a member already is the caller's question.
 */
import {
  makeKeyPackageRef,
  decodeKeyPackage,
  encodeKeyPackage,
  generateKeyPackageWithKey,
  verifyKeyPackage,
  type KeyPackage,
  type PrivateKeyPackage,
} from 'ts-mls/keyPackage.js';
import { verifyLeafNodeSignatureKeyPackage } from 'ts-mls/leafNode.js';
import type { CiphersuiteImpl } from 'ts-mls/crypto/ciphersuite.js';
import {
  KEY_PACKAGE_CATCH_UP_MS,
  KEY_PACKAGE_LIFETIME_MS,
  KEY_PACKAGE_NOT_BEFORE_MS,
  MAX_CLOCK_SKEW_MS,
  MAX_KEY_PACKAGE_BYTES,
} from '../../../shared/limits.ts';
import type { MemberId } from '../../../shared/model/ids.ts';
import { memberIdToBytes } from '../identity/index.ts';
import type { JoinerKeyPackage } from './contract.ts';
import type { MlsEnvironment } from './environment.ts';
import { MlsError } from './errors.ts';
import { decodeCompletely } from './framing.ts';
import { bindingExtension, boundMemberId, LEAF_CAPABILITIES } from './leaf.ts';
import { equalInConstantTime } from './provider/hash.ts';
import { KEY_BYTES } from './provider/keys.ts';
import { CIPHER_SUITE } from './provider/provider.ts';

const STATE_VERSION = 1;

/**
 * When a lifetime counts. `announced`: it must be valid now. `committed`: others approved it earlier, perhaps days ago when
 * this commit is caught up, and clocks differ; all members must judge alike, so the ends are generous.
 */
export type LifetimeRule = 'announced' | 'committed';

/** A key package and its secrets, valid from an hour ago for 84 days. §7.1 */
export async function generateOwn(
  environment: MlsEnvironment,
  now: number,
): Promise<{ publicPackage: KeyPackage; privatePackage: PrivateKeyPackage }> {
  const { identity, signatureKey, suite } = environment;
  return generateKeyPackageWithKey(
    { credentialType: 'basic', identity: memberIdToBytes(identity.memberId) },
    LEAF_CAPABILITIES,
    { notBefore: seconds(now - KEY_PACKAGE_NOT_BEFORE_MS), notAfter: seconds(now + KEY_PACKAGE_LIFETIME_MS) },
    [],
    signatureKey,
    suite,
    [bindingExtension(identity, signatureKey.publicKey)],
  );
}

export async function generateJoinerKeyPackage(environment: MlsEnvironment, now: number): Promise<JoinerKeyPackage> {
  const { publicPackage, privatePackage } = await generateOwn(environment, now);
  return {
    keyPackage: encodeKeyPackage(publicPackage),
    reference: await makeKeyPackageRef(publicPackage, environment.suite.hash),
    privateState: Uint8Array.of(STATE_VERSION, ...privatePackage.initPrivateKey, ...privatePackage.hpkePrivateKey),
  };
}

/** The secrets of a key package of ours. Throws MlsError DamagedState. */
export function privateKeysOf(environment: MlsEnvironment, { privateState }: JoinerKeyPackage): PrivateKeyPackage {
  if (privateState[0] !== STATE_VERSION || privateState.length !== 1 + 2 * KEY_BYTES)
    throw new MlsError('DamagedState', 'key package');
  return {
    initPrivateKey: privateState.slice(1, 1 + KEY_BYTES),
    hpkePrivateKey: privateState.slice(1 + KEY_BYTES),
    signaturePrivateKey: environment.signatureKey.signKey,
  };
}

/** Throws MlsError TooLarge or Malformed; also for an encoding that is not canonical, so that bytes and reference agree. */
export function decodeKeyPackageBytes(bytes: Uint8Array): KeyPackage {
  if (bytes.length > MAX_KEY_PACKAGE_BYTES) throw new MlsError('TooLarge', 'key package');
  const keyPackage = decodeCompletely(decodeKeyPackage, bytes);
  if (!equalInConstantTime(encodeKeyPackage(keyPackage), bytes)) throw new MlsError('Malformed', 'key package');
  return keyPackage;
}

/** Everything that can be judged of a key package alone. Returns whose it is. Throws MlsError. H-10 */
export async function checkKeyPackage(
  keyPackage: KeyPackage,
  suite: CiphersuiteImpl,
  now: number,
  rule: LifetimeRule,
): Promise<MemberId> {
  // MLS 1.0 is the only version that the decoder knows.
  if (keyPackage.cipherSuite !== CIPHER_SUITE) throw new MlsError('UnsupportedKeyPackage', 'suite');
  if (encodeKeyPackage(keyPackage).length > MAX_KEY_PACKAGE_BYTES) throw new MlsError('TooLarge', 'key package');
  checkLifetime(keyPackage, now, rule);
  const { leafNode, initKey } = keyPackage;
  if (initKey.length !== KEY_BYTES || leafNode.hpkePublicKey.length !== KEY_BYTES)
    throw new MlsError('InvalidKeyPackage', 'key length');
  if (equalInConstantTime(initKey, leafNode.hpkePublicKey)) throw new MlsError('InvalidKeyPackage', 'equal keys');
  const memberId = boundMemberId(leafNode);
  const valid =
    (await verifyKeyPackage(keyPackage, suite.signature)) &&
    (await verifyLeafNodeSignatureKeyPackage(leafNode, suite.signature));
  if (!valid) throw new MlsError('InvalidKeyPackage', 'signature');
  return memberId;
}

function checkLifetime({ leafNode }: KeyPackage, now: number, rule: LifetimeRule): void {
  const { notBefore, notAfter } = leafNode.lifetime;
  const early = rule === 'announced' ? 0 : MAX_CLOCK_SKEW_MS;
  const late = rule === 'announced' ? 0 : KEY_PACKAGE_CATCH_UP_MS;
  const tooLong =
    notAfter < notBefore || notAfter - notBefore > seconds(KEY_PACKAGE_LIFETIME_MS + KEY_PACKAGE_NOT_BEFORE_MS);
  if (tooLong || notBefore > seconds(now + early) || notAfter < seconds(now - late))
    throw new MlsError('KeyPackageLifetime');
}

/** Start of the lifetime; `checkKeyPackage` keeps it near the present, so it is a safe number. */
export function notBeforeSeconds({ leafNode }: KeyPackage): number {
  return Number(leafNode.lifetime.notBefore);
}

function seconds(milliseconds: number): bigint {
  return BigInt(Math.max(0, Math.floor(milliseconds / 1000)));
}
