/**
 * Encoding of CommitCandidate (§6.1, §14) with its own size limit (§18.5), and the hash that names a commit.
 * Whether a candidate is authentic and wins is the freeze folder's question.
 */
import type { MessageInitShape } from '@bufbuild/protobuf';
import { createHash } from 'node:crypto';
import {
  MAX_CANDIDATE_BYTES,
  MAX_CANDIDATE_PROPOSALS,
  MAX_CONVERSATION_ID_BYTES,
  MAX_MEMBERS,
  MAX_SIGNATURE_BYTES,
} from '../../../shared/limits.ts';
import { atMostBytes, atMostItems, identityBytes } from './checks.ts';
import { messageCodec } from './codec.ts';
import { checkProposal } from './consensusObjects.ts';
import { CommitCandidateSchema } from './generated/de_mls/messages/v1/messages_pb.js';
import type { CommitCandidate, DecisionCertificate } from './generated/de_mls/messages/v1/messages_pb.js';

/** Limits of one candidate. Throws WireError TooLarge. */
export function checkCommitCandidate(candidate: CommitCandidate): void {
  atMostBytes('conversation_name', candidate.conversationName, MAX_CONVERSATION_ID_BYTES);
  atMostItems('mls_proposals', candidate.mlsProposals, MAX_CANDIDATE_PROPOSALS);
  identityBytes('steward_identity', candidate.stewardIdentity);
  checkCertificates('certificates', candidate.certificates);
  atMostItems('attestations', candidate.attestations, MAX_MEMBERS);
  for (const { member, signature } of candidate.attestations) {
    identityBytes('member', member);
    atMostBytes('signature', signature, MAX_SIGNATURE_BYTES);
  }
}

/** Limits of a list of certificates. Throws WireError TooLarge. */
export function checkCertificates(field: string, certificates: readonly DecisionCertificate[]): void {
  atMostItems(field, certificates, MAX_CANDIDATE_PROPOSALS);
  for (const { proposal } of certificates) if (proposal) checkProposal(proposal);
}

/** What `encode` takes: plain values, defaults left out. */
export type CommitCandidateInit = MessageInitShape<typeof CommitCandidateSchema>;

const codec = messageCodec(CommitCandidateSchema, MAX_CANDIDATE_BYTES, checkCommitCandidate);

export const encodeCommitCandidate = codec.encode;
export const decodeCommitCandidate = codec.decode;

/** SHA-256 of the commit message. §14.2 */
export function commitHash(commitMessage: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha256').update(commitMessage).digest());
}
