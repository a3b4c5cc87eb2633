/**
 * The last commits that we applied, kept as they travelled so that a member that missed one can have it from us (H-28), and with
 * what tells two branches apart. Knows nothing of when they are sent again.
 */
import { createHash } from 'node:crypto';
import { APPLIED_COMMITS_KEPT } from '../../../shared/limits.ts';
import type { MemberId } from '../../../shared/model/ids.ts';
import type { RoundCandidate } from '../freeze/round.ts';
import { encodeProposal, type DecisionCertificate } from '../wire/index.ts';
import type { Draft } from './draft.ts';
import { epochOf } from './roster.ts';
import type { AppliedCommit, ApprovedEntry } from './state.ts';

const AUTHENTICATOR_BYTES = 16;

interface Applying {
  readonly candidate: RoundCandidate;
  /** The decisions behind it, and the proofs of who might commit. */
  readonly entries: readonly ApprovedEntry[];
  readonly mandates: readonly DecisionCertificate[];
  /** The members before it. */
  readonly roster: readonly MemberId[];
  /** Hashes of the candidates that it was better than. */
  readonly outranks: readonly string[];
}

/** Candidates that rank behind a commit, and of which we remember so. */
const MAX_OUTRANKED = 64;

/** Remembers the commit that led to the present epoch. */
export function rememberApplied(
  draft: Draft,
  { candidate, entries, mandates, roster, outranks }: Applying,
): AppliedCommit {
  const { hash, committer, proposals, commit } = candidate;
  const certificates = [
    ...mandates.flatMap(({ proposal }) => (proposal === undefined ? [] : [encodeProposal(proposal)])),
    ...entries.flatMap(({ certificate }) => certificate ?? []),
  ];
  const applied: AppliedCommit = {
    epoch: epochOf(draft.state),
    hash,
    committer,
    proposals,
    commit,
    certificates,
    authenticator: authenticatorOf(draft),
    roster,
    outranks: outranks.slice(-MAX_OUTRANKED),
  };
  const others = draft.state.applied.filter(({ epoch }) => epoch < applied.epoch);
  draft.state.applied = [...others, applied].slice(-APPLIED_COMMITS_KEPT);
  return applied;
}

/** Another candidate for the epoch of a commit of ours turned out to rank behind it. */
export function noteOutranked(draft: Draft, epoch: number, hash: string): void {
  draft.state.applied = draft.state.applied.map((applied) =>
    applied.epoch === epoch && !applied.outranks.includes(hash)
      ? { ...applied, outranks: [...applied.outranks, hash].slice(-MAX_OUTRANKED) }
      : applied,
  );
}

/** The commit that led to this epoch. */
export const appliedAt = (draft: Draft, epoch: number): AppliedCommit | undefined =>
  draft.state.applied.find((applied) => applied.epoch === epoch);

/** First half of the hash of the MLS epoch authenticator: equal for all who are in the same state. §6.3 */
export function authenticatorOf(draft: Draft, group = draft.state.group): Uint8Array {
  const authenticator = draft.context.mls.epochAuthenticator(group);
  return new Uint8Array(createHash('sha256').update(authenticator).digest().subarray(0, AUTHENTICATOR_BYTES));
}
