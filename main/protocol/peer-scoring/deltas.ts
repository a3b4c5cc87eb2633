/** How many points an event is worth (§15.1, the later line's table), and how scores add up. Knows no member. */
import type { ScoreDeltas } from './contract.ts';

export const SCORE_DELTAS: ScoreDeltas = {
  BrokenCommit: -50n,
  BrokenMlsProposal: -30n,
  CensorshipInactivity: -40n,
  EmergencyYesCreator: 20n,
  EmergencyNoCreator: -50n,
  SuccessfulCommit: 10n,
  HonestCommitAttempt: 5n,
  MisbehavingCommit: -10n,
};

const MAX_SCORE = (1n << 63n) - 1n;
const MIN_SCORE = -(1n << 63n);

/** The nearest signed 64-bit integer. §15.1 */
export function saturate(score: bigint): bigint {
  if (score > MAX_SCORE) return MAX_SCORE;
  return score < MIN_SCORE ? MIN_SCORE : score;
}
