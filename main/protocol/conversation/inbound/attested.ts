/**
 * A commit for our epoch that members say they applied (H-28). Two thirds of them: the group decided, whether we know of the votes or
 * not. More than a third, and of no other as many: an honest one among them knows of a decision that we missed, by silence perhaps,
 * which nothing proves. It verified under MLS like any other; it is followed at once, and nobody is blamed for it.
 */
import type { RemoteRoundCandidate } from '../../freeze/round.ts';
import { isApplied, isAttested, isWidelyFollowed } from '../attestations.ts';
import { applyCandidate } from '../committing.ts';
import { count, type Draft } from '../draft.ts';
import { epochOf, members } from '../roster.ts';
import { transition } from '../transitions.ts';

export const groupApplied = (draft: Draft, hash: string): boolean =>
  isAttested(draft, epochOf(draft.state) + 1, hash, members(draft)) ||
  isWidelyFollowed(draft, epochOf(draft.state) + 1, hash, members(draft));

/** Whether a justified commit came when elsewhere its epoch was over: there is nothing to wait for. */
export const isOverElsewhere = (draft: Draft, hash: string): boolean =>
  draft.isLate && isApplied(draft, epochOf(draft.state) + 1, hash, members(draft));

/** False in the middle of a choice (a state from before a commit, H-27): there it is one candidate among others. */
export async function followGroup(draft: Draft, candidate: RemoteRoundCandidate): Promise<boolean> {
  if (draft.state.phase.phase === 'selection') return false;
  count(draft, 'AttestedCommit');
  transition(draft, 'groupApplied');
  return applyCandidate(draft, candidate, [candidate], undefined);
}
