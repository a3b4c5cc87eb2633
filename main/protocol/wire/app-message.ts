/**
 * Encoding of AppMessage, everything that travels on the app_msg subtopic (§5.5, §6.1), with its limits (§18.5).
 * Knows nothing about encryption: the caller says what was decrypted and what was in the clear.
 */
import {
  MAX_CANDIDATE_BYTES,
  MAX_CONVERSATION_ID_BYTES,
  MAX_DISPLAY_NAME_LENGTH,
  MAX_HASH_BYTES,
  MAX_INVITE_SECRET_BYTES,
  MAX_MESSAGE_TEXT_BYTES,
  MAX_PACKET_BYTES,
  MAX_PROPOSAL_PAYLOAD_BYTES,
  MAX_WIRE_MESSAGE_ID_LENGTH,
  MAX_WIRE_SENDER_LENGTH,
} from '../../../shared/limits.ts';
import { atMostBytes, atMostCharacters, atMostTextBytes, identityBytes, identityList } from './checks.ts';
import { messageCodec } from './codec.ts';
import { checkCommitCandidate } from './commit-candidate.ts';
import { checkProposal, checkVote } from './consensus-objects.ts';
import { checkConversationSync } from './conversation-sync.ts';
import { AppMessageSchema } from './generated/de_mls/messages/v1/messages_pb.js';
import type { AppMessage, ConversationMessage } from './generated/de_mls/messages/v1/messages_pb.js';
import { checkUpdateRequest } from './update-request.ts';

/** Tag of AppMessage.commit_candidate: field 8, length-delimited. */
const COMMIT_CANDIDATE_TAG = 0x42;
/** Tag and length in front of a candidate that fills its limit. */
const CANDIDATE_ENVELOPE_BYTES = 8;

/** A candidate has its own, larger limit; it is recognised before decoding by its tag. §18.5 */
function maxAppMessageBytes(bytes: Uint8Array): number {
  return bytes[0] === COMMIT_CANDIDATE_TAG ? MAX_CANDIDATE_BYTES + CANDIDATE_ENVELOPE_BYTES : MAX_PACKET_BYTES;
}

function checkConversationMessage(message: ConversationMessage): void {
  atMostBytes('message', message.message, MAX_MESSAGE_TEXT_BYTES);
  atMostCharacters('sender', message.sender, MAX_WIRE_SENDER_LENGTH);
  atMostTextBytes('conversation_name', message.conversationName, MAX_CONVERSATION_ID_BYTES);
  atMostCharacters('message_id', message.messageId, MAX_WIRE_MESSAGE_ID_LENGTH);
  atMostCharacters('reply_to', message.replyTo, MAX_WIRE_MESSAGE_ID_LENGTH);
}

function checkAppMessage(message: AppMessage): void {
  const { payload } = message;
  switch (payload.case) {
    case 'conversationMessage':
      return checkConversationMessage(payload.value);
    case 'banRequest':
      identityBytes('user_to_ban', payload.value.userToBan);
      return atMostTextBytes('conversation_name', payload.value.conversationName, MAX_CONVERSATION_ID_BYTES);
    case 'proposal':
      return checkProposal(payload.value);
    case 'vote':
      return checkVote(payload.value);
    case 'votePayload':
      atMostTextBytes('conversation_id', payload.value.conversationId, MAX_CONVERSATION_ID_BYTES);
      return atMostBytes('payload', payload.value.payload, MAX_PROPOSAL_PAYLOAD_BYTES);
    case 'userVote':
      return atMostTextBytes('conversation_name', payload.value.conversationName, MAX_CONVERSATION_ID_BYTES);
    case 'proposalAdded':
      atMostTextBytes('conversation_id', payload.value.conversationId, MAX_CONVERSATION_ID_BYTES);
      if (payload.value.request) checkUpdateRequest(payload.value.request);
      return;
    case 'commitCandidate':
      return checkCommitCandidate(payload.value);
    case 'conversationSync':
      return checkConversationSync(payload.value);
    case 'memberWelcome':
      return identityList('joiner_identities', payload.value.joinerIdentities);
    case 'membershipChange':
      atMostTextBytes('conversation_id', payload.value.conversationId, MAX_CONVERSATION_ID_BYTES);
      return identityBytes('member', payload.value.member);
    case 'syncRequest':
      return atMostBytes('nonce', payload.value.nonce, MAX_HASH_BYTES);
    case 'epochBeacon':
      atMostBytes('authenticator', payload.value.authenticator, MAX_HASH_BYTES);
      return atMostBytes('commit_hash', payload.value.commitHash, MAX_HASH_BYTES);
    case 'inviteReset':
      return atMostBytes('secret', payload.value.secret, MAX_INVITE_SECRET_BYTES);
    case 'memberNotice':
      return atMostCharacters('display_name', payload.value.displayName, MAX_DISPLAY_NAME_LENGTH);
    case undefined:
      return;
  }
}

const codec = messageCodec(AppMessageSchema, maxAppMessageBytes, checkAppMessage);

export const encodeAppMessage = codec.encode;
export const decodeAppMessage = codec.decode;
