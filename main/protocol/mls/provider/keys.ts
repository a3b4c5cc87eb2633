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

const publicKeys: Record<Curve, Map<string, KeyObject>> = { X25519: new Map(), Ed25519: new Map() };

/** Costs a multiplication on the curve: the runtime works out the public key. Throws RangeError for another length. */
export function privateKeyObject(curve: Curve, raw: Uint8Array): KeyObject {
  const der = withPrefix(PRIVATE_PREFIX[curve], raw);
  try {
    return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  } finally {
    der.fill(0);
  }
}

/** Throws RangeError for another length. */
export function publicKeyObject(curve: Curve, raw: Uint8Array): KeyObject {
  const known = publicKeys[curve];
  const name = Buffer.from(raw.buffer, raw.byteOffset, raw.length).toString('latin1');
  const cached = known.get(name);
  if (cached !== undefined) return cached;
  const key = createPublicKey({ key: withPrefix(PUBLIC_PREFIX[curve], raw), format: 'der', type: 'spki' });
  const oldest = known.size >= MAX_CACHED_PUBLIC_KEYS ? known.keys().next().value : undefined;
  if (oldest !== undefined) known.delete(oldest);
  known.set(name, key);
  return key;
}

/** The raw public key of a private one. */
export function rawPublicKeyOf(privateKey: KeyObject): Uint8Array {
  return new Uint8Array(createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-KEY_BYTES));
}

function withPrefix(prefix: Uint8Array, raw: Uint8Array): Buffer {
  if (raw.length !== KEY_BYTES) throw new RangeError('key length');
  const der = Buffer.alloc(prefix.length + KEY_BYTES);
  der.set(prefix);
  der.set(raw, prefix.length);
  return der;
}
