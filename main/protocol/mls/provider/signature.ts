/** Ed25519 on node:crypto. Keys are raw: a 32-byte seed and a 32-byte point. */
import { sign, verify } from 'node:crypto';
import type { Random } from '../../random.ts';
import { KEY_BYTES, privateKeyObject, publicKeyObject, rawPublicKeyOf } from './keys.ts';

export interface SignatureKeyPair {
  readonly signKey: Uint8Array;
  readonly publicKey: Uint8Array;
}

export function generateSignatureKeyPair(random: Random): SignatureKeyPair {
  return signatureKeyPairOf(random(KEY_BYTES));
}

/** Throws RangeError for a seed of another length. */
export function signatureKeyPairOf(seed: Uint8Array): SignatureKeyPair {
  const signKey = Uint8Array.from(seed);
  return { signKey, publicKey: rawPublicKeyOf(privateKeyObject('Ed25519', signKey)) };
}

export function signEd25519(signKey: Uint8Array, message: Uint8Array): Uint8Array {
  return Uint8Array.from(sign(null, message, privateKeyObject('Ed25519', signKey)));
}

/** False also for keys and signatures that cannot be any. */
export function verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  try {
    return verify(null, message, publicKeyObject('Ed25519', publicKey), signature);
  } catch {
    return false; // Not a point of the curve: nobody can sign for it.
  }
}
