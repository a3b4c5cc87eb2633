/**
 * Encoding of ConversationSync, with which a joiner adopts a group's rules and list (§6.1, §17), and its limits.
 * Whether its values may be adopted (H-15) is judged where they are adopted.
 */
import type { MessageInitShape } from '@bufbuild/protobuf';
import {
  MAX_CANDIDATE_PROPOSALS,
  MAX_CONVERSATION_NAME_LENGTH,
  MAX_DISPLAY_NAME_LENGTH,
  MAX_HASH_BYTES,
  MAX_INVITE_SECRET_BYTES,
  MAX_MEMBERS,
  MAX_PACKET_BYTES,
  MAX_SESSIONS,
  MAX_USED_KEY_PACKAGES,
  MAX_VOTED_OUT,
} from '../../../shared/limits.ts';
import { atMostBytes, atMostCharacters, atMostItems, identityBytes, identityList } from './checks.ts';
import { messageCodec } from './codec.ts';
import { checkCertificates } from './commitCandidate.ts';
import { ConversationSyncSchema } from './generated/de_mls/messages/v1/messages_pb.js';
import type { ConversationSync } from './generated/de_mls/messages/v1/messages_pb.js';

/** Limits of one sync. Throws WireError TooLarge. */
export function checkConversationSync(sync: ConversationSync): void {
  identityList('steward_members', sync.stewardMembers);
  identityList('full_steward_members', sync.fullStewardMembers);
  identityList('voted_out', sync.votedOut, MAX_VOTED_OUT);
  identityList('unsettled_members', sync.unsettledMembers);
  atMostItems('electorates', sync.electorates, MAX_SESSIONS);
  atMostItems('used_key_packages', sync.usedKeyPackages, MAX_USED_KEY_PACKAGES);
  for (const reference of sync.usedKeyPackages) atMostBytes('used_key_packages', reference, MAX_HASH_BYTES);
  for (const electorate of sync.electorates) identityList('members', electorate.members);
  atMostItems('admissions', sync.admissions, MAX_CANDIDATE_PROPOSALS);
  for (const admission of sync.admissions) {
    identityList('member_id', [admission.memberId, admission.proposer]);
    identityList(
      'votes',
      admission.votes.map((vote) => vote.memberId),
    );
  }
  atMostItems('peer_scores', sync.peerScores, MAX_MEMBERS);
  for (const score of sync.peerScores) identityBytes('member_id', score.memberId);
  atMostItems('member_names', sync.memberNames, MAX_MEMBERS);
  for (const name of sync.memberNames) {
    identityBytes('member_id', name.memberId);
    atMostCharacters('display_name', name.displayName, MAX_DISPLAY_NAME_LENGTH);
  }
  atMostCharacters('conversation_name', sync.conversationName, MAX_CONVERSATION_NAME_LENGTH);
  atMostBytes('journal_head', sync.journalHead, MAX_HASH_BYTES);
  checkCertificates('decisions', sync.decisions);
  if (sync.inviteState) atMostBytes('secret', sync.inviteState.secret, MAX_INVITE_SECRET_BYTES);
}

/** What `encode` takes: plain values, defaults left out. */
export type ConversationSyncInit = MessageInitShape<typeof ConversationSyncSchema>;

const codec = messageCodec(ConversationSyncSchema, MAX_PACKET_BYTES, checkConversationSync);

export const encodeConversationSync = codec.encode;
export const decodeConversationSync = codec.decode;
