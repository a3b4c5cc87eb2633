/**
 * Chat (§9.3, H-30, H-31): own messages are written down and shown at once, and said when it makes sense; received ones are
 * attributed to the sender that MLS names. Knows text and ids, not how a message is stored.
 */
import { MAX_MESSAGE_TEXT_BYTES } from '../../../shared/limits.ts';
import { messageIdSchema, messageTextSchema, utf8Length } from '../../../shared/api/common.ts';
import type { MemberId, MessageId } from '../../../shared/model/ids.ts';
import type { ConversationMessage } from '../wire/index.ts';
import { clampedTime } from './delivery/clock.ts';
import { hearMessage } from './delivery/heard.ts';
import { writeOwn, type Written } from './delivery/own.ts';
import { receiveAcknowledgements } from './delivery/vectors.ts';
import { count, type Draft } from './draft.ts';
import { ProtocolError } from './errors.ts';

/** `sendMessage`. Throws ProtocolError TextTooLarge, TooMuchQueued. */
export function sendChat(draft: Draft, written: Written): void {
  if (utf8Length(written.text) > MAX_MESSAGE_TEXT_BYTES) throw new ProtocolError('TextTooLarge');
  const { messageId, text, replyTo, sentAt, expected } = writeOwn(draft, written);
  draft.effects.push({
    kind: 'message',
    message: {
      messageId,
      conversationId: draft.state.conversationId,
      sender: draft.self,
      sentAt,
      receivedAt: draft.now,
      text,
      ...(replyTo === undefined ? {} : { replyTo }),
      status: 'pending',
      deliveredTo: [],
      expected,
    },
  });
}

/** A peer's message. The sender and conversation that it names are not looked at (H-30). */
export function receiveChat(draft: Draft, message: ConversationMessage, sender: MemberId): void {
  const sentAt = clampedTime(message.sentAtMs, draft.now);
  const { run, base, sequence: number, acknowledgements } = message;
  hearMessage(draft, sender, { run, base, number }, sentAt);
  if (acknowledgements !== undefined) receiveAcknowledgements(draft, acknowledgements, sender);
  const text = textOf(message.message);
  const messageId = messageIdSchema.safeParse(message.messageId);
  if (text === undefined || !messageId.success) {
    count(draft, 'ChatMalformed');
    return;
  }
  const replyTo = messageIdSchema.safeParse(message.replyTo);
  draft.effects.push({
    kind: 'message',
    message: {
      messageId: messageId.data,
      conversationId: draft.state.conversationId,
      sender,
      sentAt,
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
