/**
 * Welcomes of the branch that we want to leave (H-28). A file of its own, since both what judges candidates and what takes welcomes
 * need it; must not know how either does.
 */
import type { MemberId } from '../../../shared/model/ids.ts';
import type { Draft } from './draft.ts';
import { epochOf } from './roster.ts';
import { isGoingOver } from './standing.ts';

/** Members of a branch that others leave, too, may be let in there again and again meanwhile. */
const MAX_REFUSED = 16;

/**
 * A commit of our own branch lets us in again. When it is this branch that we want to leave, its welcome would only keep us here.
 */
export function refuseWelcomeOf(draft: Draft, committer: MemberId): void {
  const { rejoin } = draft.state;
  if (rejoin === undefined || !isGoingOver(draft)) return;
  const refused = [...(rejoin.refused ?? []), { committer, epoch: epochOf(draft.state) + 1 }].slice(-MAX_REFUSED);
  draft.state.rejoin = { ...rejoin, refused };
}
