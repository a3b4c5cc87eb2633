/** Lies to joiners, and about invites: another group of the same name, other rules, secrets that nobody gave out (H-15, H-33). */
import { memberIdToBytes } from '../../../main/protocol/identity/index.ts';
import { encodeWelcomeMessage } from '../../../main/protocol/wire/index.ts';
import { publish, say, type Accomplice } from './accomplice.ts';
import { announcements } from './commitAttacks.ts';

/** A group of its own with the same name, for whoever asked to come in. */
export async function rogueWelcome(accomplice: Accomplice): Promise<void> {
  const { mls, device, conversationId } = accomplice;
  const [announced] = announcements(accomplice);
  if (announced === undefined) return;
  const group = await mls.createGroup(conversationId, device.now);
  const made = await mls.createCandidate(
    group,
    [{ kind: 'add', keyPackage: announced.keyPackageTls.slice() }],
    device.now,
  );
  if (made.welcome === undefined) return;
  const value = { mlsMessageOutBytes: made.welcome, conversationSync: new Uint8Array() };
  publish(accomplice, 'welcome', encodeWelcomeMessage({ payload: { case: 'invitationToJoin', value } }));
}

/** Other rules, other stewards, friends with high scores and enemies that were voted out. */
export async function rogueSync(accomplice: Accomplice): Promise<void> {
  const { state, device, target, dice } = accomplice;
  const { settings } = state.rules;
  const value = {
    stewardMembers: [memberIdToBytes(device.memberId)],
    fullStewardMembers: [memberIdToBytes(device.memberId)],
    electionEpoch: state.group.epoch,
    snMin: 1,
    snMax: 1,
    allowSubsetCandidates: true,
    peerScores: [{ memberId: memberIdToBytes(target.memberId), score: -1000n }],
    timing: {
      commitInactivityDurationMs: 200n,
      freezeDurationMs: 200n,
      proposalExpirationMs: 1000n,
      consensusTimeoutMs: 1000n,
      recoveryInactivityDurationMs: 200n,
    },
    retryRound: 0,
    maxReelectionAttempts: settings.maxReelectionAttempts,
    livenessCriteriaYes: true,
    thresholdPeerScore: BigInt(settings.peerScoreThreshold),
    pendingUpdateMaxEpochs: 100,
    profile: 1,
    membersMayInvite: true,
    removalLivenessCriteriaYes: true,
    conversationName: 'Robbers',
    inviteState: { epoch: state.group.epoch, counter: 9, secret: dice.bytes(32) },
    peerScoreDefault: 100n,
    votedOut: [memberIdToBytes(target.memberId)],
  };
  await say(accomplice, { payload: { case: 'conversationSync', value } });
}

/** New secrets without end, or one from the future. */
export async function rogueReset(accomplice: Accomplice): Promise<void> {
  const { state, dice } = accomplice;
  const value = {
    epoch: state.group.epoch + BigInt(dice.whole(0, 1)),
    counter: dice.pick([1, 60, 2 ** 31]),
    secret: dice.bytes(32),
  };
  await say(accomplice, { payload: { case: 'inviteReset', value } });
}
