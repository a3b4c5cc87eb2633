/**
 * One input of one conversation in, a step out (H-0). Commands may refuse by throwing; packets and wake-ups never throw for what
 * they contain. Knows the order of a step, and leaves every rule to the files that are named after it.
 */
import { MAX_TOPIC_PACKET_BYTES } from '../../../shared/limits.ts';
import type { ConversationContext } from './context.ts';
import type { ConversationInput, ConversationLifecycle, Effect, EndCause, Step } from './contract.ts';
import { sendChat } from './chat.ts';
import { noteAsked } from './delivery/heard.ts';
import { askSoon } from './delivery/questions.ts';
import { findReach, keepCatchingUp, loseReach, openReach } from './delivery/reach.ts';
import { beginDraft, count, emit, finishDraft, hashOf, type Draft } from './draft.ts';
import { scheduleNotice } from './decisionNotices.ts';
import { ProtocolError } from './errors.ts';
import { receiveAppPacket } from './inbound/appMessage.ts';
import { receiveWelcomePacket } from './inbound/welcome.ts';
import { resetInvite } from './invite.ts';
import { pendingWakeupAt, sendDisplayName, stepPending } from './joiner.ts';
import { scheduleStatus } from './lag.ts';
import { isSynced } from './leadership.ts';
import { logAttested } from './packetLog.ts';
import { castVote, proposeOwnLeave, proposeRemoval } from './proposals.ts';
import { note } from './records.ts';
import { takeRestored } from './restored.ts';
import { learnName, members } from './roster.ts';
import { replayParked, settle } from './settle.ts';
import type { ActiveState, State } from './state.ts';
import { nextWakeupAt } from './timers.ts';

/** Computes the step of one input. Throws ProtocolError for a command that cannot be. */
export async function stepConversation(
  context: ConversationContext,
  state: State,
  input: ConversationInput,
  now: number,
): Promise<Step<State>> {
  return state.kind === 'pending' ? stepJoiner(context, state, input, now) : stepMember(context, state, input, now);
}

async function stepJoiner(
  context: ConversationContext,
  state: State & { kind: 'pending' },
  input: ConversationInput,
  now: number,
): Promise<Step<State>> {
  const outcome = await stepPending(context, state, input, now);
  switch (outcome.kind) {
    case 'waiting':
      return {
        conversationId: state.conversationId,
        before: state,
        after: outcome.state,
        effects: outcome.effects,
        lifecycle: [],
        reply: {},
        nextWakeupAt: pendingWakeupAt(outcome.state),
      };
    case 'ended':
      return endStep(state, outcome.effects, outcome.cause);
    case 'joined':
      await replayParked(outcome.draft);
      return finishStep(outcome.draft, state);
  }
}

async function stepMember(
  context: ConversationContext,
  state: ActiveState,
  input: ConversationInput,
  now: number,
): Promise<Step<State>> {
  const draft = beginDraft(context, state, now);
  if (state.restored === undefined) await take(draft, input);
  else await takeRestored(draft, input);
  return finishStep(draft, state);
}

/** Lets everything follow that follows, and closes the draft. */
export async function finishStep(
  draft: Draft,
  before: State | undefined,
  lifecycle: readonly ConversationLifecycle[] = [],
): Promise<Step<State>> {
  const memberBefore = before?.kind === 'active' ? before : undefined;
  await settle(draft, memberBefore);
  if (draft.ended !== undefined && before !== undefined) {
    emit(draft, { kind: 'Leaving', cause: draft.ended });
    return { ...endStep(before, draft.effects, draft.ended), reply: draft.reply };
  }
  logAttested(draft, memberBefore);
  const wakeupAt = nextWakeupAt(draft);
  const after = finishDraft(draft, memberBefore);
  return {
    conversationId: draft.state.conversationId,
    before,
    after,
    effects: draft.effects,
    lifecycle,
    reply: draft.reply,
    nextWakeupAt: wakeupAt,
  };
}

/** Every exit: the events first, Removed last (§8.6, H-48). All timers are gone with the state. */
function endStep(before: State, effects: readonly Effect[], cause: EndCause): Step<State> {
  const { conversationId } = before;
  return {
    conversationId,
    before,
    after: undefined,
    effects,
    lifecycle: [{ kind: 'Removed', conversationId, cause }],
    reply: {},
    nextWakeupAt: undefined,
  };
}

async function take(draft: Draft, input: ConversationInput): Promise<void> {
  switch (input.kind) {
    case 'packet':
      await receivePacket(draft, input);
      return;
    case 'wake':
      return;
    case 'unreachable':
      loseReach(draft);
      return;
    case 'caughtUp':
      openReach(draft);
      askSoon(draft);
      if (input.whole) noteAsked(draft, input.with);
      // What is still too far ahead is read all the same, once we took everything: those in between are nowhere.
      draft.isLate = true;
      await replayParked(draft, input.whole);
      return;
    case 'reachable':
      findReach(draft);
      scheduleNotice(draft);
      scheduleStatus(draft);
      return;
    case 'sendMessage':
      sendChat(draft, { messageId: input.messageId, text: input.text, replyTo: input.replyTo });
      return;
    case 'vote':
      await castVote(draft, input.proposalId, input.approve, false);
      return;
    case 'removeMember':
      draft.reply = { proposalId: await proposeRemoval(draft, input.memberId, input.reason ?? '') };
      return;
    case 'leave':
      await leave(draft);
      return;
    case 'resetInvite':
      if (!isSynced(draft)) throw new ProtocolError('ConversationBlocked', { state: draft.state.phase.phase });
      await resetInvite(draft);
      return;
    case 'setDisplayName':
      learnName(draft, draft.self, input.displayName);
      await sendDisplayName(draft);
      return;
    default:
      input satisfies never;
  }
}

async function receivePacket(
  draft: Draft,
  { subtopic, payload, late }: ConversationInput & { kind: 'packet' },
): Promise<void> {
  draft.isLate = late === true;
  if (draft.isLate) keepCatchingUp(draft);
  if (payload.length > MAX_TOPIC_PACKET_BYTES) count(draft, 'TooLarge');
  else if (draft.state.volatile.ownPayloads.includes(hashOf(payload))) count(draft, 'OwnEcho');
  else if (subtopic === 'app_msg') await receiveAppPacket(draft, payload);
  else await receiveWelcomePacket(draft, payload);
}

/** §8.4, H-23: alone we go at once, otherwise the group has to let us go. */
async function leave(draft: Draft): Promise<void> {
  if (members(draft).length === 1) {
    draft.ended = 'left';
    note(draft, { kind: 'left', target: draft.self, actor: draft.self, cause: 'left', rule: 'selfLeave' });
    return;
  }
  draft.reply = { proposalId: await proposeOwnLeave(draft) };
}
