/**
 * Encodings of the exchange between two nodes in which they bring each other up to date (architecture 5). Whether a proof proves
 * anything, and who may have what, is judged where frames arrive.
 */
import {
  MAX_CHANNEL_FRAME_BYTES,
  MAX_CONVERSATION_ID_BYTES,
  MAX_HASHES_IN_FRAME,
  MAX_HASH_BYTES,
  MAX_OFFERED_CONVERSATIONS,
  MAX_PACKETS_IN_FRAME,
  MAX_SIGNATURE_BYTES,
  MAX_TOPIC_PACKET_BYTES,
  PACKET_HASH_BYTES,
  PAST_EPOCHS_KEPT,
} from '../../../shared/limits.ts';
import { atMostBytes, atMostItems, atMostTextBytes, identityBytes } from './checks.ts';
import { messageCodec } from './codec.ts';
import { WireError } from './errors.ts';
import { CatchUpFrameSchema, type CatchUpFrame } from './generated/conclave/v1/catch_up_pb.js';

/** Exactly as long as the names of packets and branches are. */
function hashBytes(field: string, value: Uint8Array): void {
  if (value.length !== PACKET_HASH_BYTES) throw new WireError('InvalidField', `${field} of ${value.length} bytes`);
}

const conversation = (id: string): void => atMostTextBytes('conversation_id', id, MAX_CONVERSATION_ID_BYTES);

function check({ frame }: CatchUpFrame): void {
  switch (frame.case) {
    case 'greeting':
      atMostBytes('nonce', frame.value.nonce, MAX_HASH_BYTES);
      return;
    case 'proof':
      identityBytes('member_id', frame.value.memberId);
      atMostBytes('signature', frame.value.signature, MAX_SIGNATURE_BYTES);
      return;
    case 'offer':
      atMostItems('standings', frame.value.standings, MAX_OFFERED_CONVERSATIONS);
      for (const { conversationId, readable, awaited } of frame.value.standings) {
        conversation(conversationId);
        atMostBytes('awaited', awaited, MAX_HASH_BYTES);
        atMostItems('readable', readable, PAST_EPOCHS_KEPT + 1);
        for (const { branch, digest } of readable) {
          hashBytes('branch', branch);
          hashBytes('digest', digest);
        }
      }
      return;
    case 'hashes':
      conversation(frame.value.conversationId);
      atMostItems('hashes', frame.value.hashes, MAX_HASHES_IN_FRAME);
      for (const hash of frame.value.hashes) hashBytes('hashes', hash);
      return;
    case 'packets':
      conversation(frame.value.conversationId);
      atMostItems('payloads', frame.value.payloads, MAX_PACKETS_IN_FRAME);
      for (const payload of frame.value.payloads) atMostBytes('payloads', payload, MAX_TOPIC_PACKET_BYTES);
      return;
    case 'enough':
      conversation(frame.value.conversationId);
      return;
    case 'done':
      atMostItems('missing', frame.value.missing, MAX_OFFERED_CONVERSATIONS);
      for (const id of frame.value.missing) conversation(id);
      return;
    case 'listed':
    case undefined:
      return;
    default:
      frame satisfies never;
  }
}

const codec = messageCodec(CatchUpFrameSchema, MAX_CHANNEL_FRAME_BYTES, check);

export const encodeCatchUpFrame = codec.encode;
export const decodeCatchUpFrame = codec.decode;
