/** Which candidate wins (§14.4). "Is it mine" is never a criterion; a claimed identity neither (H-7). */
import type { MemberId } from '../../../shared/model/ids.ts';
import { compareMemberIds } from '../identity/index.ts';

/** What the order looks at. */
export interface Ranked {
  readonly committer: MemberId;
  /** SHA-256 of the commit, hex. */
  readonly hash: string;
  readonly proposals: readonly unknown[];
}

/** Best first: more proposals, the epoch steward's, smaller identity, smaller hash. */
export function compareCandidates(a: Ranked, b: Ranked, epochSteward: MemberId | undefined): number {
  if (a.proposals.length !== b.proposals.length) return b.proposals.length - a.proposals.length;
  const tier = Number(b.committer === epochSteward) - Number(a.committer === epochSteward);
  if (tier !== 0) return tier;
  const identity = compareMemberIds(a.committer, b.committer);
  if (identity !== 0) return identity;
  return a.hash < b.hash ? -1 : a.hash > b.hash ? 1 : 0;
}

export function rankCandidates<Candidate extends Ranked>(
  candidates: readonly Candidate[],
  epochSteward: MemberId | undefined,
): readonly Candidate[] {
  return [...candidates].sort((a, b) => compareCandidates(a, b, epochSteward));
}

/**
 * Who has the steward's tier: of those that offer most, the first of the rotation. Who is eligible depends on approvals that not
 * everybody has seen; rotation and candidates are the same for all. So the best of any set is the best of every larger one
 * that it still leads: members that saw different candidates agree once each saw the other's.
 */
export function foremost(candidates: readonly Ranked[], rotation: readonly MemberId[]): MemberId | undefined {
  const most = Math.max(0, ...candidates.map(({ proposals }) => proposals.length));
  return rotation.find((memberId) =>
    candidates.some(({ committer, proposals }) => committer === memberId && proposals.length === most),
  );
}

/** Whether `candidate` wins over `applied` where both are known. H-27 */
export const ranksBefore = (candidate: Ranked, applied: Ranked, rotation: readonly MemberId[]): boolean =>
  compareCandidates(candidate, applied, foremost([candidate, applied], rotation)) < 0;
