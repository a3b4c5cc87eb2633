/**
 * Raw 32-byte X25519 and Ed25519 keys as KeyObjects of node:crypto, public ones cached.
 * Private ones are not: a cache would outlive the key's erasure.
 */
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { MAX_CACHED_PUBLIC_KEYS } from '../../../../shared/limits.ts';

export type Curve = 'X25519' | 'Ed25519';

export const KEY_BYTES = 32;

/** DER before the raw key: PKCS8 and SubjectPublicKeyInfo of RFC 8410. */
const PRIVATE_PREFIX: Record<Curve, Uint8Array> = {
  X25519: Buffer.from('302e020100300506032b656e04220420', 'hex'),
  Ed25519: Buffer.from('302e020100300506032b657004220420', 'hex'),
};
const PUBLIC_PREFIX: Record<Curve, Uint8Array> = {
  X25519: Buffer.from('302a300506032b656e032100', 'hex'),
  Ed25519: Buffer.from('302a300506032b6570032100', 'hex'),
};

const publicKeys = new Map<string, KeyObject>();

/** Throws RangeError for another length. */
export function privateKeyObject(curve: Curve, raw: Uint8Array): KeyObject {
  const der = withPrefix(PRIVATE_PREFIX[curve], raw);
  try {
    return createPrivateKey({ key: Buffer.from(der.buffer), format: 'der', type: 'pkcs8' });
  } finally {
    der.fill(0);
  }
}

/** Throws RangeError for another length. */
export function publicKeyObject(curve: Curve, raw: Uint8Array): KeyObject {
  const name = `${curve}${Buffer.from(raw.buffer, raw.byteOffset, raw.length).toString('base64')}`;
  const known = publicKeys.get(name);
  if (known !== undefined) return known;
  const key = createPublicKey({
    key: Buffer.from(withPrefix(PUBLIC_PREFIX[curve], raw).buffer),
    format: 'der',
    type: 'spki',
  });
  const oldest = publicKeys.size >= MAX_CACHED_PUBLIC_KEYS ? publicKeys.keys().next().value : undefined;
  if (oldest !== undefined) publicKeys.delete(oldest);
  publicKeys.set(name, key);
  return key;
}

/** The raw public key of a private one. */
export function rawPublicKeyOf(privateKey: KeyObject): Uint8Array {
  return Uint8Array.from(createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-KEY_BYTES));
}

function withPrefix(prefix: Uint8Array, raw: Uint8Array): Uint8Array<ArrayBuffer> {
  if (raw.length !== KEY_BYTES) throw new RangeError('key length');
  const der = new Uint8Array(prefix.length + KEY_BYTES);
  der.set(prefix);
  der.set(raw, prefix.length);
  return der;
}
