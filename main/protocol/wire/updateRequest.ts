/**
 * Encoding of ConversationUpdateRequest, the payload that a vote decides on (§6.1), with its limits (§18.5).
 * Whether a request makes sense in a group (members, MACs, evidence) is judged elsewhere.
 */
import type { MessageInitShape } from '@bufbuild/protobuf';
import {
  MAX_DISPLAY_NAME_LENGTH,
  MAX_EVIDENCE_BYTES,
  MAX_KEY_PACKAGE_BYTES,
  MAX_MAC_BYTES,
  MAX_PROPOSAL_PAYLOAD_BYTES,
  MAX_REASON_LENGTH,
} from '../../../shared/limits.ts';
import { atMostBytes, atMostCharacters, identityBytes, identityList } from './checks.ts';
import { messageCodec } from './codec.ts';
import { ConversationUpdateRequestSchema } from './generated/de_mls/messages/v1/messages_pb.js';
import type { ConversationUpdateRequest } from './generated/de_mls/messages/v1/messages_pb.js';

/** Limits of one request. Throws WireError TooLarge. */
export function checkUpdateRequest(request: ConversationUpdateRequest): void {
  const { payload } = request;
  switch (payload.case) {
    case 'inviteMember':
      atMostBytes('key_package_bytes', payload.value.keyPackageBytes, MAX_KEY_PACKAGE_BYTES);
      identityBytes('identity', payload.value.identity);
      atMostBytes('invite_mac', payload.value.inviteMac, MAX_MAC_BYTES);
      atMostCharacters('display_name', payload.value.displayName, MAX_DISPLAY_NAME_LENGTH);
      return;
    case 'removeMember':
      identityBytes('identity', payload.value.identity);
      atMostCharacters('reason', payload.value.reason, MAX_REASON_LENGTH);
      return;
    case 'emergencyCriteria': {
      const { evidence } = payload.value;
      if (evidence === undefined) return;
      identityBytes('target_member_id', evidence.targetMemberId);
      identityBytes('creator_member_id', evidence.creatorMemberId);
      atMostBytes('evidence_payload', evidence.evidencePayload, MAX_EVIDENCE_BYTES);
      return;
    }
    case 'stewardElection':
      identityList('proposed_stewards', payload.value.proposedStewards);
      return;
    case undefined:
      return;
  }
}

/** What `encode` takes: plain values, defaults left out. */
export type ConversationUpdateRequestInit = MessageInitShape<typeof ConversationUpdateRequestSchema>;

const codec = messageCodec(ConversationUpdateRequestSchema, MAX_PROPOSAL_PAYLOAD_BYTES, checkUpdateRequest);

export const encodeConversationUpdateRequest = codec.encode;
export const decodeConversationUpdateRequest = codec.decode;
