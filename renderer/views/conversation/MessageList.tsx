/**
 * The messages of a group: a virtual list over the held window. One stop for Tab; arrows, Home and End move inside.
 */
import { useCallback, useEffect, useMemo, useRef, useState, type ComponentProps, type KeyboardEvent } from 'react';
import { ArrowDown } from 'lucide-react';
import { Virtuoso, type IndexLocationWithAlign, type ListRange, type VirtuosoHandle } from 'react-virtuoso';
import type { ConversationDetail, Message } from '../../../shared/api/model.ts';
import type { ConversationId, MessageId } from '../../../shared/model/ids.ts';
import { Button } from '../../components/Button.tsx';
import { copyText } from '../../components/Copy.tsx';
import { messageOf } from '../../state/call.ts';
import {
  goTo,
  isFollowing,
  loadNewer,
  loadOlder,
  markRead,
  setFollowing,
  showNewest,
  type Thread,
} from '../../state/messages.ts';
import { useNow } from '../../state/now.ts';
import { showDialog, toast } from '../../state/ui.ts';
import { text } from '../../text/index.ts';
import { dayLabel } from '../../text/time.ts';
import { useFirstNew } from './firstNew.ts';
import { layoutOf } from './layout.ts';
import { AT_BOTTOM_PX, FOLLOW_MS, idOf, tabStopOf, useBottom, useFound } from './listPlace.ts';
import { MessageItem } from './MessageItem.tsx';
import { SystemLine } from './SystemLine.tsx';

const words = text.conversation;
type ReadyThread = Extract<Thread, { kind: 'ready' }>;

/** What the list's own pieces need to know. */
interface ListContext {
  readonly label: string;
  readonly thread: ReadyThread;
  readonly onRetryOlder: () => void;
  /** The group, while this person is its only member and has written nothing. */
  readonly alone: ConversationId | undefined;
}

function List({ context, ...rest }: ComponentProps<'div'> & { context?: ListContext }) {
  return <div {...rest} role="list" aria-label={context?.label} />;
}
function Item({
  item: _item,
  context: _context,
  ...rest
}: ComponentProps<'div'> & { item?: Message; context?: ListContext }) {
  return <div {...rest} role="listitem" />;
}

/** What stands above the oldest message that is held, while there are older ones. */
function Header({ context }: { context?: ListContext }) {
  if (context === undefined) return null;
  const { thread } = context;
  if (thread.older === 'loading') return <p className="list-edge">{words.loadingOlder}</p>;
  if (thread.older === 'failed')
    return (
      <div className="list-edge" role="alert">
        {words.olderFailed}{' '}
        <Button kind="link" onClick={context.onRetryOlder}>
          {text.common.retry}
        </Button>
      </div>
    );
  return thread.window.reachedStart ? null : <p className="list-edge">{words.loadingOlder}</p>;
}

/** Where a list that begins anew begins: at a message in its middle, where one was, or at the newest. */
function startOf({ window: { messages }, anchor }: ReadyThread, middle: MessageId | undefined): IndexLocationWithAlign {
  const indexOf = (id: MessageId | undefined): number => messages.findIndex(({ messageId }) => messageId === id);
  if (indexOf(middle) >= 0) return { index: indexOf(middle), align: 'center' };
  const index = indexOf(anchor);
  return index < 0 ? { index: 'LAST', align: 'end' } : { index, align: 'end' };
}

/** What is said above the very first message. */
function beginningWords(first: Message): string {
  return first.system?.kind === 'joined' && first.system.rule === 'created' ? words.started : words.beginning;
}

/** What stands below the newest message: the way on, as long as nobody else is in the group. */
function Footer({ context }: { context?: ListContext }) {
  if (context?.alone === undefined) return <div className="list-foot" />;
  return <Alone conversationId={context.alone} />;
}

const components = { List, Item, Header, Footer };

export function MessageList(props: {
  detail: ConversationDetail;
  thread: ReadyThread;
  onReply: (message: Message) => void;
}) {
  const { detail, thread, onReply } = props;
  const { id: conversationId, self } = detail;
  const { window: held } = thread;
  const { messages, firstIndex } = held;
  const list = useRef<VirtuosoHandle>(null);
  const frame = useRef<HTMLDivElement>(null);
  const target = thread.goTo;
  const firstNewId = useFirstNew(conversationId, held, self);
  // Whoever has more to read than fits begins with the first of it.
  const [isUnseen] = useState(() => firstNewId !== undefined && !isFollowing(conversationId));
  const { atBottom, follows, turnAway, onAtBottom, onScroller } = useBottom(
    target === undefined && thread.anchor === undefined && !isUnseen,
  );
  const [active, setActive] = useState<MessageId | undefined>(undefined);
  const last = messages.at(-1);
  const now = useNow();
  const indexOf = useMemo(() => new Map(messages.map((message, index) => [message.messageId, index])), [messages]);
  const [range, setRange] = useState<ListRange>();
  const stop = tabStopOf(held, active, range);
  const complete = held.reachedEnd;

  useEffect(() => {
    setFollowing(conversationId, follows);
  }, [conversationId, follows]);

  const seen = useCallback(() => {
    if (atBottom && complete && last !== undefined && document.hasFocus())
      void markRead(conversationId, last.messageId);
  }, [atBottom, complete, conversationId, last]);
  useEffect(() => {
    seen();
    window.addEventListener('focus', seen);
    return () => window.removeEventListener('focus', seen);
  }, [seen]);

  // What one has just written is looked at, wherever one was reading.
  const ownLast = complete && last?.sender === self && last.system === undefined ? last.messageId : undefined;
  const ownLastBefore = useRef(ownLast);
  useEffect(() => {
    if (ownLast !== undefined && ownLast !== ownLastBefore.current)
      list.current?.scrollToIndex({ index: 'LAST', align: 'end' });
    ownLastBefore.current = ownLast;
  }, [ownLast]);

  // The list follows by itself while it grows; it does not while the window is full, and loses its way when many come at once.
  const lastId = last?.messageId;
  useEffect(() => {
    if (!follows || !complete) return;
    const toEnd = (): void => list.current?.scrollToIndex({ index: 'LAST', align: 'end' });
    toEnd();
    if (atBottom) return;
    const timer = setInterval(toEnd, FOLLOW_MS);
    return () => clearInterval(timer);
  }, [follows, complete, atBottom, lastId]);

  // When a vote card or a longer draft takes room, the newest message stays in view.
  useEffect(() => {
    if (frame.current === null || !follows) return;
    const observer = new ResizeObserver(() => list.current?.scrollToIndex({ index: 'LAST', align: 'end' }));
    observer.observe(frame.current);
    return () => observer.disconnect();
  }, [follows]);

  // Where the line stands later is no reason to go there.
  const [start] = useState(() => startOf(thread, target?.messageId ?? (isUnseen ? firstNewId : undefined)));
  const found = useFound(target, indexOf, list, turnAway);

  const show = (messageId: MessageId): void => {
    goTo(conversationId, messageId).then(
      (isHere) => {
        if (!isHere) toast('info', words.notHere);
      },
      (error: unknown) => toast('error', messageOf(error)),
    );
  };

  const moveTo = (index: number): void => {
    const message = messages[Math.max(0, Math.min(index, messages.length - 1))];
    if (message === undefined) return;
    setActive(message.messageId);
    list.current?.scrollIntoView({
      index: indexOf.get(message.messageId) ?? 0,
      behavior: 'auto',
      done: () => document.querySelector<HTMLElement>(`[data-message-id="${message.messageId}"]`)?.focus(),
    });
  };

  const hasFocus = useRef(false);
  const onRange = (shown: ListRange): void => {
    setRange((before) =>
      before?.startIndex === shown.startIndex && before.endIndex === shown.endIndex ? before : shown,
    );
    // Whoever stands on a line that scrolled away goes on from there.
    if (hasFocus.current && document.activeElement === document.body) frame.current?.focus({ preventScroll: true });
  };

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>): void => {
    const id = event.target === frame.current ? active : idOf(event.target);
    const index = id === undefined ? -1 : messages.findIndex((message) => message.messageId === id);
    const message = messages[index];
    if (message === undefined || event.altKey || event.metaKey) return;
    const next = { ArrowDown: index + 1, ArrowUp: index - 1, Home: 0, End: messages.length - 1 }[event.key];
    if (next !== undefined) moveTo(next);
    else if (event.key === 'r' && !event.ctrlKey && message.system === undefined) onReply(message);
    else if (
      event.key === 'c' &&
      event.ctrlKey &&
      getSelection()?.isCollapsed !== false &&
      message.system === undefined
    )
      void copyText(message.text);
    else return;
    event.preventDefault();
  };

  const jump = async (): Promise<void> => {
    await showNewest(conversationId);
    list.current?.scrollToIndex({ index: 'LAST', align: 'end' });
  };

  const repliedTo = (message: Message): Message | null | undefined => {
    if (message.replyTo === undefined) return undefined;
    const index = indexOf.get(message.replyTo);
    return index === undefined ? null : (messages[index] ?? null);
  };

  const render = (index: number, message: Message) => {
    const previous = messages[index - firstIndex - 1];
    const layout = layoutOf(message, previous, firstNewId);
    const tabStop = message.messageId === stop;
    const { system } = message;
    return (
      <div onFocus={() => setActive(message.messageId)}>
        {index === firstIndex && held.reachedStart && <p className="list-edge">{beginningWords(message)}</p>}
        {layout.newDay && <div className="divider">{dayLabel(message.sentAt, now, text.common)}</div>}
        {layout.firstNew && <div className="divider divider-new">{words.newDivider}</div>}
        {system === undefined ? (
          <MessageItem
            message={message}
            self={self}
            members={detail.members}
            firstOfBlock={layout.firstOfBlock}
            tabStop={tabStop}
            replied={repliedTo(message)}
            onReply={onReply}
            isFound={message.messageId === found}
            onGoTo={show}
          />
        ) : (
          <SystemLine message={{ ...message, system }} self={self} tabStop={tabStop} />
        )}
      </div>
    );
  };

  if (messages.length === 0) return <NothingSaid detail={detail} />;
  return (
    <div
      ref={frame}
      className="messages"
      tabIndex={-1}
      onKeyDown={onKeyDown}
      onFocus={() => (hasFocus.current = true)}
      onBlur={({ target: from }) => {
        // A line that is no longer shown takes nobody's place away.
        if (from.isConnected) hasFocus.current = false;
      }}
    >
      <Virtuoso<Message, ListContext>
        ref={list}
        tabIndex={-1}
        data={messages}
        context={{
          label: words.messagesLabel(detail.name),
          thread,
          alone: isAlone(detail, messages) ? conversationId : undefined,
          onRetryOlder: () => void loadOlder(conversationId),
        }}
        components={components}
        firstItemIndex={firstIndex}
        initialTopMostItemIndex={start}
        alignToBottom
        atBottomThreshold={AT_BOTTOM_PX}
        increaseViewportBy={400}
        computeItemKey={(_index, message) => message.messageId}
        followOutput={() => (follows && complete ? 'auto' : false)}
        atBottomStateChange={onAtBottom}
        scrollerRef={onScroller}
        startReached={() => void loadOlder(conversationId)}
        endReached={() => void loadNewer(conversationId)}
        rangeChanged={onRange}
        itemContent={render}
      />
      {(!follows || !complete) && (
        <Button className="jump" onClick={() => void jump()}>
          <ArrowDown size={16} aria-hidden />
          {held.arrivedBelow > 0 ? words.newBelow(held.arrivedBelow) : words.jumpToLatest}
        </Button>
      )}
    </div>
  );
}

const isAlone = (detail: ConversationDetail, messages: readonly Message[]): boolean =>
  detail.state !== 'left' && detail.members.length <= 1 && messages.every((message) => message.system !== undefined);

function Alone({ conversationId }: { conversationId: ConversationId }) {
  return (
    <div className="state">
      <p>{words.emptyAlone}</p>
      <Button kind="primary" onClick={() => showDialog({ kind: 'invite', conversationId })}>
        {words.invitePeople}
      </Button>
    </div>
  );
}

/** Who starts a group sees at least that line: a list with nothing at all is that of somebody who has just come. */
function NothingSaid({ detail }: { detail: ConversationDetail }) {
  return (
    <div className="state state-fill">
      {isAlone(detail, []) ? (
        <Alone conversationId={detail.id} />
      ) : (
        <>
          <p>{words.beginning}</p>
          {detail.state !== 'left' && <p>{words.empty}</p>}
        </>
      )}
    </div>
  );
}
