/**
 * PrivateMessages: signed by the sender's device, encrypted under a key of its ratchet, the sender hidden from outsiders.
 * Must not know what a content means.
 */
import { MlsError, type DeviceSignatureKey } from '../../../main/protocol/mls/index.ts';
import type { Random } from '../../../main/protocol/random.ts';
import { EMPTY, equalBytes, Reader, Writer } from './bytes.ts';
import { contentTypeNumber, encodeHeader, encodePrivateFrame, type ContentType, type PrivateFrame } from './frames.ts';
import { decryptBytes, digest, encryptBytes, isSigned, masked, SECRET_BYTES, sign } from './keys.ts';
import type { GroupContext } from './schedule.ts';

const CONTENT_LABEL = 'content';
const SENDER_BYTES = 12;
const SENDER_TAG_BYTES = 16;
const REUSE_GUARD_BYTES = 4;

/** Who sent a message, by which of its keys. */
export interface SenderData {
  readonly leafIndex: number;
  readonly generation: number;
  /** Makes two messages under one key, after a crash, two different ones. */
  readonly reuseGuard: Uint8Array;
}

export interface Opened {
  readonly content: Uint8Array;
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
  /** Of a commit. */
  readonly confirmationTag: Uint8Array;
}

/** What a signature covers: the content at this place of this state of the group. */
export function signedContent(
  context: GroupContext,
  contentType: ContentType,
  leafIndex: number,
  content: Uint8Array,
): Uint8Array {
  return digest('signed', context.hash, contentTypeNumber(contentType), leafIndex, content);
}

export function signContent(signatureKey: DeviceSignatureKey, signed: Uint8Array): Uint8Array {
  return sign(CONTENT_LABEL, signatureKey, signed);
}

export interface Protection {
  readonly context: GroupContext;
  readonly contentType: ContentType;
  readonly senderDataSecret: Uint8Array;
  readonly key: Uint8Array;
  readonly leafIndex: number;
  readonly generation: number;
  readonly content: Uint8Array;
  readonly signature: Uint8Array;
  readonly confirmationTag?: Uint8Array;
  /** Bytes of zeros behind the content. */
  readonly padding?: number;
}

/** MLSMessage(PrivateMessage). */
export function protect(random: Random, protection: Protection): Uint8Array {
  const { context, contentType, key, content, signature, confirmationTag = EMPTY, padding = 0 } = protection;
  const plaintext = new Uint8Array(4 + content.length + SECRET_BYTES + confirmationTag.length + padding);
  new DataView(plaintext.buffer).setUint32(0, content.length);
  plaintext.set(content, 4);
  plaintext.set(signature, 4 + content.length);
  plaintext.set(confirmationTag, 4 + content.length + SECRET_BYTES);
  const reuseGuard = random(REUSE_GUARD_BYTES);
  const header = encodeHeader(context.groupId, context.epoch, contentType);
  const ciphertext = encryptBytes(messageKey(key, reuseGuard), header, plaintext);
  const senderData = new Writer().uint32(protection.leafIndex).uint32(protection.generation).raw(reuseGuard).finish();
  return encodePrivateFrame(header, hideSender(protection.senderDataSecret, senderData, ciphertext), ciphertext);
}

/** The sender that a message of this epoch names. Throws MlsError Tampered. */
export function openSender(senderDataSecret: Uint8Array, { senderData, ciphertext }: PrivateFrame): SenderData {
  if (senderData.length !== SENDER_BYTES + SENDER_TAG_BYTES) throw new MlsError('Tampered', 'sender');
  const plain = masked(senderMask(senderDataSecret, ciphertext), senderData.subarray(0, SENDER_BYTES));
  if (!equalBytes(senderTag(senderDataSecret, plain, ciphertext), senderData.subarray(SENDER_BYTES)))
    throw new MlsError('Tampered', 'sender');
  const reader = new Reader(plain);
  return { leafIndex: reader.uint32(), generation: reader.uint32(), reuseGuard: reader.rest() };
}

/** Decrypts with the sender's key and verifies its signature. Throws MlsError Tampered. */
export function open(
  frame: PrivateFrame,
  context: GroupContext,
  { leafIndex, reuseGuard }: SenderData,
  key: Uint8Array,
  signatureName: string,
): Opened {
  const plaintext = decryptBytes(messageKey(key, reuseGuard), frame.header, frame.ciphertext);
  const reader = new Reader(plaintext);
  const content = reader.raw(reader.uint32());
  const signature = reader.raw(SECRET_BYTES);
  const confirmationTag = frame.contentType === 'commit' ? reader.raw(SECRET_BYTES) : EMPTY;
  if (reader.rest().some((byte) => byte !== 0)) throw new MlsError('Malformed', 'padding');
  const signed = signedContent(context, frame.contentType, leafIndex, content);
  if (!isSigned(CONTENT_LABEL, signatureName, signature, signed)) throw new MlsError('Tampered', 'signature');
  return { content, signed, signature, confirmationTag };
}

function messageKey(key: Uint8Array, reuseGuard: Uint8Array): Uint8Array {
  return digest('message key', key, reuseGuard);
}

function hideSender(secret: Uint8Array, senderData: Uint8Array, ciphertext: Uint8Array): Uint8Array {
  const hidden = masked(senderMask(secret, ciphertext), senderData);
  return new Writer()
    .raw(hidden)
    .raw(senderTag(secret, senderData, ciphertext))
    .finish();
}

function senderMask(secret: Uint8Array, ciphertext: Uint8Array): Uint8Array {
  return digest('sender mask', secret, sampleOf(ciphertext));
}

function senderTag(secret: Uint8Array, senderData: Uint8Array, ciphertext: Uint8Array): Uint8Array {
  return digest('sender tag', secret, senderData, sampleOf(ciphertext)).subarray(0, SENDER_TAG_BYTES);
}

function sampleOf(ciphertext: Uint8Array): Uint8Array {
  return ciphertext.subarray(0, SECRET_BYTES);
}
