/**
 * MLSMessage frames: size limit, complete decoding, and what kind of message it claims to be.
 * Must not know groups.
 */
import { decodeMlsMessage, encodeMlsMessage, type MLSMessage } from 'ts-mls/message.js';
import type { PrivateMessage } from 'ts-mls/privateMessage.js';
import type { Welcome } from 'ts-mls/welcome.js';
import { MAX_CANDIDATE_BYTES, MAX_PACKET_BYTES } from '../../../shared/limits.ts';
import type { MessageKind } from './contract.ts';
import { MlsError } from './errors.ts';

/** Throws MlsError TooLarge, or Malformed also for bytes behind the message. */
export function decodeFrame(bytes: Uint8Array, limit: number): MLSMessage {
  if (bytes.length > limit) throw new MlsError('TooLarge', 'message');
  return decodeCompletely(decodeMlsMessage, bytes);
}

export function encodePrivateFrame(privateMessage: PrivateMessage): Uint8Array {
  return encodeMlsMessage({ version: 'mls10', wireformat: 'mls_private_message', privateMessage });
}

export function encodeWelcomeFrame(welcome: Welcome): Uint8Array {
  return encodeMlsMessage({ version: 'mls10', wireformat: 'mls_welcome', welcome });
}

/** The claimed kind of a message; 'other' for all that is none. */
export function inspectKind(bytes: Uint8Array): MessageKind {
  try {
    const message = decodeFrame(bytes, MAX_CANDIDATE_BYTES);
    if (message.wireformat === 'mls_private_message') return message.privateMessage.contentType;
    return message.wireformat === 'mls_welcome' ? 'welcome' : 'other';
  } catch (error) {
    if (error instanceof MlsError) return 'other';
    throw error;
  }
}

/** See MlsService.welcomeReferences. */
export function welcomeReferences(bytes: Uint8Array): readonly Uint8Array[] {
  try {
    const message = decodeFrame(bytes, MAX_PACKET_BYTES);
    return message.wireformat === 'mls_welcome' ? message.welcome.secrets.map(({ newMember }) => newMember) : [];
  } catch (error) {
    if (error instanceof MlsError) return [];
    throw error;
  }
}

/** Runs a decoder of ts-mls over all of `bytes`. Throws MlsError Malformed. */
export function decodeCompletely<Value>(
  decode: (bytes: Uint8Array, offset: number) => [Value, number] | undefined,
  bytes: Uint8Array,
): Value {
  const decoded = decodeOrUndefined(decode, bytes);
  if (decoded === undefined || decoded[1] !== bytes.length) throw new MlsError('Malformed');
  return decoded[0];
}

function decodeOrUndefined<Value>(
  decode: (bytes: Uint8Array, offset: number) => [Value, number] | undefined,
  bytes: Uint8Array,
): [Value, number] | undefined {
  try {
    // A copy: decoded fields are views, and whoever handed the bytes in may reuse the buffer.
    return decode(Uint8Array.from(bytes), 0);
  } catch {
    return undefined; // The library throws for some malformed input and returns nothing for other.
  }
}
