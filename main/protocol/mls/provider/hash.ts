/**
 * SHA-256, HMAC and HKDF on node:crypto, and the same in the shape ts-mls asks for.
 * Synchronous inside: thousands of tiny hashes make a commit, and a WebCrypto call costs more than a hash.
 */
import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import type { Hash } from 'ts-mls/crypto/hash.js';
import type { Kdf } from 'ts-mls/crypto/kdf.js';

export const HASH_BYTES = 32;

export function sha256(data: Uint8Array): Uint8Array {
  return new Uint8Array(hash('sha256', data, 'buffer'));
}

export function hmacSha256(key: Uint8Array, ...data: readonly Uint8Array[]): Uint8Array {
  const mac = createHmac('sha256', key);
  for (const part of data) mac.update(part);
  return new Uint8Array(mac.digest());
}

/** HKDF-Extract, RFC 5869. An empty salt is HMAC's empty key, which equals the RFC's string of zeros. */
export function hkdfExtract(salt: Uint8Array, inputKey: Uint8Array): Uint8Array {
  return hmacSha256(salt, inputKey);
}

/** HKDF-Expand, RFC 5869. `length` at most 255 hashes. */
export function hkdfExpand(key: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  if (!Number.isInteger(length) || length < 0 || length > 255 * HASH_BYTES) throw new RangeError('HKDF length');
  // Nearly all of MLS: one block.
  if (length === HASH_BYTES) return hmacSha256(key, info, FIRST_BLOCK);
  if (length < HASH_BYTES) return hmacSha256(key, info, FIRST_BLOCK).slice(0, length);
  const output = new Uint8Array(length);
  let block: Uint8Array = new Uint8Array(0);
  for (let counter = 1, offset = 0; offset < length; counter++, offset += HASH_BYTES) {
    block = hmacSha256(key, block, info, Uint8Array.of(counter));
    output.set(block.subarray(0, length - offset), offset);
  }
  return output;
}

const FIRST_BLOCK = Uint8Array.of(1);

/** Equality whose duration says nothing about the contents. */
export function equalInConstantTime(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

export const nodeHash: Hash = {
  digest: async (data) => sha256(data),
  mac: async (key, data) => hmacSha256(key, data),
  verifyMac: async (key, mac, data) => equalInConstantTime(hmacSha256(key, data), mac),
};

export const nodeKdf: Kdf = {
  extract: async (salt, inputKey) => hkdfExtract(salt, inputKey),
  expand: async (key, info, length) => hkdfExpand(key, info, length),
  size: HASH_BYTES,
};
