/** AES-128-GCM on node:crypto: ciphertext with the 16-byte tag behind it, as MLS and HPKE want it. */
import { createCipheriv, createDecipheriv } from 'node:crypto';

/** An AEAD as HPKE and MLS use it. The suite fixes one; the test against OpenMLS, which speaks suite 3, brings another. */
export interface Aead {
  /** RFC 9180 section 7.3. */
  readonly hpkeId: number;
  readonly keyBytes: number;
  /** Ciphertext with the tag behind it. */
  seal(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Uint8Array;
  /** Throws when the tag does not fit. */
  open(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, sealed: Uint8Array): Uint8Array;
}

const ALGORITHM = 'aes-128-gcm';
const TAG_BYTES = 16;
export const AEAD_NONCE_BYTES = 12;

export const AES_128_GCM: Aead = { hpkeId: 0x0001, keyBytes: 16, seal, open };

function seal(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Uint8Array {
  const cipher = createCipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(aad);
  const sealed = new Uint8Array(plaintext.length + TAG_BYTES);
  sealed.set(cipher.update(plaintext));
  cipher.final();
  sealed.set(cipher.getAuthTag(), plaintext.length);
  return sealed;
}

function open(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, sealed: Uint8Array): Uint8Array {
  if (sealed.length < TAG_BYTES) throw new RangeError('ciphertext length');
  const decipher = createDecipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(aad);
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  const plaintext = new Uint8Array(decipher.update(sealed.subarray(0, -TAG_BYTES)));
  decipher.final();
  return plaintext;
}
