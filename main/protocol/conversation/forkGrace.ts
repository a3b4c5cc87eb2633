/**
 * What is kept for a while after a commit: the state before it, so that a better commit for the same epoch can still be followed
 * (H-27), and so that word of it reaches those who are in that epoch. Erased when the time is over. Knows no ranking.
 */
import { BEACON_DELAY_MS, BEACON_JITTER_MS, FORK_GRACE_MIN_MS } from '../../../shared/limits.ts';
import { appliedAt } from './appliedCommits.ts';
import { savedState, type Draft } from './draft.ts';
import { epochOf, members } from './roster.ts';
import { emptyVolatile, type ForkGrace } from './state.ts';

/** The grace of a commit that is about to be applied; undefined when there is nobody to differ from. */
export function graceFor(draft: Draft): ForkGrace | undefined {
  if (members(draft).length < 2) return undefined;
  // Before the sync we believed whoever let us in: there is no way back to that (H-17).
  if (draft.state.sync.awaiting !== undefined) return undefined;
  const epoch = epochOf(draft.state);
  const before = stripped(draft);
  const { grace } = draft.state;
  // A second commit for this epoch: the first was taken back. Only the beacon may still need the old epoch for longer.
  if (grace?.epoch === epoch) {
    const until = Math.max(grace.until, draft.now + BEACON_DELAY_MS + BEACON_JITTER_MS);
    return { ...grace, until, before, abandoned: appliedAt(draft, epoch + 1)?.hash };
  }
  const { freezeMs } = draft.state.rules.settings;
  const until = draft.now + Math.max(freezeMs, FORK_GRACE_MIN_MS);
  return { epoch, since: draft.now, until, abandoned: undefined, before };
}

/** Without what a rollback takes from the present anyway, and without what is only of use to the past itself. */
function stripped(draft: Draft): ForkGrace['before'] {
  const state = savedState(draft);
  const { round } = state;
  return {
    ...state,
    round: round === undefined ? undefined : { ...round, candidates: [] },
    own: [],
    heard: [],
    parked: [],
    welcomes: [],
    stash: [],
    applied: [],
    attested: [],
    grace: undefined,
    sent: [],
    rejoin: undefined,
    restored: undefined,
    volatile: emptyVolatile,
  };
}

export const graceEndsAt = (draft: Draft): number | undefined => draft.state.grace?.until;

/** The secrets of the epoch before are of no use any more. H-27 */
export function endGrace(draft: Draft): void {
  draft.state.grace = undefined;
  draft.state.sent = [];
}
