/**
 * A group's rules and a person's settings. Knows ranges and presets; the meaning of a rule is the protocol's.
 */
import { z } from 'zod';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const window = z.int().min(200).max(HOUR_MS);

/** The fields of a group's rules, each within its own range. */
export const conversationSettingsFieldsSchema = z.strictObject({
  /** How long approved changes are gathered before they are written, in ms. */
  commitInactivityMs: window,
  /** How long candidates are collected, in ms; ends early when every steward has answered. */
  freezeMs: window,
  /** The batching window while the group recovers, in ms. */
  recoveryInactivityMs: window,
  /** The voting window, in ms. */
  consensusTimeoutMs: z.int().min(1000).max(DAY_MS),
  proposalExpirationMs: z.int().min(1000).max(DAY_MS),
  /** Delay of a vote that a rule casts, not a person, in ms. */
  votingDelayMs: z.int().min(0).max(DAY_MS),
  electionVotingDelayMs: z.int().min(0).max(DAY_MS),
  /** A valid invite is a yes of every member's client. */
  membersMayInvite: z.boolean(),
  /** Silence counts as yes for a join. */
  livenessCriteriaYes: z.boolean(),
  /** Silence counts as yes for a removal. */
  removalLivenessCriteriaYes: z.boolean(),
  stewardsMin: z.int().min(1).max(64),
  stewardsMax: z.int().min(1).max(64),
  allowSubsetCandidates: z.literal(true),
  maxReelectionAttempts: z.int().min(0).max(10),
  pendingUpdateMaxEpochs: z.int().min(1).max(100),
  peerScoreDefault: z.int().min(-1_000_000).max(1_000_000),
  peerScoreThreshold: z.int().min(-1_000_000).max(1_000_000),
});

export type ConversationSettings = z.infer<typeof conversationSettingsFieldsSchema>;

/** The rules between fields, each with the field that a person should change. */
function checkTogether(settings: ConversationSettings, context: z.RefinementCtx): void {
  const refuse = (path: keyof ConversationSettings, message: string): void => {
    context.addIssue({ code: 'custom', path: [path], message });
  };
  if (settings.stewardsMin > settings.stewardsMax) refuse('stewardsMin', 'stewardsMin must not exceed stewardsMax');
  if (settings.proposalExpirationMs < settings.consensusTimeoutMs)
    refuse('proposalExpirationMs', 'a proposal must not expire before its voting window ends');
  if (settings.votingDelayMs > settings.consensusTimeoutMs)
    refuse('votingDelayMs', 'votingDelayMs must not exceed consensusTimeoutMs');
  if (settings.electionVotingDelayMs > settings.consensusTimeoutMs)
    refuse('electionVotingDelayMs', 'electionVotingDelayMs must not exceed consensusTimeoutMs');
  if (settings.peerScoreDefault <= settings.peerScoreThreshold)
    refuse('peerScoreDefault', 'peerScoreDefault must be above peerScoreThreshold');
}

/** A whole set of rules that fit together. */
export const conversationSettingsSchema = conversationSettingsFieldsSchema.superRefine(checkTogether);

export { friendsPreset, strictPreset } from './presets.ts';

/** What `conversation.create` takes: any part of the rules; the rest is the Friends preset. */
export const partialConversationSettingsSchema = conversationSettingsFieldsSchema.partial();

/** A person's settings on this device. */
export const settingsSchema = z.strictObject({
  theme: z.enum(['system', 'light', 'dark']),
  /** Whether people on this network who share no group with us may see our name. */
  visibleNearby: z.boolean(),
  /** Whether addresses beyond loopback, private and link-local ones are used. Takes effect at the next start. */
  allowPublicAddresses: z.boolean(),
  /** Whether the system tells of messages and votes while the window is not looked at. */
  notifications: z.boolean(),
  /** Whether it shows who wrote what, or only that there is something. */
  notificationText: z.boolean(),
  /** Whether the recovery phrase was saved; until then the app reminds quietly. */
  recoveryPhraseSaved: z.boolean(),
});
export type Settings = z.infer<typeof settingsSchema>;
export const settingsPatchSchema = settingsSchema.partial();
export const defaultSettings: Settings = {
  theme: 'system',
  visibleNearby: true,
  allowPublicAddresses: false,
  notifications: true,
  notificationText: true,
  recoveryPhraseSaved: false,
};
