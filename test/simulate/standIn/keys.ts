/**
 * What stands in for cryptography: keyed hashes, and key pairs whose private half this file looks up.
 *
 * Whoever verifies a signature or seals to a public key asks the maps below for the private key. Nothing outside the stand-in
 * sees them, so the powers in a simulation are those that MLS gives: only who holds a key signs with it and opens what is
 * sealed to it. The maps hold nothing that a private state does not hold too; they never decide between two outcomes of one run.
 */
import { createCipheriv, createDecipheriv, hash } from 'node:crypto';
import { decodeDeviceSignatureKey, MlsError, type DeviceSignatureKey } from '../../../main/protocol/mls/index.ts';
import type { Random } from '../../../main/protocol/random.ts';
import { equalBytes, nameOf } from './bytes.ts';

export const SECRET_BYTES = 32;
export const TAG_BYTES = 16;
const KEY_BYTES = 16;
const NONCE_BYTES = 12;

const deviceKeys = new Map<string, Uint8Array>();
const encryptionKeys = new Map<string, Uint8Array>();

/** Empties the maps: call it between two simulation runs. Services and groups of before are useless afterwards. */
export function forgetStandInKeys(): void {
  deviceKeys.clear();
  encryptionKeys.clear();
}

let scratch = Buffer.allocUnsafe(16 * 1024);

/**
 * SHA-256 of a label and parts, each with its length in front: two different lists never give the same bytes, and none is the
 * beginning of another, so a secret as first part makes it a keyed hash.
 */
export function digest(label: string, ...parts: readonly Part[]): Uint8Array {
  return hash('sha256', encoded(label, parts), 'buffer');
}

/** `count` secrets of 32 bytes out of one, by index; none tells anything of another. A key stream is one call for all. */
export function expanded(label: string, count: number, ...parts: readonly Part[]): (index: number) => Uint8Array {
  const root = digest(label, ...parts);
  const stream = createCipheriv('aes-128-ctr', root.subarray(0, KEY_BYTES), root.subarray(KEY_BYTES));
  const bytes = stream.update(new Uint8Array(count * SECRET_BYTES));
  return (index) => bytes.subarray(index * SECRET_BYTES, (index + 1) * SECRET_BYTES);
}

type Part = Uint8Array | number | bigint;

/** A view that is good until the next call. */
function encoded(label: string, parts: readonly Part[]): Uint8Array {
  let needed = 1 + label.length;
  for (const part of parts) needed += typeof part === 'object' ? 4 + part.length : 8;
  if (needed > scratch.length) scratch = Buffer.allocUnsafe(2 * needed);
  scratch[0] = label.length;
  let offset = 1 + scratch.write(label, 1, 'latin1');
  for (const part of parts) {
    if (typeof part === 'object') {
      offset = scratch.writeUInt32BE(part.length, offset);
      scratch.set(part, offset);
      offset += part.length;
    } else if (typeof part === 'bigint') offset = scratch.writeBigUInt64BE(part, offset);
    else offset = scratch.writeUInt32BE(part, scratch.writeUInt32BE(0, offset));
  }
  return scratch.subarray(0, offset);
}

/** Lets others verify what `key` signs. A public key that does not belong to its seed stays unknown: nothing by it verifies. */
export function registerDevice({ signKey, publicKey }: DeviceSignatureKey): void {
  const name = nameOf(publicKey);
  const known = deviceKeys.get(name);
  if (known !== undefined && equalBytes(known, signKey)) return;
  if (equalBytes(decodeDeviceSignatureKey(signKey).publicKey, publicKey)) deviceKeys.set(name, new Uint8Array(signKey));
}

/** 32 bytes that only the holder of the device key can make. */
export function sign(label: string, { signKey }: DeviceSignatureKey, ...content: readonly Part[]): Uint8Array {
  return digest(label, signKey, ...content);
}

export function isSigned(
  label: string,
  publicKeyName: string,
  signature: Uint8Array,
  ...content: readonly Part[]
): boolean {
  const signKey = deviceKeys.get(publicKeyName);
  return signKey !== undefined && equalBytes(digest(label, signKey, ...content), signature);
}

export interface EncryptionKey {
  readonly privateKey: Uint8Array;
  readonly publicKey: Uint8Array;
}

export function generateEncryptionKey(random: Random): EncryptionKey {
  return encryptionKeyOf(random(SECRET_BYTES));
}

/** The pair of a private key that was stored; others can seal to it from now on. */
export function encryptionKeyOf(privateKey: Uint8Array): EncryptionKey {
  const publicKey = digest('public key', privateKey);
  encryptionKeys.set(nameOf(publicKey), privateKey);
  return { privateKey, publicKey };
}

/** Hides a secret from all but the holder of a private key. `fresh` is sent along; a key that nobody holds seals for nobody. */
export function sealTo(
  publicKeyName: string,
  publicKey: Uint8Array,
  fresh: Uint8Array,
  context: Uint8Array,
  secret: Uint8Array,
): Uint8Array {
  const privateKey = encryptionKeys.get(publicKeyName) ?? digest('nobody', publicKey);
  return masked(digest('seal', privateKey, fresh, context), secret);
}

/** What was sealed; something else for a wrong key or altered bytes, which whoever uses the secret finds out. */
export function openSealed(
  privateKey: Uint8Array,
  fresh: Uint8Array,
  context: Uint8Array,
  sealed: Uint8Array,
): Uint8Array {
  return masked(digest('seal', privateKey, fresh, context), sealed);
}

/** Exclusive or, as long as `bytes`; the mask is at least that long. */
export function masked(mask: Uint8Array, bytes: Uint8Array): Uint8Array {
  return bytes.map((byte, index) => byte ^ (mask[index] ?? 0));
}

/** Authenticated encryption under a 32-byte secret that is used for one message. */
export function encryptBytes(secret: Uint8Array, bound: Uint8Array, plaintext: Uint8Array): Uint8Array {
  const cipher = createCipheriv('aes-128-gcm', keyOf(secret), nonceOf(secret));
  cipher.setAAD(bound);
  const body = cipher.update(plaintext);
  cipher.final();
  const out = new Uint8Array(body.length + TAG_BYTES);
  out.set(body);
  out.set(cipher.getAuthTag(), body.length);
  return out;
}

/** Throws MlsError Tampered for a wrong key or altered bytes. */
export function decryptBytes(secret: Uint8Array, bound: Uint8Array, ciphertext: Uint8Array): Uint8Array {
  if (ciphertext.length < TAG_BYTES) throw new MlsError('Tampered', 'ciphertext');
  const decipher = createDecipheriv('aes-128-gcm', keyOf(secret), nonceOf(secret), { authTagLength: TAG_BYTES });
  decipher.setAAD(bound);
  decipher.setAuthTag(ciphertext.subarray(-TAG_BYTES));
  const plaintext = decipher.update(ciphertext.subarray(0, -TAG_BYTES));
  try {
    decipher.final();
  } catch {
    throw new MlsError('Tampered', 'ciphertext'); // The only thing that can fail here is the tag.
  }
  return plaintext;
}

function keyOf(secret: Uint8Array): Uint8Array {
  return secret.subarray(0, KEY_BYTES);
}

function nonceOf(secret: Uint8Array): Uint8Array {
  return secret.subarray(KEY_BYTES, KEY_BYTES + NONCE_BYTES);
}
