/**
 * The rules that a group may start from, as plain numbers. Free of zod, so that the page can show them without
 * carrying the schemas; `settings.ts` holds the ranges.
 */
import type { ConversationSettings } from './settings.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Quick, invites by link. */
export const friendsPreset: ConversationSettings = {
  commitInactivityMs: 2000,
  freezeMs: 3000,
  recoveryInactivityMs: 3000,
  consensusTimeoutMs: 300_000,
  proposalExpirationMs: 600_000,
  votingDelayMs: 0,
  electionVotingDelayMs: 0,
  membersMayInvite: true,
  livenessCriteriaYes: true,
  removalLivenessCriteriaYes: false,
  stewardsMin: 1,
  stewardsMax: 5,
  allowSubsetCandidates: true,
  maxReelectionAttempts: 1,
  pendingUpdateMaxEpochs: 3,
  peerScoreDefault: 100,
  peerScoreThreshold: 0,
};

/** One hour to vote, silence is no for a removal. */
const assemblyPreset: ConversationSettings = {
  ...friendsPreset,
  consensusTimeoutMs: HOUR_MS,
  proposalExpirationMs: 2 * HOUR_MS,
};

/** One day to vote, and people vote on every join. */
export const strictPreset: ConversationSettings = {
  ...friendsPreset,
  consensusTimeoutMs: DAY_MS,
  proposalExpirationMs: DAY_MS,
  membersMayInvite: false,
  livenessCriteriaYes: false,
};

export const presets = { friends: friendsPreset, assembly: assemblyPreset, strict: strictPreset } as const;
export type PresetName = keyof typeof presets;
