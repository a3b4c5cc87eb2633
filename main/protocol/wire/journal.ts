/**
 * Encoding of a group's journal: its records, and the export that holds a member's whole copy. Limits only; whether the
 * chain and the decisions hold is the journal folder's question.
 */
import {
  MAX_CANDIDATE_PROPOSALS,
  MAX_CONVERSATION_ID_BYTES,
  MAX_HASH_BYTES,
  MAX_JOURNAL_RECORD_BYTES,
  MAX_MEMBERS,
  MAX_PACKET_BYTES,
  MAX_SIGNATURE_BYTES,
} from '../../../shared/limits.ts';
import { atMostBytes, atMostItems, atMostTextBytes, identityBytes, identityList } from './checks.ts';
import { messageCodec } from './codec.ts';
import { checkProposal } from './consensusObjects.ts';
import { DecisionEvidenceSchema, JournalRecordSchema } from './generated/conclave/v1/journal_pb.js';
import type { DecisionEvidence, JournalEntry, JournalRecord } from './generated/conclave/v1/journal_pb.js';

function checkEntry(entry: JournalEntry): void {
  atMostTextBytes('conversation_id', entry.conversationId, MAX_CONVERSATION_ID_BYTES);
  atMostBytes('previous_head', entry.previousHead, MAX_HASH_BYTES);
  identityBytes('committer', entry.committer);
  atMostBytes('commit_hash', entry.commitHash, MAX_HASH_BYTES);
  atMostBytes('epoch_authenticator', entry.epochAuthenticator, MAX_HASH_BYTES);
  atMostItems('changes', entry.changes, MAX_CANDIDATE_PROPOSALS);
  for (const change of entry.changes) {
    identityBytes('member_id', change.memberId);
    atMostBytes('key_package_reference', change.keyPackageReference, MAX_HASH_BYTES);
  }
}

function checkEvidence({ proposal, electorate }: DecisionEvidence): void {
  if (proposal) checkProposal(proposal);
  identityList('electorate', electorate);
}

/** Limits of one record. Throws WireError TooLarge. */
function checkRecord({ record, evidence, attestations }: JournalRecord): void {
  if (record.case === 'entry') checkEntry(record.value);
  if (record.case === 'beginning') {
    atMostTextBytes('conversation_id', record.value.conversationId, MAX_CONVERSATION_ID_BYTES);
    atMostBytes('head', record.value.head, MAX_HASH_BYTES);
    identityList('members', record.value.members);
  }
  if (record.case === 'genesis') {
    atMostTextBytes('conversation_id', record.value.conversationId, MAX_CONVERSATION_ID_BYTES);
    identityBytes('creator', record.value.creator);
  }
  atMostItems('evidence', evidence, MAX_CANDIDATE_PROPOSALS);
  for (const decision of evidence) checkEvidence(decision);
  atMostItems('attestations', attestations, MAX_MEMBERS);
  for (const { member, signature } of attestations) {
    identityBytes('member', member);
    atMostBytes('signature', signature, MAX_SIGNATURE_BYTES);
  }
}

const evidenceCodec = messageCodec(DecisionEvidenceSchema, MAX_PACKET_BYTES, checkEvidence);
const recordCodec = messageCodec(JournalRecordSchema, MAX_JOURNAL_RECORD_BYTES, checkRecord);

export const encodeDecisionEvidence = evidenceCodec.encode;
export const decodeDecisionEvidence = evidenceCodec.decode;
export const encodeJournalRecord = recordCodec.encode;
export const decodeJournalRecord = recordCodec.decode;
