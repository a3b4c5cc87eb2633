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
  /** The private key as the runtime wants it. */
  readonly key: KeyObject;
}

/** What the key schedule takes from suite and info: the same for all recipients of one text. RFC 9180 section 5.1 */
export interface HpkeInfo {
  readonly aead: Aead;
  readonly suite: Uint8Array;
  /** `key_schedule_context` of base mode. */
  readonly context: Uint8Array;
}

interface HpkeContext {
  readonly info: HpkeInfo;
  readonly secret: Uint8Array;
}

const EMPTY = new Uint8Array(0);
const VERSION = ascii('HPKE-v1');
/** KEM 0x0020. RFC 9180 section 4.1 */
const KEM_SUITE = Uint8Array.of(...ascii('KEM'), 0x00, 0x20);
const MODE_BASE = Uint8Array.of(0);

/** DeriveKeyPair. RFC 9180 section 7.1.3 */
export function deriveHpkeKeyPair(inputKey: Uint8Array): HpkeKeyPair {
  const secret = labeledExtract(KEM_SUITE, EMPTY, 'dkp_prk', inputKey);
  return keyPairOf(labeledExpand(KEM_SUITE, secret, 'sk', EMPTY, KEY_BYTES));
}

/** GenerateKeyPair: any 32 bytes are a private key of X25519. RFC 9180 section 7.1.2 */
export function generateHpkeKeyPair(random: Random): HpkeKeyPair {
  return keyPairOf(random(KEY_BYTES));
}

function keyPairOf(privateKey: Uint8Array): HpkeKeyPair {
  const key = privateKeyObject('X25519', privateKey);
  return { privateKey, publicKey: rawPublicKeyOf(key), key };
}

export function hpkeInfo(aead: Aead, info: Uint8Array): HpkeInfo {
  // KEM 0x0020, KDF 0x0001. RFC 9180 section 5.1
  const suite = Uint8Array.of(...ascii('HPKE'), 0x00, 0x20, 0x00, 0x01, aead.hpkeId >> 8, aead.hpkeId & 0xff);
  const pskIdHash = labeledExtract(suite, EMPTY, 'psk_id_hash', EMPTY);
  const infoHash = labeledExtract(suite, EMPTY, 'info_hash', info);
  return { aead, suite, context: Buffer.concat([MODE_BASE, pskIdHash, infoHash]) };
}

/** SetupBaseS. RFC 9180 section 5.1.1 */
export function senderContext(
  info: HpkeInfo,
  recipient: Uint8Array,
  random: Random,
): HpkeContext & { readonly enc: Uint8Array } {
  const ephemeral = generateHpkeKeyPair(random);
  const shared = kemSecret(exchange(ephemeral.key, recipient), ephemeral.publicKey, recipient);
  return { info, secret: labeledExtract(info.suite, shared, 'secret', EMPTY), enc: ephemeral.publicKey };
}

/** SetupBaseR. RFC 9180 section 5.1.1 */
export function recipientContext(info: HpkeInfo, recipient: KeyObject, enc: Uint8Array): HpkeContext {
  const shared = kemSecret(exchange(recipient, enc), enc, rawPublicKeyOf(recipient));
  return { info, secret: labeledExtract(info.suite, shared, 'secret', EMPTY) };
}

/** Context.Seal of a first message. Throws for a recipient that is no key. */
export function hpkeSeal(
  info: HpkeInfo,
  recipient: Uint8Array,
  aad: Uint8Array,
  plaintext: Uint8Array,
  random: Random,
): { enc: Uint8Array; ct: Uint8Array } {
  const context = senderContext(info, recipient, random);
  return { enc: context.enc, ct: info.aead.seal(keyOf(context), nonceOf(context), aad, plaintext) };
}

/** Context.Open of a first message. Throws when the ciphertext was not made for this key, info and aad. */
export function hpkeOpen(
  info: HpkeInfo,
  recipient: KeyObject,
  enc: Uint8Array,
  aad: Uint8Array,
  ciphertext: Uint8Array,
): Uint8Array {
  const context = recipientContext(info, recipient, enc);
  return info.aead.open(keyOf(context), nonceOf(context), aad, ciphertext);
}

/** Context.Export. RFC 9180 section 5.3 */
export function hpkeExport({ info, secret }: HpkeContext, exporterContext: Uint8Array, length: number): Uint8Array {
  const exporterSecret = labeledExpand(info.suite, secret, 'exp', info.context, HASH_BYTES);
  return labeledExpand(info.suite, exporterSecret, 'sec', exporterContext, length);
}

function keyOf({ info, secret }: HpkeContext): Uint8Array {
  return labeledExpand(info.suite, secret, 'key', info.context, info.aead.keyBytes);
}

function nonceOf({ info, secret }: HpkeContext): Uint8Array {
  return labeledExpand(info.suite, secret, 'base_nonce', info.context, AEAD_NONCE_BYTES);
}

function exchange(privateKey: KeyObject, publicKey: Uint8Array): Uint8Array {
  const shared = diffieHellman({ privateKey, publicKey: publicKeyObject('X25519', publicKey) });
  // RFC 9180 section 7.1.4: a point of small order gives zero. OR of all bytes, no early exit.
  let bits = 0;
  for (const byte of shared) bits |= byte;
  if (bits === 0) throw new RangeError('shared secret');
  return shared;
}

function kemSecret(shared: Uint8Array, enc: Uint8Array, recipient: Uint8Array): Uint8Array {
  const secret = labeledExtract(KEM_SUITE, EMPTY, 'eae_prk', shared);
  return labeledExpand(KEM_SUITE, secret, 'shared_secret', Buffer.concat([enc, recipient]), HASH_BYTES);
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
  return Buffer.from(text, 'latin1');
}
