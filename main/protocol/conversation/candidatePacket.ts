/**
 * A commit as it travels (§14.2, H-26, H-28): in the clear, with as much of what justifies it as fits. What does not fit is left out
 * and never stops the commit: it helps those who missed a vote. Knows sizes, not where the parts come from.
 */
import { MAX_CANDIDATE_BYTES, MAX_CANDIDATE_PROPOSALS, MAX_MEMBERS } from '../../../shared/limits.ts';
import type { MemberId } from '../../../shared/model/ids.ts';
import { memberIdToBytes } from '../identity/index.ts';
import { decodeProposal, encodeAppMessage } from '../wire/index.ts';
import type { Draft } from './draft.ts';
import type { Attestation } from './state.ts';

/** Bytes around one attestation or certificate, and around the whole. */
const ITEM_BYTES = 96;
const ENVELOPE_BYTES = 1024;

export interface CandidateParts {
  readonly committer: MemberId;
  readonly proposals: readonly Uint8Array[];
  readonly commit: Uint8Array;
  readonly attestations: readonly Pick<Attestation, 'memberId' | 'signature'>[];
  /** Encoded proposals with their votes, the most important first. */
  readonly certificates: readonly Uint8Array[];
}

export function encodeCandidate(draft: Draft, parts: CandidateParts): Uint8Array {
  const { committer, proposals, commit } = parts;
  let bytes = ENVELOPE_BYTES + proposals.reduce((total, proposal) => total + proposal.length, commit.length);
  const fits = (size: number): boolean => {
    if (bytes + size > MAX_CANDIDATE_BYTES) return false;
    bytes += size;
    return true;
  };
  const attestations = parts.attestations
    .slice(0, MAX_MEMBERS)
    .filter(() => fits(ITEM_BYTES))
    .map(({ memberId, signature }) => ({ member: memberIdToBytes(memberId), signature }));
  const certificates = parts.certificates
    .slice(0, MAX_CANDIDATE_PROPOSALS)
    .filter((certificate) => fits(certificate.length + ITEM_BYTES))
    .map((certificate) => ({ proposal: decodeProposal(certificate) }));
  return encodeAppMessage({
    payload: {
      case: 'commitCandidate',
      value: {
        conversationName: new TextEncoder().encode(draft.state.conversationId),
        mlsProposals: [...proposals],
        commitMessage: commit,
        stewardIdentity: memberIdToBytes(committer),
        certificates,
        attestations,
      },
    },
  });
}
