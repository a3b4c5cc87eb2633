/**
 * Makes steps durable and tells what they changed: one transaction over state, messages, journal and outbox (architecture:
 * one step). Knows the store; must not know network or timers.
 */
import { createHash } from 'node:crypto';
import type { ApiEvent } from '../../shared/api/events.ts';
import type { ConversationDetail, Message } from '../../shared/api/model.ts';
import type { ConversationId, MessageId, ProposalId } from '../../shared/model/ids.ts';
import type { ConversationView, Effect, EndCause, SessionEvent, Step } from '../protocol/conversation/contract.ts';
import type { User } from '../protocol/user/contract.ts';
import { noteDevices } from './devices.ts';
import { forkNotice, healedNotice, rejoinedNotice, rejoiningNotice } from './forkNotices.ts';
import { nameMessage, nameProposal, type NameOf } from './names.ts';
import type { Storage } from './ports/storage.ts';

export interface CommitContext {
  readonly storage: Storage;
  readonly user: User;
  readonly now: () => number;
  readonly nameOf: NameOf;
  /** The conversation as a view shows it; kept when the conversation ends. */
  readonly detailOf: (view: ConversationView) => ConversationDetail;
}

/** What to do once the transaction is durable. */
export interface Committed {
  readonly events: readonly ApiEvent[];
  /** Conversations with new packets in the outbox. */
  readonly outgoing: ReadonlySet<ConversationId>;
  /** Conversations that lack something that members may have. */
  readonly lacking: ReadonlySet<ConversationId>;
  /** Conversations whose topics are needed from now on, or no longer. */
  readonly started: readonly ConversationId[];
  readonly ended: readonly ConversationId[];
}

interface Draft {
  readonly events: ApiEvent[];
  readonly outgoing: Set<ConversationId>;
  readonly lacking: Set<ConversationId>;
  readonly started: ConversationId[];
  readonly ended: ConversationId[];
}

/** Commits steps of one conversation and of no other, in order. Throws StorageError; then nothing was written. */
export function commitSteps(steps: readonly Step[], context: CommitContext): Committed {
  // Their state is written once, for the last of them: that of another conversation would be lost without a word.
  if (steps.some(({ conversationId }) => conversationId !== steps[0]?.conversationId))
    throw new Error('steps of several conversations in one commit');
  const draft: Draft = { events: [], outgoing: new Set(), lacking: new Set(), started: [], ended: [] };
  context.storage.transaction(() => {
    for (const step of steps) commitStep(step, context, draft);
    writeState(steps, context);
  });
  return draft;
}

function commitStep(step: Step, context: CommitContext, draft: Draft): void {
  const { conversationId } = step;
  for (const lifecycle of step.lifecycle) if (lifecycle.kind === 'Created') begin(step, context, draft);
  // Names first: what else the step tells is told with them.
  for (const effect of step.effects) if (effect.kind === 'memberName') apply(conversationId, effect, context, draft);
  for (const effect of step.effects) if (effect.kind !== 'memberName') apply(conversationId, effect, context, draft);
  for (const message of noteDevices(step, context)) apply(conversationId, { kind: 'message', message }, context, draft);
  for (const lifecycle of step.lifecycle) {
    if (lifecycle.kind === 'Removed') end(step, lifecycle.cause, context, draft);
  }
  if (step.after !== undefined && step.after !== step.before) {
    const updated = draft.events.some((event) => event.type === 'conversation.updated');
    if (!updated) draft.events.push({ type: 'conversation.updated', conversationId });
  }
}

/**
 * The state that the steps lead to, once: what each of many messages changes is written for all of them. Where one of them ended the
 * conversation nothing of before is stored any more.
 */
function writeState(steps: readonly Step[], { storage, user }: CommitContext): void {
  const first = steps[steps.findLastIndex(({ after }) => after === undefined) + 1];
  const last = steps.at(-1);
  if (first === undefined || last?.after === undefined) return;
  storage.conversations.write(last.conversationId, user.writesOf({ ...last, before: first.before }));
}

function begin(step: Step, context: CommitContext, draft: Draft): void {
  const { conversationId } = step;
  const { conversations } = context.storage;
  const earlier = conversations.get(conversationId);
  const name = context.user.view(conversationId)?.name ?? earlier?.name ?? '';
  conversations.put({
    conversationId,
    name,
    createdAt: earlier?.createdAt ?? context.now(),
    ...(earlier?.readUpTo === undefined ? {} : { readUpTo: earlier.readUpTo }),
  });
  draft.started.push(conversationId);
  draft.events.push({ type: 'conversation.added', conversationId });
}

/** A cancelled join leaves nothing behind; any other end keeps the history until the person deletes it. */
function end(step: Step, cause: EndCause, context: CommitContext, draft: Draft): void {
  const { conversationId } = step;
  const { conversations } = context.storage;
  draft.ended.push(conversationId);
  draft.outgoing.delete(conversationId);
  draft.lacking.delete(conversationId);
  const row = conversations.get(conversationId);
  conversations.deleteState(conversationId);
  const detail = step.before === undefined ? undefined : context.detailOf(context.user.viewOf(step.before));
  if (row === undefined || detail === undefined || (detail.state === 'pendingJoin' && cause === 'left')) {
    conversations.delete(conversationId);
    draft.events.push({ type: 'conversation.removed', conversationId });
    return;
  }
  const proposalId = removalOf(step);
  conversations.put({
    ...row,
    ended: { at: context.now(), cause, ...(proposalId === undefined ? {} : { proposalId }) },
    lastView: JSON.stringify({
      ...detail,
      gaps: undefined,
      state: 'left',
      freeze: null,
      openProposals: [],
      approvedProposals: [],
    }),
  });
  draft.events.push({ type: 'conversation.stateChanged', conversationId, state: 'left' });
  draft.events.push({ type: 'conversation.updated', conversationId });
}

/** The vote that ended the conversation for us, as the step's own journal names it. */
function removalOf(step: Step): ProposalId | undefined {
  for (const effect of step.effects)
    if (effect.kind === 'journal' && effect.entry.kind === 'left' && effect.entry.proposalId !== undefined)
      return effect.entry.proposalId;
  return undefined;
}

function apply(conversationId: ConversationId, effect: Effect, context: CommitContext, draft: Draft): void {
  const { storage, nameOf } = context;
  switch (effect.kind) {
    case 'publish':
      storage.outbox.add({
        conversationId,
        subtopic: effect.subtopic,
        payload: effect.payload,
        subject: effect.subject,
        createdAt: context.now(),
        expiresAt: effect.expiresAt,
      });
      draft.outgoing.add(conversationId);
      return;
    case 'message': {
      const stored = insertMessage(effect.message, storage);
      if (stored !== undefined)
        draft.events.push({ type: 'message.added', conversationId, message: nameMessage(stored, nameOf) });
      return;
    }
    case 'messageStatus': {
      const message = storage.messages.setStatus(conversationId, effect.messageId, effect.status);
      if (message !== undefined)
        draft.events.push({ type: 'message.updated', conversationId, message: nameMessage(message, nameOf) });
      return;
    }
    case 'delivery': {
      const message = storage.messages.setDelivery(conversationId, effect.messageId, effect);
      if (message !== undefined)
        draft.events.push({ type: 'message.updated', conversationId, message: nameMessage(message, nameOf) });
      return;
    }
    case 'journal':
      storage.journal.append(conversationId, effect.entry);
      return;
    case 'groupJournal':
      storage.groupJournal.put(conversationId, effect);
      return;
    case 'log':
      storage.packetLog.put(conversationId, effect.entry, context.now());
      return;
    case 'abandoned':
      storage.groupJournal.dropFrom(conversationId, effect.from);
      storage.packetLog.dropFrom(conversationId, effect.from);
      return;
    case 'catchUp':
      draft.lacking.add(conversationId);
      return;
    case 'proposal':
      storage.proposals.put(conversationId, effect.proposal);
      draft.events.push({
        type: `proposal.${effect.change}`,
        conversationId,
        proposal: nameProposal(effect.proposal, nameOf),
      });
      return;
    case 'memberName':
      if (storage.people.putName(effect.memberId, effect.displayName))
        draft.events.push({ type: 'conversation.updated', conversationId });
      return;
    case 'event':
      draft.events.push(...eventsOf(conversationId, effect.event, context, draft));
      return;
    default:
      effect satisfies never;
  }
}

/**
 * Stores a message; undefined when it was there. An id is its sender's choice: one that somebody else took first, by copying it,
 * must not swallow the message that it was copied from, so the second keeps its text under an id of both.
 */
function insertMessage(message: Message, { messages }: Storage): Message | undefined {
  if (messages.insert(message)) return message;
  const taken = messages.get(message.conversationId, message.messageId);
  if (taken === undefined || taken.sender === message.sender) return undefined;
  const other = { ...message, messageId: idBeside(message) };
  return messages.insert(other) ? other : undefined;
}

/** The same time in front, then a hash of sender and id, in the form of a UUIDv7. */
function idBeside({ messageId, sender }: Message): MessageId {
  const hash = createHash('sha256').update(`${sender} ${messageId}`).digest('hex');
  return `${messageId.slice(0, 15)}${hash.slice(0, 3)}-8${hash.slice(3, 6)}-${hash.slice(6, 18)}` as MessageId;
}

/** The App API's events for an event of the session; most of what a session tells is told by effects already. */
function eventsOf(
  conversationId: ConversationId,
  event: SessionEvent,
  context: CommitContext,
  draft: Draft,
): readonly ApiEvent[] {
  switch (event.kind) {
    case 'PhaseChange':
      return [{ type: 'conversation.stateChanged', conversationId, state: event.phase }];
    case 'FreezeProgress':
      return [{ type: 'freeze.progress', conversationId, received: event.received, expected: event.expected }];
    case 'CommitApplied': {
      const changes = event.changes.map((change): ApiEvent => {
        const type = change.kind === 'added' ? 'member.joined' : 'member.left';
        return { type, conversationId, memberId: change.memberId };
      });
      return [{ type: 'commit.applied', conversationId, epoch: event.epoch, changes: [...event.changes] }, ...changes];
    }
    case 'Joined': {
      keepName(conversationId, context);
      draft.events.push({ type: 'conversation.updated', conversationId });
      return [];
    }
    case 'MessagesMissing':
      return [{ type: 'message.gap', conversationId, sender: event.sender, missing: event.missing }];
    case 'Error':
      return [{ type: 'notice', level: 'warning', text: event.message }];
    case 'ForkDetected':
      return [{ type: 'notice', level: 'warning', text: forkNotice(event.members, context.now(), context.nameOf) }];
    case 'ForkHealed':
      return [{ type: 'notice', level: 'info', text: healedNotice }];
    case 'Rejoining':
      return [{ type: 'notice', level: 'warning', text: rejoiningNotice }];
    case 'Rejoined':
      return [{ type: 'notice', level: 'info', text: rejoinedNotice }];
    case 'Leaving':
    case 'OwnProposalSubmitted':
    case 'VoteRequested':
    case 'ConsensusReached':
      return [];
    default:
      event satisfies never;
      return [];
  }
}

/** The group's own name replaces the one that the invite claimed. */
function keepName(conversationId: ConversationId, context: CommitContext): void {
  const row = context.storage.conversations.get(conversationId);
  const name = context.user.view(conversationId)?.name;
  if (row !== undefined && name !== undefined && name !== row.name) context.storage.conversations.put({ ...row, name });
}
