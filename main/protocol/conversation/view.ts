/** Everything that the App API shows of a conversation, computed from its state alone (§20.3, §12.5). */
import type { MemberRole } from '../../../shared/api/model.ts';
import { friendsPreset } from '../../../shared/api/settings.ts';
import type { MemberId } from '../../../shared/model/ids.ts';
import type { ConversationContext } from './context.ts';
import type { ConversationView, MemberView, QueueSizes } from './contract.ts';
import { gapsOf } from './delivery/heard.ts';
import { wasSaid } from './delivery/own.ts';
import { beginDraft, hexOf, plugins, type Draft } from './draft.ts';
import { expectedCandidates } from './freezing.ts';
import { leadership } from './leadership.ts';
import { recordOf } from './records.ts';
import { epochOf } from './roster.ts';
import type { ActiveState, PendingState, State } from './state.ts';

const noQueues: QueueSizes = {
  approvedChanges: 0,
  openVotes: 0,
  earlyVotes: 0,
  automaticVotes: 0,
  waitingJoiners: 0,
  parkedPackets: 0,
  stashedCandidates: 0,
  queuedMessages: 0,
  unacknowledged: 0,
  keptWelcomes: 0,
};

export function viewOfState(context: ConversationContext, state: State): ConversationView {
  return state.kind === 'pending' ? viewOfJoiner(state) : viewOfMember(context, state);
}

function viewOfJoiner(state: PendingState): ConversationView {
  const { joiner } = state;
  return {
    conversationId: state.conversationId,
    name: joiner.name,
    phase: 'pendingJoin',
    mode: 'normal',
    epoch: -1,
    epochAuthenticator: '',
    electionEpoch: 0,
    retryRound: 0,
    members: [],
    stewards: [],
    openProposals: [],
    approvedProposals: [],
    freeze: null,
    settings: friendsPreset,
    waiting: {
      inviter: joiner.inviter,
      inviterName: joiner.inviterName,
      since: joiner.startedAt,
      expiresAt: joiner.expiresAt,
    },
    inviteSecret: undefined,
    journalHead: undefined,
    gaps: [],
    queues: { ...noQueues, parkedPackets: state.early.length },
    counters: state.volatile.counters,
  };
}

function viewOfMember(context: ConversationContext, state: ActiveState): ConversationView {
  // A draft that is thrown away: reading needs the plug-ins, and no time.
  const draft = beginDraft(context, state, 0);
  const { stewardList, consensus } = plugins(draft);
  const list = stewardList.list();
  const open = consensus.sessions().filter((session) => session.state.kind === 'active');
  return {
    conversationId: state.conversationId,
    name: state.rules.name,
    phase: state.phase.phase,
    mode: state.phase.mode,
    epoch: epochOf(state),
    epochAuthenticator: hexOf(context.mls.epochAuthenticator(state.group)),
    electionEpoch: Number(list?.electionEpoch ?? 0n),
    retryRound: stewardList.retryCounter(),
    members: memberViews(draft),
    stewards: list?.stewards ?? [],
    openProposals: open.map((session) => recordOf(session, draft)),
    approvedProposals: state.queues.approved.map(({ record }) => record),
    freeze:
      state.phase.phase === 'freezing'
        ? { received: state.round?.candidates.length ?? 0, expected: expectedCandidates(draft) }
        : null,
    settings: state.rules.settings,
    inviteSecret: state.sync.awaiting === undefined ? state.invite?.secret : undefined,
    journalHead: state.journal.head === undefined ? undefined : hexOf(state.journal.head),
    gaps: gapsOf(state.heard),
    queues: {
      approvedChanges: state.queues.approved.length,
      openVotes: open.length,
      earlyVotes: state.votes.early.length,
      automaticVotes: state.votes.automatic.length,
      waitingJoiners: state.pendingUpdates.entries.length,
      parkedPackets: state.parked.length,
      stashedCandidates: state.stash.length,
      queuedMessages: state.own.filter((message) => !wasSaid(message)).length,
      unacknowledged: state.own.filter(wasSaid).length,
      keptWelcomes: state.welcomes.length,
    },
    counters: state.volatile.counters,
  };
}

function memberViews(draft: Draft): readonly MemberView[] {
  const { approved } = draft.state.queues;
  const { stewardList } = plugins(draft);
  // In Recovery mode anybody may commit; the list says who will again.
  const order = draft.state.phase.mode === 'recovery' ? [] : leadership(draft).order;
  const removalOf = (memberId: MemberId) =>
    approved.find(({ change }) => change.kind === 'remove' && change.memberId === memberId)?.change;
  return draft.context.mls.members(draft.state.group).map(({ memberId, signatureKey }) => {
    const removal = removalOf(memberId);
    const isLeave = removal?.kind === 'remove' && removal.selfLeave;
    return {
      memberId,
      signatureKey,
      role: roleOf(memberId, order, stewardList.isSteward(memberId)),
      score: Number(draft.state.scores.get(memberId) ?? BigInt(draft.state.rules.settings.peerScoreDefault)),
      pendingLeave: isLeave,
      pendingRemoval: removal !== undefined && !isLeave,
    };
  });
}

function roleOf(memberId: MemberId, order: readonly MemberId[], isListed: boolean): MemberRole {
  if (order[0] === memberId) return 'epochSteward';
  if (order[1] === memberId) return 'backupSteward';
  return isListed || order.includes(memberId) ? 'steward' : 'member';
}
