/** Ed25519 on node:crypto. Keys are raw: a 32-byte seed and a 32-byte point. */
import { sign, timingSafeEqual, verify, type KeyObject } from 'node:crypto';
import type { Random } from '../../random.ts';
import { KEY_BYTES, privateKeyObject, publicKeyObject, rawPublicKeyOf } from './keys.ts';

export interface SignatureKeyPair {
  readonly signKey: Uint8Array;
  readonly publicKey: Uint8Array;
}

/**
 * Half of what a signature costs is to read its key, and a device has one. Kept as long as the caller's own array, and only
 * while that array still holds the key.
 */
const signers = new WeakMap<Uint8Array, { readonly seed: Uint8Array; readonly key: KeyObject }>();

export function generateSignatureKeyPair(random: Random): SignatureKeyPair {
  return signatureKeyPairOf(random(KEY_BYTES));
}

/** Throws RangeError for a seed of another length. */
export function signatureKeyPairOf(seed: Uint8Array): SignatureKeyPair {
  const signKey = Uint8Array.from(seed);
  return { signKey, publicKey: rawPublicKeyOf(signerOf(signKey)) };
}

export function signEd25519(signKey: Uint8Array, message: Uint8Array): Uint8Array {
  return new Uint8Array(sign(null, message, signerOf(signKey)));
}

/** False also for keys and signatures that cannot be any. */
export function verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  try {
    return verify(null, message, publicKeyObject('Ed25519', publicKey), signature);
  } catch {
    return false; // Not a point of the curve: nobody can sign for it.
  }
}

function signerOf(signKey: Uint8Array): KeyObject {
  const known = signers.get(signKey);
  if (known !== undefined && known.seed.length === signKey.length && timingSafeEqual(known.seed, signKey))
    return known.key;
  const key = privateKeyObject('Ed25519', signKey);
  signers.set(signKey, { seed: Uint8Array.from(signKey), key });
  return key;
}
