/** Where the "new" line stands: above the first message that came since somebody looked here last. */
import { useEffect, useRef, useState } from 'react';
import type { ConversationId, MemberId, MessageId } from '../../../shared/model/ids.ts';
import { summaryOf } from '../../state/conversations.ts';
import type { MessageWindow } from '../../state/messageWindow.ts';
import { firstUnread } from './layout.ts';

/** It stays where it was while somebody reads, and moves when the window was left and more came meanwhile. */
export function useFirstNew(
  conversationId: ConversationId,
  held: MessageWindow,
  self: MemberId | undefined,
): MessageId | undefined {
  const [firstNew, setFirstNew] = useState(() => firstUnread(held, summaryOf(conversationId), self));
  const { messages, reachedEnd } = held;
  const lastId = messages.at(-1)?.messageId;
  const present = useRef({ messages, lastId, hasLine: false });
  useEffect(() => {
    const onFocus = (): void => {
      present.current.hasLine = false;
    };
    window.addEventListener('focus', onFocus);
    return () => window.removeEventListener('focus', onFocus);
  }, []);
  useEffect(() => {
    const { lastId: before, hasLine } = present.current;
    present.current = { messages, lastId, hasLine };
    if (document.hasFocus() || hasLine || !reachedEnd || before === undefined || before === lastId) return;
    const index = messages.findLastIndex(({ messageId }) => messageId === before);
    const arrived = index < 0 ? [] : messages.slice(index + 1);
    const first = arrived.find(({ system, sender }) => system === undefined && sender !== self);
    if (first === undefined) return;
    present.current.hasLine = true;
    setFirstNew(first.messageId);
  }, [messages, lastId, reachedEnd, self]);
  return firstNew;
}
