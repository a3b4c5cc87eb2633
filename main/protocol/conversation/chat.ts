/**
 * Chat (§9.3, H-30, H-31): own messages at once, or queued while a change settles; received ones attributed to the sender that
 * MLS names. Knows text and ids, not how a message is stored.
 */
import { MAX_CLOCK_SKEW_MS, MAX_MESSAGE_TEXT_BYTES, MAX_QUEUED_MESSAGES } from '../../../shared/limits.ts';
import { messageIdSchema, messageTextSchema, utf8Length } from '../../../shared/api/common.ts';
import type { MemberId, MessageId } from '../../../shared/model/ids.ts';
import type { ConversationMessage } from '../wire/index.ts';
import { broadcast, count, type Draft } from './draft.ts';
import { ProtocolError } from './errors.ts';
import { members } from './roster.ts';
import type { QueuedMessage } from './state.ts';

/** An own message is worth delivering for two weeks: as long as members keep their logs. */
const MESSAGE_MS = 14 * 24 * 3_600_000;

/** `sendMessage`. Throws ProtocolError TextTooLarge, TooMuchQueued. */
export async function sendChat(draft: Draft, message: Omit<QueuedMessage, 'sentAt'>): Promise<void> {
  if (utf8Length(message.text) > MAX_MESSAGE_TEXT_BYTES) throw new ProtocolError('TextTooLarge');
  const { phase } = draft.state.phase;
  const { chat } = draft.state;
  const queued: QueuedMessage = { ...message, sentAt: draft.now };
  if (phase === 'freezing' || phase === 'selection') {
    if (chat.queued.length >= MAX_QUEUED_MESSAGES) throw new ProtocolError('TooMuchQueued');
    draft.state.chat = { ...chat, queued: [...chat.queued, queued] };
    showOwn(draft, queued, 'pending');
    return;
  }
  await publishChat(draft, queued, true);
}

/** Sends what was written while a change settled, in order (H-31). */
export async function flushQueuedChat(draft: Draft): Promise<boolean> {
  const { chat, phase } = draft.state;
  if (chat.queued.length === 0 || (phase.phase !== 'working' && phase.phase !== 'reelection')) return false;
  draft.state.chat = { ...chat, queued: [] };
  for (const message of chat.queued) await publishChat(draft, message, false);
  return true;
}

/** Alone there is nobody to send to. */
async function publishChat(draft: Draft, message: QueuedMessage, isNew: boolean): Promise<void> {
  const { messageId, text, replyTo, sentAt } = message;
  const { chat } = draft.state;
  const sequence = chat.sequence + 1;
  draft.state.chat = { ...chat, sequence };
  const isAlone = members(draft).length === 1;
  if (isNew) showOwn(draft, message, isAlone ? 'sent' : 'pending');
  else if (isAlone) draft.effects.push({ kind: 'messageStatus', messageId, status: 'sent' });
  if (isAlone) return;
  const value = {
    message: new TextEncoder().encode(text),
    sender: draft.self,
    conversationName: draft.state.conversationId,
    messageId,
    sequence: BigInt(sequence),
    sentAtMs: BigInt(sentAt),
    ...(replyTo === undefined ? {} : { replyTo }),
  };
  const subject = { kind: 'message', messageId } as const;
  await broadcast(draft, { payload: { case: 'conversationMessage', value } }, subject, draft.now + MESSAGE_MS);
}

function showOwn(draft: Draft, message: QueuedMessage, status: 'pending' | 'sent'): void {
  draft.effects.push({
    kind: 'message',
    message: {
      messageId: message.messageId,
      conversationId: draft.state.conversationId,
      sender: draft.self,
      sentAt: message.sentAt,
      receivedAt: draft.now,
      text: message.text,
      ...(message.replyTo === undefined ? {} : { replyTo: message.replyTo }),
      status,
    },
  });
}

/** A peer's message. The sender and conversation that it names are not looked at (H-30). */
export function receiveChat(draft: Draft, message: ConversationMessage, sender: MemberId): void {
  const text = textOf(message.message);
  const messageId = messageIdSchema.safeParse(message.messageId);
  if (text === undefined || !messageId.success) {
    count(draft, 'ChatMalformed');
    return;
  }
  const latest = BigInt(draft.now + MAX_CLOCK_SKEW_MS);
  const replyTo = messageIdSchema.safeParse(message.replyTo);
  draft.effects.push({
    kind: 'message',
    message: {
      messageId: messageId.data,
      conversationId: draft.state.conversationId,
      sender,
      sentAt: Number(message.sentAtMs > latest ? latest : message.sentAtMs),
      receivedAt: draft.now,
      text,
      ...(replyTo.success ? { replyTo: replyTo.data satisfies MessageId } : {}),
      status: 'delivered',
    },
  });
}

/** Valid UTF-8 with something in it. */
function textOf(bytes: Uint8Array): string | undefined {
  try {
    const parsed = messageTextSchema.safeParse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return parsed.success ? parsed.data : undefined;
  } catch {
    // Not UTF-8.
    return undefined;
  }
}
