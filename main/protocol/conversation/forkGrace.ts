/**
 * What is kept for a while after a commit: the state before it, so that a better commit for the same epoch can still be followed
 * (H-27), and so that word of it reaches those who are in that epoch. Erased when the time is over. Knows no ranking.
 */
import { FORK_GRACE_MIN_MS } from '../../../shared/limits.ts';
import { savedState, type Draft } from './draft.ts';
import { epochOf, members } from './roster.ts';
import type { RoundCandidate } from '../freeze/round.ts';
import { emptyVolatile, type ForkGrace } from './state.ts';

/** The grace of a commit that is about to be applied; undefined when there is nobody to differ from. */
export function graceFor(draft: Draft, { hash, committer, proposals }: RoundCandidate): ForkGrace | undefined {
  if (members(draft).length < 2) return undefined;
  const { freezeMs } = draft.state.rules.settings;
  return {
    epoch: epochOf(draft.state),
    until: draft.now + Math.max(freezeMs, FORK_GRACE_MIN_MS),
    applied: { hash, committer, proposals: proposals.length },
    before: stripped(draft),
  };
}

/** Without what a rollback takes from the present anyway, and without what is only of use to the past itself. */
function stripped(draft: Draft): ForkGrace['before'] {
  const state = savedState(draft);
  const { round } = state;
  return {
    ...state,
    round: round === undefined ? undefined : { ...round, candidates: [] },
    parked: [],
    welcomes: [],
    stash: [],
    applied: [],
    attested: [],
    grace: undefined,
    volatile: emptyVolatile,
  };
}

export const graceEndsAt = (draft: Draft): number | undefined => draft.state.grace?.until;

/** The secrets of the epoch before are of no use any more. H-27 */
export function endGrace(draft: Draft): void {
  draft.state.grace = undefined;
}
