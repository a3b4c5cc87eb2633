/**
 * ConversationSync (§17, H-15): what a joiner learns about its group, built by members, checked and adopted by joiners.
 * Knows bounds and order; when it is sent is syncRequests.ts.
 */
import { hexToBytes } from '@noble/hashes/utils.js';
import { INVITE_SECRET_BYTES, MAX_SESSIONS, MAX_VOTED_OUT } from '../../../shared/limits.ts';
import { conversationNameSchema } from '../../../shared/api/common.ts';
import { conversationSettingsSchema, friendsPreset, type ConversationSettings } from '../../../shared/api/settings.ts';
import type { MemberId, ProposalId } from '../../../shared/model/ids.ts';
import { memberIdFromBytes, memberIdToBytes } from '../identity/index.ts';
import type { StewardList } from '../steward-list/contract.ts';
import type { ConversationSync } from '../wire/index.ts';
import { admissionsOf } from './admissions.ts';
import { learnDecisions, provableDecisions } from './decisionNotices.ts';
import { count, hexOf, plugins, type AppMessageInit, type Draft } from './draft.ts';
import { adoptJournal } from './groupJournal.ts';
import { pendingRemovals } from './leadership.ts';
import { adoptInvite, isLaterSecret } from './invite.ts';
import type { Reason } from './reasons.ts';
import { note } from './records.ts';
import { epochOf, learnName, members, memberJoins } from './roster.ts';
import type { ApprovedEntry, InviteSecret, RosterPart } from './state.ts';

const HARDENED_PROFILE = 1;
const MAX_SCORE = 1_000_000n;
const MAX_LIST = 64;
/** Members named in all electorates of one sync: 45 KB, so that many open votes in a large group do not burst it. */
const MAX_ELECTORATE_IDS = 2048;

/** Our view of the group for a joiner; undefined while we have no list ourselves. `letIn`: the changes of the commit just made. */
export function buildSync(draft: Draft, letIn: readonly ApprovedEntry[] = []): AppMessageInit | undefined {
  const { stewardList, scoring } = plugins(draft);
  const list = stewardList.list();
  const { rules, queues, roster, invite } = draft.state;
  if (list === undefined || invite === undefined) return undefined;
  const { settings } = rules;
  const present = members(draft);
  const leaving = pendingRemovals(draft);
  const eligible = (memberId: MemberId): boolean => present.includes(memberId) && !leaving.has(memberId);
  const epoch = draft.state.group.epoch;
  const unsettled = memberJoins(draft.context, draft.state).filter(({ joinedAtEpoch }) => joinedAtEpoch === epoch);
  return {
    payload: {
      case: 'conversationSync',
      value: {
        stewardMembers: list.stewards.filter(eligible).map(memberIdToBytes),
        electionEpoch: list.electionEpoch,
        snMin: settings.stewardsMin,
        snMax: settings.stewardsMax,
        allowSubsetCandidates: true,
        peerScores: scoring
          .snapshot()
          .diverged.map(([memberId, score]) => ({ memberId: memberIdToBytes(memberId), score })),
        timing: {
          commitInactivityDurationMs: BigInt(settings.commitInactivityMs),
          freezeDurationMs: BigInt(settings.freezeMs),
          proposalExpirationMs: BigInt(settings.proposalExpirationMs),
          consensusTimeoutMs: BigInt(settings.consensusTimeoutMs),
          recoveryInactivityDurationMs: BigInt(settings.recoveryInactivityMs),
        },
        retryRound: list.retryRound,
        maxReelectionAttempts: settings.maxReelectionAttempts,
        livenessCriteriaYes: settings.livenessCriteriaYes,
        thresholdPeerScore: BigInt(settings.peerScoreThreshold),
        pendingUpdateMaxEpochs: settings.pendingUpdateMaxEpochs,
        profile: HARDENED_PROFILE,
        votingDelayMs: BigInt(settings.votingDelayMs),
        electionVotingDelayMs: BigInt(settings.electionVotingDelayMs),
        fullStewardMembers: list.stewards.map(memberIdToBytes),
        admission: settings.membersMayInvite ? 0 : 1,
        membersMayInvite: settings.membersMayInvite,
        removalLivenessCriteriaYes: settings.removalLivenessCriteriaYes,
        conversationName: rules.name,
        inviteState: { epoch: BigInt(invite.epoch), counter: invite.counter, secret: invite.secret },
        peerScoreDefault: BigInt(settings.peerScoreDefault),
        votedOut: queues.votedOut.map(memberIdToBytes),
        memberNames: roster.names
          .filter(([memberId]) => present.includes(memberId))
          .map(([memberId, displayName]) => ({ memberId: memberIdToBytes(memberId), displayName })),
        electorates: electorates(draft),
        usedKeyPackages: roster.usedKeyPackages.map(hexToBytes),
        admissions: admissionsOf(letIn),
        journalHead: draft.state.journal.head ?? new Uint8Array(),
        journalLength: BigInt(draft.state.journal.length),
        decisions: provableDecisions(draft),
        unsettledMembers: unsettled.map(({ memberId }) => memberIdToBytes(memberId)),
      },
    },
  };
}

/** Who is asked in votes that run, and was asked in those whose change waits: the joiner will see them committed. */
function electorates(draft: Draft) {
  const inherited = draft.state.roster.electorates.filter(
    ({ proposalId }) => !draft.state.queues.resolved.includes(proposalId),
  );
  const own = plugins(draft)
    .consensus.sessions()
    .filter(
      ({ proposalId, state }) =>
        state.kind === 'active' || draft.state.queues.approved.some((entry) => entry.proposalId === proposalId),
    )
    .map(({ proposalId, roster }) => ({ proposalId, members: roster }));
  let asked = 0;
  return [...own, ...inherited]
    .slice(0, MAX_SESSIONS)
    .filter((electorate) => (asked += electorate.members.length) <= MAX_ELECTORATE_IDS)
    .map(({ proposalId, members: voters }) => ({ proposalId, members: voters.map(memberIdToBytes) }));
}

/** A sync from a peer: adopted when we wait for one and it is from whom we may believe; otherwise nothing happens. */
export async function receiveSync(draft: Draft, sync: ConversationSync, sender: MemberId): Promise<void> {
  const { awaiting } = draft.state.sync;
  if (awaiting === undefined) {
    // Somebody answered: whoever else was about to need not.
    if (draft.state.sync.answers.length > 0) draft.state.sync = { ...draft.state.sync, answers: [] };
    count(draft, 'SyncIgnored');
    return;
  }
  // The signer of our Welcome; when it is gone, whoever let us stay among them.
  if (sender !== awaiting.from && members(draft).includes(awaiting.from)) {
    count(draft, 'SyncFromOther');
    return;
  }
  const adopted = check(draft, sync);
  if (typeof adopted === 'string') {
    count(draft, adopted);
    return;
  }
  adopt(draft, adopted, sender);
  // What was decided before we came and waits for a commit: proofs that we check ourselves.
  await learnDecisions(draft, sync.decisions);
}

interface Adoptable {
  readonly name: string;
  readonly settings: ConversationSettings;
  readonly list: StewardList;
  readonly scores: readonly (readonly [MemberId, bigint])[];
  readonly invite: InviteSecret;
  readonly votedOut: readonly MemberId[];
  readonly unsettled: readonly MemberId[];
  readonly electorates: RosterPart['electorates'];
  readonly usedKeyPackages: readonly string[];
  readonly names: readonly (readonly [MemberId, string])[];
  readonly journal: { readonly head: Uint8Array; readonly length: bigint };
}

/** Everything that a sync says, checked (§17, H-15); or the name of the rule that it breaks. */
function check(draft: Draft, sync: ConversationSync): Adoptable | Reason {
  if (sync.profile !== HARDENED_PROFILE) return 'SyncProfile';
  if (sync.electionEpoch > draft.state.group.epoch) return 'SyncElectionEpoch';
  const settings = settingsOf(sync);
  if (settings === undefined) return 'SyncSettings';
  const name = conversationNameSchema.safeParse(sync.conversationName);
  if (!name.success) return 'SyncName';
  if (sync.retryRound > settings.maxReelectionAttempts) return 'SyncRetryRound';
  const ids = identitiesOf(sync);
  if (ids === undefined) return 'SyncIdentity';
  const { stewards } = ids;
  const present = members(draft);
  if (stewards.length === 0 || stewards.length > MAX_LIST) return 'EmptyMembersList';
  if (!stewards.some((memberId) => present.includes(memberId))) return 'SyncNoStewardPresent';
  const list = { stewards, electionEpoch: sync.electionEpoch, retryRound: sync.retryRound };
  if (!isValidList(draft, list, settings)) return 'SyncListOrder';
  if (ids.scores.some(([, score]) => score > MAX_SCORE || score < -MAX_SCORE)) return 'SyncScore';
  const invite = sync.inviteState;
  if (invite?.secret.length !== INVITE_SECRET_BYTES || invite.epoch > draft.state.group.epoch) return 'SyncInvite';
  return {
    name: name.data,
    settings,
    list,
    invite: { epoch: Number(invite.epoch), counter: invite.counter, secret: invite.secret.slice() },
    journal: { head: sync.journalHead, length: sync.journalLength },
    ...ids,
  };
}

/** Whether the list is in the generated order under the rules that come with it. */
function isValidList(draft: Draft, list: StewardList, settings: ConversationSettings): boolean {
  const { stewardList } = plugins(draft);
  const before = stewardList.config();
  stewardList.setConfig({ min: settings.stewardsMin, max: settings.stewardsMax, allowSubsetCandidates: true });
  const valid = stewardList.validate(list, list.stewards);
  stewardList.setConfig(before);
  return valid;
}

/** The rules as one set; undefined when a value is out of range, zero, or they do not fit together. */
function settingsOf(sync: ConversationSync): ConversationSettings | undefined {
  const { timing } = sync;
  const parsed = conversationSettingsSchema.safeParse({
    ...friendsPreset,
    ...(timing === undefined
      ? {}
      : {
          commitInactivityMs: Number(timing.commitInactivityDurationMs),
          freezeMs: Number(timing.freezeDurationMs),
          proposalExpirationMs: Number(timing.proposalExpirationMs),
          consensusTimeoutMs: Number(timing.consensusTimeoutMs),
          recoveryInactivityMs: Number(timing.recoveryInactivityDurationMs),
        }),
    votingDelayMs: Number(sync.votingDelayMs),
    electionVotingDelayMs: Number(sync.electionVotingDelayMs),
    membersMayInvite: sync.membersMayInvite,
    livenessCriteriaYes: sync.livenessCriteriaYes,
    removalLivenessCriteriaYes: sync.removalLivenessCriteriaYes,
    stewardsMin: sync.snMin,
    stewardsMax: sync.snMax,
    allowSubsetCandidates: sync.allowSubsetCandidates,
    maxReelectionAttempts: sync.maxReelectionAttempts,
    pendingUpdateMaxEpochs: sync.pendingUpdateMaxEpochs,
    peerScoreDefault: Number(sync.peerScoreDefault),
    peerScoreThreshold: Number(sync.thresholdPeerScore),
  });
  return parsed.success ? parsed.data : undefined;
}

/** All identities of a sync; undefined when one is none. The unfiltered list counts, former stewards included (H-15). */
function identitiesOf(sync: ConversationSync) {
  const full = sync.fullStewardMembers.length > 0 ? sync.fullStewardMembers : sync.stewardMembers;
  try {
    return {
      stewards: full.map(memberIdFromBytes),
      scores: sync.peerScores.map(({ memberId, score }) => [memberIdFromBytes(memberId), score] as const),
      votedOut: sync.votedOut.map(memberIdFromBytes).slice(-MAX_VOTED_OUT),
      unsettled: sync.unsettledMembers.map(memberIdFromBytes),
      usedKeyPackages: sync.usedKeyPackages.map(hexOf),
      electorates: sync.electorates.map(({ proposalId, members: asked }) => ({
        proposalId: proposalId as ProposalId,
        members: asked.map(memberIdFromBytes),
      })),
      names: sync.memberNames.map(({ memberId, displayName }) => [memberIdFromBytes(memberId), displayName] as const),
    };
  } catch {
    // Of another length than a member id.
    return undefined;
  }
}

function adopt(draft: Draft, sync: Adoptable, sender: MemberId): void {
  const { stewardList, scoring } = plugins(draft);
  const { settings } = sync;
  const present = members(draft);
  draft.state.rules = { name: sync.name, settings };
  stewardList.setConfig({ min: settings.stewardsMin, max: settings.stewardsMax, allowSubsetCandidates: true });
  stewardList.setMaxReelectionAttempts(settings.maxReelectionAttempts);
  stewardList.install(sync.list);
  scoring.setDefaultScore(BigInt(settings.peerScoreDefault));
  scoring.setThreshold(BigInt(settings.peerScoreThreshold));
  for (const memberId of present) scoring.addMember(memberId);
  // Crossings are the sender's business (§17).
  scoring.applySnapshot({ diverged: sync.scores.filter(([memberId]) => present.includes(memberId)) });
  draft.state.queues = { ...draft.state.queues, votedOut: sync.votedOut };
  rememberUnsettled(draft, sync.unsettled, sender);
  draft.state.roster = { ...draft.state.roster, electorates: sync.electorates, usedKeyPackages: sync.usedKeyPackages };
  // The links may have been made useless since.
  if (isLaterSecret(sync.invite, draft.state.invite)) adoptInvite(draft, sync.invite);
  adoptJournal(draft, sync.journal.head, sync.journal.length);
  for (const [memberId, name] of sync.names) if (present.includes(memberId)) learnName(draft, memberId, name);
  draft.state.sync = { ...draft.state.sync, awaiting: undefined };
  note(draft, { kind: 'elected', stewards: [...sync.list.stewards] });
}

function rememberUnsettled(draft: Draft, unsettled: readonly MemberId[], committer: MemberId): void {
  const { roster } = draft.state;
  const epoch = epochOf(draft.state);
  const fresh = members(draft).filter(
    (memberId) => unsettled.includes(memberId) && !roster.joins.some((join) => join.memberId === memberId),
  );
  const joins = fresh.map((memberId) => ({ memberId, epoch, memberSince: epoch, at: draft.now, committer }));
  draft.state.roster = { ...roster, joins: [...roster.joins, ...joins] };
}
