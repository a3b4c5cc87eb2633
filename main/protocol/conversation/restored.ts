/**
 * A conversation that comes from a copy of the store. It went on after the copy: keys that the copy held were used, and must not be
 * used again. So it holds none of them, asks for its place with a fresh key package (H-17, H-28), and until it has that it reads
 * nothing and says nothing else. Its history stays; what was written meanwhile it does not get by itself.
 */
import { MAX_TOPIC_PACKET_BYTES, RUN_BYTES } from '../../../shared/limits.ts';
import { sendChat } from './chat.ts';
import type { ConversationContext } from './context.ts';
import type { ConversationInput, ConversationWrites, StoredConversation } from './contract.ts';
import { findReach, loseReach, openReach } from './delivery/reach.ts';
import { count, hashOf, hexOf, type Draft } from './draft.ts';
import { ProtocolError } from './errors.ts';
import { park } from './inbound/parking.ts';
import { decodedWelcome } from './inbound/welcome.ts';
import { emptyActiveParts, emptySnapshots, initialPhase } from './initial.ts';
import { decodeState, writesBetween } from './parts.ts';
import { note } from './records.ts';
import { receiveRejoinWelcome } from './rejoin.ts';
import { learnName } from './roster.ts';
import type { ActiveState, PendingState, State } from './state.ts';

/** See User.renewedWrites. */
export async function renewedWrites(
  context: ConversationContext,
  stored: StoredConversation,
  now: number,
): Promise<ConversationWrites> {
  const before = decodeState(context.mls, stored);
  const after: State =
    before.kind === 'pending' ? await askedAnew(context, before, now) : withoutPlace(context, before, now);
  return writesBetween(context.mls, before, after);
}

/** The key package of before may have brought us in already, and one is of use once. */
async function askedAnew({ mls }: ConversationContext, state: PendingState, now: number): Promise<PendingState> {
  return { ...state, joiner: { ...state.joiner, keyPackage: await mls.generateKeyPackage(now) } };
}

/** What a joiner has before its welcome, and who the members were: only one of them can let us in. */
function withoutPlace(context: ConversationContext, state: ActiveState, now: number): ActiveState {
  const { conversationId, rules, group, invite, own, heard, roster, sync, volatile } = state;
  return {
    kind: 'active',
    conversationId,
    rules,
    group: context.mls.withoutSecrets(group),
    phase: initialPhase,
    ...emptySnapshots(context, conversationId, rules.settings),
    ...emptyActiveParts,
    invite,
    // Numbers that others know as those of other messages must not come again: a run of its own.
    chat: { ...emptyActiveParts.chat, run: hexOf(context.random(RUN_BYTES)), sequence: own.length },
    own: own.map((message, index) => ({ ...message, number: index + 1, waiting: true })),
    heard,
    roster: { ...emptyActiveParts.roster, names: roster.names },
    sync: { ...sync, awaiting: undefined, answers: [] },
    parked: [],
    restored: { since: now },
    volatile,
  };
}

/** One input while we have no place. Throws ProtocolError ConversationBlocked for what takes one. */
export async function takeRestored(draft: Draft, input: ConversationInput): Promise<void> {
  switch (input.kind) {
    case 'packet':
      await receive(draft, input);
      return;
    case 'sendMessage':
      sendChat(draft, { messageId: input.messageId, text: input.text, replyTo: input.replyTo });
      return;
    case 'setDisplayName':
      learnName(draft, draft.self, input.displayName);
      return;
    case 'leave':
      // Nobody could read a word of it: whoever minds our place being taken has to vote.
      draft.ended = 'left';
      note(draft, { kind: 'left', target: draft.self, actor: draft.self, cause: 'left', rule: 'selfLeave' });
      return;
    case 'vote':
    case 'removeMember':
    case 'resetInvite':
      throw new ProtocolError('ConversationBlocked', { state: draft.state.phase.phase });
    case 'wake':
      return;
    case 'reachable':
      findReach(draft);
      return;
    case 'unreachable':
      loseReach(draft);
      return;
    case 'caughtUp':
      openReach(draft);
      return;
    default:
      input satisfies never;
  }
}

async function receive(draft: Draft, packet: ConversationInput & { kind: 'packet' }): Promise<void> {
  if (packet.payload.length > MAX_TOPIC_PACKET_BYTES) {
    count(draft, 'TooLarge');
    return;
  }
  if (draft.state.volatile.ownPayloads.includes(hashOf(packet.payload))) {
    count(draft, 'OwnEcho');
    return;
  }
  if (packet.subtopic === 'app_msg') {
    // It may have overtaken our welcome.
    park(draft, packet.subtopic, packet.payload);
    return;
  }
  const message = decodedWelcome(packet.payload);
  if (message?.payload.case === 'invitationToJoin' && (await receiveRejoinWelcome(draft, message.payload.value)))
    return;
  count(draft, message === undefined ? 'MessageError' : 'WelcomeIgnored');
}
