/**
 * HPKE base mode with DHKEM(X25519, HKDF-SHA256), HKDF-SHA256 and an AEAD: RFC 9180, one message per context.
 * Must not know MLS; randomness is handed in.
 */
import { diffieHellman, type KeyObject } from 'node:crypto';
import type { Random } from '../../random.ts';
import { AEAD_NONCE_BYTES, type Aead } from './aead.ts';
import { HASH_BYTES, hkdfExpand, hkdfExtract } from './hash.ts';
import { KEY_BYTES, privateKeyObject, publicKeyObject, rawPublicKeyOf } from './keys.ts';

export interface HpkeKeyPair {
  /** Raw X25519 scalar, 32 bytes. */
  readonly privateKey: Uint8Array;
  /** Raw X25519 point, 32 bytes. */
  readonly publicKey: Uint8Array;
}

interface HpkeContext {
  readonly aead: Aead;
  readonly key: Uint8Array;
  readonly nonce: Uint8Array;
  readonly exporterSecret: Uint8Array;
}

const EMPTY = new Uint8Array(0);
const VERSION = ascii('HPKE-v1');
/** KEM 0x0020. RFC 9180 section 4.1 */
const KEM_SUITE = Uint8Array.of(...ascii('KEM'), 0x00, 0x20);
const MODE_BASE = 0;

/** DeriveKeyPair. RFC 9180 section 7.1.3 */
export function deriveHpkeKeyPair(inputKey: Uint8Array): HpkeKeyPair {
  const secret = labeledExtract(KEM_SUITE, EMPTY, 'dkp_prk', inputKey);
  const privateKey = labeledExpand(KEM_SUITE, secret, 'sk', EMPTY, KEY_BYTES);
  return { privateKey, publicKey: rawPublicKeyOf(privateKeyObject('X25519', privateKey)) };
}

export function generateHpkeKeyPair(random: Random): HpkeKeyPair {
  return deriveHpkeKeyPair(random(KEY_BYTES));
}

/** SetupBaseS. RFC 9180 section 5.1.1 */
export function senderContext(
  aead: Aead,
  recipient: Uint8Array,
  info: Uint8Array,
  random: Random,
): HpkeContext & { readonly enc: Uint8Array } {
  const ephemeral = generateHpkeKeyPair(random);
  const secret = exchange(privateKeyObject('X25519', ephemeral.privateKey), recipient);
  return { ...keySchedule(aead, kemSecret(secret, ephemeral.publicKey, recipient), info), enc: ephemeral.publicKey };
}

/** SetupBaseR. RFC 9180 section 5.1.1 */
export function recipientContext(aead: Aead, recipient: KeyObject, enc: Uint8Array, info: Uint8Array): HpkeContext {
  return keySchedule(aead, kemSecret(exchange(recipient, enc), enc, rawPublicKeyOf(recipient)), info);
}

export function hpkeSeal(
  aead: Aead,
  recipient: Uint8Array,
  info: Uint8Array,
  aad: Uint8Array,
  plaintext: Uint8Array,
  random: Random,
): { enc: Uint8Array; ct: Uint8Array } {
  const context = senderContext(aead, recipient, info, random);
  return { enc: context.enc, ct: aead.seal(context.key, context.nonce, aad, plaintext) };
}

/** Throws when the ciphertext was not made for this key, info and aad. */
export function hpkeOpen(
  aead: Aead,
  recipient: KeyObject,
  enc: Uint8Array,
  info: Uint8Array,
  aad: Uint8Array,
  ciphertext: Uint8Array,
): Uint8Array {
  const context = recipientContext(aead, recipient, enc, info);
  return aead.open(context.key, context.nonce, aad, ciphertext);
}

/** Context.Export. RFC 9180 section 5.3 */
export function hpkeExport(context: HpkeContext, exporterContext: Uint8Array, length: number): Uint8Array {
  return labeledExpand(hpkeSuite(context.aead), context.exporterSecret, 'sec', exporterContext, length);
}

function exchange(privateKey: KeyObject, publicKey: Uint8Array): Uint8Array {
  const shared = diffieHellman({ privateKey, publicKey: publicKeyObject('X25519', publicKey) });
  // RFC 9180 section 7.1.4: a point of small order gives zero. OR of all bytes, no early exit.
  if (shared.reduce((bits, byte) => bits | byte, 0) === 0) throw new RangeError('shared secret');
  return shared;
}

function kemSecret(shared: Uint8Array, enc: Uint8Array, recipient: Uint8Array): Uint8Array {
  const secret = labeledExtract(KEM_SUITE, EMPTY, 'eae_prk', shared);
  return labeledExpand(KEM_SUITE, secret, 'shared_secret', Buffer.concat([enc, recipient]), HASH_BYTES);
}

function keySchedule(aead: Aead, shared: Uint8Array, info: Uint8Array): HpkeContext {
  const suite = hpkeSuite(aead);
  const pskIdHash = labeledExtract(suite, EMPTY, 'psk_id_hash', EMPTY);
  const infoHash = labeledExtract(suite, EMPTY, 'info_hash', info);
  const context = Buffer.concat([Uint8Array.of(MODE_BASE), pskIdHash, infoHash]);
  const secret = labeledExtract(suite, shared, 'secret', EMPTY);
  return {
    aead,
    key: labeledExpand(suite, secret, 'key', context, aead.keyBytes),
    nonce: labeledExpand(suite, secret, 'base_nonce', context, AEAD_NONCE_BYTES),
    exporterSecret: labeledExpand(suite, secret, 'exp', context, HASH_BYTES),
  };
}

/** KEM 0x0020, KDF 0x0001. RFC 9180 section 5.1 */
function hpkeSuite(aead: Aead): Uint8Array {
  return Uint8Array.of(...ascii('HPKE'), 0x00, 0x20, 0x00, 0x01, aead.hpkeId >> 8, aead.hpkeId & 0xff);
}

function labeledExtract(suite: Uint8Array, salt: Uint8Array, label: string, inputKey: Uint8Array): Uint8Array {
  return hkdfExtract(salt, Buffer.concat([VERSION, suite, ascii(label), inputKey]));
}

function labeledExpand(
  suite: Uint8Array,
  key: Uint8Array,
  label: string,
  info: Uint8Array,
  length: number,
): Uint8Array {
  const lengthBytes = Uint8Array.of(length >> 8, length & 0xff);
  return hkdfExpand(key, Buffer.concat([lengthBytes, VERSION, suite, ascii(label), info]), length);
}

function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
