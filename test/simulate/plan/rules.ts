/**
 * The rules of a simulated group, drawn from its seed: presets, and small windows so that minutes are enough for many votes.
 */
import { friendsPreset, strictPreset, type ConversationSettings } from '../../../shared/api/settings.ts';
import type { Dice } from '../world/chance.ts';

export function drawRules(dice: Dice): ConversationSettings {
  const preset = dice.chance(0.8) ? friendsPreset : strictPreset;
  const consensusTimeoutMs = dice.pick([4_000, 8_000, 15_000, 30_000, 60_000, 300_000]);
  const stewardsMin = dice.whole(1, 3);
  return {
    ...preset,
    consensusTimeoutMs,
    proposalExpirationMs: consensusTimeoutMs * dice.pick([1, 2, 4]),
    commitInactivityMs: dice.pick([200, 1_000, 2_000, 6_000]),
    freezeMs: dice.pick([500, 1_500, 3_000, 8_000]),
    recoveryInactivityMs: dice.pick([300, 1_000, 3_000]),
    votingDelayMs: dice.pick([0, 0, 500, consensusTimeoutMs / 4]),
    electionVotingDelayMs: dice.pick([0, 0, 500, consensusTimeoutMs / 4]),
    membersMayInvite: dice.chance(0.8) ? preset.membersMayInvite : !preset.membersMayInvite,
    livenessCriteriaYes: dice.chance(0.7),
    removalLivenessCriteriaYes: dice.chance(0.3),
    stewardsMin,
    stewardsMax: stewardsMin + dice.whole(0, 4),
    maxReelectionAttempts: dice.whole(0, 2),
    pendingUpdateMaxEpochs: dice.whole(2, 5),
    peerScoreDefault: dice.pick([20, 60, 100]),
    peerScoreThreshold: dice.pick([-50, 0]),
  };
}
