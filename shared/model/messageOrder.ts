/**
 * The order of messages that everybody who has the same ones shares: by the time that the sender gave them, then by id. A sender's
 * time is never before what it had seen. Knows nothing else of a message.
 */
import type { Message } from '../api/model.ts';

/** Negative when `a` stands above `b`. */
export function compareMessages(
  a: Pick<Message, 'sentAt' | 'messageId'>,
  b: Pick<Message, 'sentAt' | 'messageId'>,
): number {
  if (a.sentAt !== b.sentAt) return a.sentAt - b.sentAt;
  return a.messageId < b.messageId ? -1 : a.messageId > b.messageId ? 1 : 0;
}
