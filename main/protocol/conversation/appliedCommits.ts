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
}

/** Remembers the commit that led to the present epoch. */
export function rememberApplied(draft: Draft, { candidate, entries, mandates, roster }: Applying): AppliedCommit {
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
  };
  const others = draft.state.applied.filter(({ epoch }) => epoch < applied.epoch);
  draft.state.applied = [...others, applied].slice(-APPLIED_COMMITS_KEPT);
  return applied;
}

/** The commit that led to this epoch. */
export const appliedAt = (draft: Draft, epoch: number): AppliedCommit | undefined =>
  draft.state.applied.find((applied) => applied.epoch === epoch);

/** First half of the hash of the MLS epoch authenticator: equal for all who are in the same state. §6.3 */
export function authenticatorOf(draft: Draft): Uint8Array {
  const authenticator = draft.context.mls.epochAuthenticator(draft.state.group);
  return new Uint8Array(createHash('sha256').update(authenticator).digest().subarray(0, AUTHENTICATOR_BYTES));
}
