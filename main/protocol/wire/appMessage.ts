/**
 * Encoding of AppMessage, everything that travels on the app_msg subtopic (§5.5, §6.1), with its limits (§18.5).
 * Knows nothing about encryption: the caller says what was decrypted and what was in the clear.
 */
import type { MessageInitShape } from '@bufbuild/protobuf';
import {
  MAX_CANDIDATE_BYTES,
  MAX_CONVERSATION_ID_BYTES,
  MAX_DISPLAY_NAME_LENGTH,
  MAX_HASH_BYTES,
  MAX_INVITE_SECRET_BYTES,
  MAX_MESSAGE_TEXT_BYTES,
  MAX_PACKET_BYTES,
  MAX_PROPOSAL_PAYLOAD_BYTES,
  MAX_SIGNATURE_BYTES,
  MAX_WIRE_MESSAGE_ID_LENGTH,
  MAX_WIRE_SENDER_LENGTH,
  RUN_BYTES,
} from '../../../shared/limits.ts';
import { checkAcknowledgements } from './acknowledgements.ts';
import { atMostBytes, atMostCharacters, atMostTextBytes, identityBytes, identityList } from './checks.ts';
import { messageCodec } from './codec.ts';
import { checkCertificates, checkCommitCandidate } from './commitCandidate.ts';
import { checkProposal, checkVote } from './consensusObjects.ts';
import { checkConversationSync } from './conversationSync.ts';
import { WireError } from './errors.ts';
import { AppMessageSchema } from './generated/de_mls/messages/v1/messages_pb.js';
import type { AppMessage, ConversationMessage } from './generated/de_mls/messages/v1/messages_pb.js';
import { checkUpdateRequest } from './updateRequest.ts';

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
  atMostBytes('run', message.run, RUN_BYTES);
  if (message.acknowledgements) checkAcknowledgements(message.acknowledgements);
}

function checkAppMessage(message: AppMessage, size: number): void {
  const { payload } = message;
  // Of several members of the oneof the last one wins, so the first tag alone does not make a candidate.
  if (size > MAX_PACKET_BYTES && payload.case !== 'commitCandidate') {
    throw new WireError('TooLarge', `AppMessage of ${size} bytes`, MAX_PACKET_BYTES);
  }
  switch (payload.case) {
    case 'conversationMessage':
      checkConversationMessage(payload.value);
      return;
    case 'banRequest':
      identityBytes('user_to_ban', payload.value.userToBan);
      atMostTextBytes('conversation_name', payload.value.conversationName, MAX_CONVERSATION_ID_BYTES);
      return;
    case 'proposal':
      checkProposal(payload.value);
      return;
    case 'vote':
      checkVote(payload.value);
      return;
    case 'votePayload':
      atMostTextBytes('conversation_id', payload.value.conversationId, MAX_CONVERSATION_ID_BYTES);
      atMostBytes('payload', payload.value.payload, MAX_PROPOSAL_PAYLOAD_BYTES);
      return;
    case 'userVote':
      atMostTextBytes('conversation_name', payload.value.conversationName, MAX_CONVERSATION_ID_BYTES);
      return;
    case 'proposalAdded':
      atMostTextBytes('conversation_id', payload.value.conversationId, MAX_CONVERSATION_ID_BYTES);
      if (payload.value.request) checkUpdateRequest(payload.value.request);
      return;
    case 'commitCandidate':
      checkCommitCandidate(payload.value);
      return;
    case 'decisionNotice':
      checkCertificates('certificates', payload.value.certificates);
      return;
    case 'conversationSync':
      checkConversationSync(payload.value);
      return;
    case 'memberWelcome':
      identityList('joiner_identities', payload.value.joinerIdentities);
      return;
    case 'membershipChange':
      atMostTextBytes('conversation_id', payload.value.conversationId, MAX_CONVERSATION_ID_BYTES);
      identityBytes('member', payload.value.member);
      return;
    case 'syncRequest':
      atMostBytes('nonce', payload.value.nonce, MAX_HASH_BYTES);
      return;
    case 'epochBeacon':
      atMostBytes('authenticator', payload.value.authenticator, MAX_HASH_BYTES);
      atMostBytes('commit_hash', payload.value.commitHash, MAX_HASH_BYTES);
      atMostBytes('journal_head', payload.value.journalHead, MAX_HASH_BYTES);
      atMostBytes('attestation', payload.value.attestation, MAX_SIGNATURE_BYTES);
      identityBytes('sender', payload.value.sender);
      atMostBytes('signature', payload.value.signature, MAX_SIGNATURE_BYTES);
      return;
    case 'inviteReset':
      atMostBytes('secret', payload.value.secret, MAX_INVITE_SECRET_BYTES);
      return;
    case 'acknowledgements':
      checkAcknowledgements(payload.value);
      return;
    case 'memberNotice':
      atMostCharacters('display_name', payload.value.displayName, MAX_DISPLAY_NAME_LENGTH);
      return;
    case undefined:
      return;
  }
}

/** What `encode` takes: plain values, defaults left out. */
export type AppMessageInit = MessageInitShape<typeof AppMessageSchema>;

const codec = messageCodec(AppMessageSchema, maxAppMessageBytes, checkAppMessage);

export const encodeAppMessage = codec.encode;
export const decodeAppMessage = codec.decode;
