/**
 * Welcomes of the branch that we want to leave (H-28). A file of its own, since both what judges candidates and what takes welcomes
 * need it; must not know how either does.
 */
import { REJOIN_AFTER_MS } from '../../../shared/limits.ts';
import type { MemberId } from '../../../shared/model/ids.ts';
import { isWidelyFollowed } from './attestations.ts';
import type { Draft } from './draft.ts';
import { epochOf, members } from './roster.ts';
import { isGoingOver } from './standing.ts';

/** Members of a branch that others leave, too, may be let in there again and again meanwhile. */
const MAX_REFUSED = 16;

/**
 * A commit of our own branch lets us in again. When it is this branch that we want to leave, its welcome would only keep us here.
 */
export function refuseWelcomeOf(draft: Draft, committer: MemberId, hash: string): void {
  const { rejoin } = draft.state;
  if (rejoin === undefined || !isGoingOver(draft)) return;
  const refused = [...(rejoin.refused ?? []), { committer, epoch: epochOf(draft.state) + 1, hash }].slice(-MAX_REFUSED);
  draft.state.rejoin = { ...rejoin, refused };
}

/**
 * Whether a welcome belongs to a commit of the branch that we want to leave; not one that so many followed that we need not leave. Once the
 * other branch had its time to let us in and did not, there is none: where everybody waits to be let in elsewhere nobody gets on.
 */
export function isOnBranchWeLeave(draft: Draft, signer: MemberId, epoch: number): boolean {
  if (!isGoingOver(draft) || isTooLong(draft)) return false;
  const refused = draft.state.rejoin?.refused ?? [];
  return refused.some(
    (other) =>
      other.committer === signer &&
      other.epoch === epoch &&
      !isWidelyFollowed(draft, epoch, other.hash, members(draft)),
  );
}

/** A vote by silence, and as long again as we waited before we asked. */
function isTooLong({ state, now }: Draft): boolean {
  const { rejoin, rules } = state;
  return rejoin?.since !== undefined && now > rejoin.since + rules.settings.consensusTimeoutMs + REJOIN_AFTER_MS;
}
