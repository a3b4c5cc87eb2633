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
