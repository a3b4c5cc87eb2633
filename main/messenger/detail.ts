/**
 * What the App API shows of conversations: the protocol's view, with names, presence and what this device stored beside it.
 * Reads only.
 */
import {
  conversationDetailSchema,
  type ConversationDetail,
  type ConversationSummary,
  type Member,
} from '../../shared/api/model.ts';
import type { ConversationId, MemberId } from '../../shared/model/ids.ts';
import type { ConversationView } from '../protocol/conversation/contract.ts';
import type { User } from '../protocol/user/contract.ts';
import { isSameKey } from './devices.ts';
import { nameMessage, nameProposal, shortMemberId, type NameOf } from './names.ts';
import type { ConversationRow, Storage } from './ports/storage.ts';

export interface DetailContext {
  readonly storage: Storage;
  readonly user: User;
  readonly nameOf: NameOf;
  /** Whether a connected peer proved to be that member. */
  readonly isOnline: (memberId: MemberId) => boolean;
  /** Whether anybody took our announcement since the join began. */
  readonly wasAnnounced: (conversationId: ConversationId) => boolean;
}

/** A member as shown: self is always there. */
function memberOf(view: ConversationView, context: DetailContext): Member[] {
  const self = context.user.memberId;
  return view.members.map((member) => ({
    memberId: member.memberId,
    displayName: context.nameOf(member.memberId) ?? shortMemberId(member.memberId),
    role: member.role,
    score: member.score,
    pendingLeave: member.pendingLeave,
    pendingRemoval: member.pendingRemoval,
    online: member.memberId === self || context.isOnline(member.memberId),
    verified: isSameKey(context.storage.people.device(member.memberId)?.verifiedKey, member.signatureKey),
    self: member.memberId === self,
  }));
}

/** The detail of a conversation that the protocol still runs. */
export function detailOfView(view: ConversationView, context: DetailContext): ConversationDetail {
  const { nameOf } = context;
  const row = context.storage.conversations.get(view.conversationId);
  const { waiting } = view;
  return {
    id: view.conversationId,
    name: view.name,
    state: view.phase,
    mode: view.mode,
    epoch: view.epoch,
    epochAuthenticator: view.epochAuthenticator,
    ...(view.journalHead === undefined ? {} : { journalHead: view.journalHead }),
    electionEpoch: view.electionEpoch,
    retryRound: view.retryRound,
    members: memberOf(view, context),
    stewards: [...view.stewards],
    openProposals: view.openProposals.map((proposal) => nameProposal(proposal, nameOf)),
    approvedProposals: view.approvedProposals.map((proposal) => nameProposal(proposal, nameOf)),
    freeze: view.freeze,
    settings: view.settings,
    self: context.user.memberId,
    ...(row?.readUpTo === undefined ? {} : { readUpTo: row.readUpTo }),
    ...(view.gaps.length === 0 ? {} : { gaps: [...view.gaps] }),
    ...(waiting === undefined
      ? {}
      : {
          waiting: {
            invitedBy: waiting.inviter,
            invitedByName: nameOf(waiting.inviter) ?? waiting.inviterName,
            since: waiting.since,
            expiresAt: waiting.expiresAt,
            announced: context.wasAnnounced(view.conversationId),
          },
        }),
  };
}

/** The detail of a conversation that ended: its last view, and how it ended. */
function detailOfEnd(row: ConversationRow, context: DetailContext): ConversationDetail | undefined {
  if (row.ended === undefined || row.lastView === undefined) return undefined;
  const { at, cause, proposalId } = row.ended;
  const proposal = proposalId === undefined ? undefined : context.storage.proposals.get(row.conversationId, proposalId);
  return {
    ...conversationDetailSchema.parse(JSON.parse(row.lastView)),
    ...(row.readUpTo === undefined ? {} : { readUpTo: row.readUpTo }),
    ended: { at, cause, ...(proposal === undefined ? {} : { proposal: nameProposal(proposal, context.nameOf) }) },
  };
}

/** A conversation as `conversation.get` shows it; undefined when it is unknown. */
export function detailOf(conversationId: ConversationId, context: DetailContext): ConversationDetail | undefined {
  const view = context.user.view(conversationId);
  if (view !== undefined) return detailOfView(view, context);
  const row = context.storage.conversations.get(conversationId);
  return row === undefined ? undefined : detailOfEnd(row, context);
}

/** A conversation's line in the list. */
export function summaryOf(row: ConversationRow, context: DetailContext): ConversationSummary | undefined {
  const detail = detailOf(row.conversationId, context);
  if (detail === undefined) return undefined;
  const last = context.storage.messages.latest(row.conversationId);
  return {
    id: row.conversationId,
    name: detail.name,
    state: detail.state,
    unread: context.storage.messages.countUnread(row.conversationId, context.user.memberId),
    ...(last === undefined ? {} : { lastMessage: nameMessage(last, context.nameOf) }),
    memberCount: detail.members.length,
    ...(row.muted === true ? { muted: true as const } : {}),
    ...(row.readUpTo === undefined ? {} : { readUpTo: row.readUpTo }),
    pendingVotes: detail.openProposals.filter(
      ({ ownVote, selfLeave, votedByClients }) =>
        ownVote === undefined && selfLeave !== true && votedByClients !== true,
    ).length,
  };
}
