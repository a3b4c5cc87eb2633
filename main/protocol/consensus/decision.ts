/** The strict decision rule (§10.7, H-2): explicit votes before the timeout, silence only at it. Numbers only. */
import { requiredVotes } from './config.ts';

export interface Tally {
  readonly expectedVoters: number;
  readonly yes: number;
  readonly no: number;
  readonly threshold: number;
  /** What silence counts as, and the side that wins a tie of all. */
  readonly livenessCriteriaYes: boolean;
}

/** The outcome, or undefined while it is open. At the timeout there always is one. H-2 */
export function decide(tally: Tally, isTimeout: boolean): boolean | undefined {
  const early = decideByVotes(tally);
  if (early !== undefined || !isTimeout) return early;
  if (tally.expectedVoters <= 2) return false;
  const required = requiredVotes(tally.expectedVoters, tally.threshold);
  const silent = Math.max(0, tally.expectedVoters - tally.yes - tally.no);
  const yesWeight = tally.yes + (tally.livenessCriteriaYes ? silent : 0);
  const noWeight = tally.no + (tally.livenessCriteriaYes ? 0 : silent);
  return yesWeight >= required && yesWeight > noWeight;
}

function decideByVotes({ expectedVoters, yes, no, threshold, livenessCriteriaYes }: Tally): boolean | undefined {
  if (expectedVoters <= 2) {
    if (no > 0) return false;
    return yes === expectedVoters ? true : undefined;
  }
  const required = requiredVotes(expectedVoters, threshold);
  // The comparison of the sides matters for thresholds of one half and less only, where both can reach it.
  if (yes >= required && yes > no) return true;
  if (no >= required && no > yes) return false;
  if (yes + no < expectedVoters) return undefined;
  return yes === no ? livenessCriteriaYes : false;
}
