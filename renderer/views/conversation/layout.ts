/** How messages stand among each other: day lines, the "new" line, blocks of one sender. Pure. */
import { isSameDay } from 'date-fns';
import type { ConversationSummary, Message } from '../../../shared/api/model.ts';
import type { MemberId, MessageId } from '../../../shared/model/ids.ts';
import type { MessageWindow } from '../../state/messageWindow.ts';

/** Messages of one sender further apart than this begin a new block, in ms. */
const BLOCK_MS = 5 * 60_000;

export interface MessageLayout {
  /** A day begins with this message. */
  readonly newDay: boolean;
  /** The first message that the person has not seen. */
  readonly firstNew: boolean;
  /** The first of a sender's block: it carries the name and the picture. */
  readonly firstOfBlock: boolean;
}

export function layoutOf(
  message: Message,
  previous: Message | undefined,
  firstNewId: MessageId | undefined,
): MessageLayout {
  const newDay = previous === undefined || !isSameDay(previous.sentAt, message.sentAt);
  const firstNew = message.messageId === firstNewId;
  return {
    newDay,
    firstNew,
    firstOfBlock:
      newDay ||
      firstNew ||
      previous.system !== undefined ||
      previous.sender !== message.sender ||
      message.sentAt - previous.sentAt > BLOCK_MS,
  };
}

/**
 * The first unread message: of what others wrote, those are unread that arrived after the last one that was read, wherever they stand, as
 * the node counts. Undefined when there is none, or when it cannot be told from what is held.
 */
export function firstUnread(
  { messages, reachedEnd }: Pick<MessageWindow, 'messages' | 'reachedEnd'>,
  { unread, readUpTo }: Pick<ConversationSummary, 'unread' | 'readUpTo'> = { unread: 0 },
  self: MemberId | undefined,
): MessageId | undefined {
  if (unread <= 0) return undefined;
  const others = messages.filter((message) => message.system === undefined && message.sender !== self);
  if (reachedEnd && (others.length >= unread || readUpTo === undefined)) {
    const newest = new Set(
      others
        .toReversed()
        .toSorted((a, b) => b.receivedAt - a.receivedAt)
        .slice(0, unread),
    );
    return others.find((message) => newest.has(message))?.messageId;
  }
  const read = messages.find(({ messageId }) => messageId === readUpTo);
  return read === undefined ? undefined : others.find(({ receivedAt }) => receivedAt > read.receivedAt)?.messageId;
}
