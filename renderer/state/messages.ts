/** The windows of messages of the groups that are looked at: reading pages, sending, marking as read. */
import { create } from 'zustand';
import type { Message } from '../../shared/api/model.ts';
import type { ConversationId, MessageId } from '../../shared/model/ids.ts';
import { call, CallError, messageOf } from './call.ts';
import { summaryOf } from './conversations.ts';
import {
  addMessage,
  changeMessage,
  openAround,
  openWindow,
  PAGE_SIZE,
  putAbove,
  putBelow,
  shrink,
  type MessageWindow,
} from './messageWindow.ts';

export type Thread =
  | { readonly kind: 'loading' }
  | { readonly kind: 'failed'; readonly message: string }
  | {
      readonly kind: 'ready';
      readonly window: MessageWindow;
      /** The page that is being read above the window. */
      readonly older: 'idle' | 'loading' | 'failed';
      /** A message to be shown and pointed at; each wish is an object of its own. */
      readonly goTo?: { readonly messageId: MessageId };
      /** Counts how often the window began anew elsewhere, or lost its beginning: the list begins anew, too. */
      readonly opened: number;
      /** The message that was the last before the window lost its beginning: the list begins with it at its end. */
      readonly anchor?: MessageId;
    };

interface MessagesState {
  readonly threads: Readonly<Record<ConversationId, Thread>>;
}

export const useMessages = create<MessagesState>()(() => ({ threads: {} }));

/** Where the person looks: only the shown conversation can follow its newest message. */
const following = new Set<ConversationId>();
const readingBelow = new Set<ConversationId>();
const marked = new Map<ConversationId, MessageId>();

const threadOf = (conversationId: ConversationId): Thread | undefined => useMessages.getState().threads[conversationId];

function put(conversationId: ConversationId, thread: Thread): void {
  useMessages.setState((state) => ({ threads: { ...state.threads, [conversationId]: thread } }));
}

function change(conversationId: ConversationId, work: (window: MessageWindow) => MessageWindow): void {
  const thread = threadOf(conversationId);
  if (thread?.kind !== 'ready') return;
  const window = work(thread.window);
  const hasLostBeginning = window.firstIndex > thread.window.firstIndex;
  if (!hasLostBeginning) put(conversationId, { ...thread, window });
  else
    put(conversationId, {
      ...withoutTarget(thread),
      window,
      opened: thread.opened + 1,
      ...anchorOf(conversationId, thread),
    });
}

type Ready = Extract<Thread, { kind: 'ready' }>;

const withoutTarget = ({ window, older, opened }: Ready): Ready => ({ kind: 'ready', window, older, opened });

/** Who follows the newest message goes on doing so. */
function anchorOf(conversationId: ConversationId, { window }: Ready): Pick<Ready, 'anchor'> {
  const last = window.messages.at(-1);
  return following.has(conversationId) || last === undefined ? {} : { anchor: last.messageId };
}

const openedOf = (conversationId: ConversationId): number => {
  const thread = threadOf(conversationId);
  return thread?.kind === 'ready' ? thread.opened : 0;
};

/** Reads the newest page and shows it. Messages that arrive meanwhile are part of the page or come after it. */
export async function loadNewest(conversationId: ConversationId): Promise<void> {
  if (threadOf(conversationId)?.kind !== 'ready') put(conversationId, { kind: 'loading' });
  const early: Message[] = [];
  const stop = collectEarly(conversationId, early);
  try {
    const { messages } = await call('message.list', { conversationId, limit: PAGE_SIZE });
    const window = early.reduce((held, message) => addMessage(held, message, true), openWindow(messages));
    put(conversationId, { kind: 'ready', window, older: 'idle', opened: openedOf(conversationId) });
  } catch (error) {
    if (threadOf(conversationId)?.kind !== 'ready') put(conversationId, { kind: 'failed', message: messageOf(error) });
  } finally {
    stop();
  }
}

/** Goes to the newest messages from wherever one reads, as after writing one. */
export async function showNewest(conversationId: ConversationId): Promise<void> {
  const thread = threadOf(conversationId);
  if (thread?.kind === 'ready' && !thread.window.reachedEnd) await loadNewest(conversationId);
}

const collectors = new Map<ConversationId, Set<Message[]>>();
function collectEarly(conversationId: ConversationId, into: Message[]): () => void {
  const set = collectors.get(conversationId) ?? new Set();
  collectors.set(conversationId, set.add(into));
  return () => {
    set.delete(into);
    if (set.size === 0) collectors.delete(conversationId);
  };
}

/** Opens a conversation's window unless it is open already: on the newest page, or where somebody left when more than that is new. */
export async function openThread(conversationId: ConversationId): Promise<void> {
  const thread = threadOf(conversationId);
  if (thread !== undefined && thread.kind !== 'failed') return;
  const { unread = 0, readUpTo } = summaryOf(conversationId) ?? {};
  if (unread < PAGE_SIZE || readUpTo === undefined) {
    await loadNewest(conversationId);
    return;
  }
  put(conversationId, { kind: 'loading' });
  try {
    await loadAround(conversationId, readUpTo);
  } catch {
    // Whatever was wrong, it is said of the newest page if it lasts.
    await loadNewest(conversationId);
  }
}

/** Reads the window around a message and shows it. Rejects with a CallError. */
async function loadAround(conversationId: ConversationId, messageId: MessageId, more: Pick<Ready, 'goTo'> = {}) {
  const early: Message[] = [];
  const stop = collectEarly(conversationId, early);
  try {
    const { messages } = await call('message.list', { conversationId, around: messageId, limit: PAGE_SIZE });
    const window = early.reduce((held, message) => addMessage(held, message, false), openAround(messages));
    put(conversationId, { kind: 'ready', window, older: 'idle', opened: openedOf(conversationId) + 1, ...more });
  } finally {
    stop();
  }
}

export async function loadOlder(conversationId: ConversationId): Promise<void> {
  const thread = threadOf(conversationId);
  if (thread?.kind !== 'ready' || thread.older === 'loading' || thread.window.reachedStart) return;
  const before = thread.window.messages[0]?.messageId;
  if (before === undefined) return;
  put(conversationId, { ...thread, older: 'loading' });
  try {
    const { messages } = await call('message.list', { conversationId, before, limit: PAGE_SIZE });
    const now = threadOf(conversationId);
    if (now?.kind !== 'ready') return;
    const joins = now.window.messages[0]?.messageId === before;
    put(conversationId, { ...now, older: 'idle', window: joins ? putAbove(now.window, messages) : now.window });
  } catch {
    // Said in the list, with a way to try again.
    const now = threadOf(conversationId);
    if (now?.kind === 'ready') put(conversationId, { ...now, older: 'failed' });
  }
}

/** Reads on below, while the newest message is not held. */
export async function loadNewer(conversationId: ConversationId): Promise<void> {
  const thread = threadOf(conversationId);
  const after =
    thread?.kind === 'ready' && !thread.window.reachedEnd ? thread.window.messages.at(-1)?.messageId : undefined;
  if (after === undefined || readingBelow.has(conversationId)) return;
  readingBelow.add(conversationId);
  const early: Message[] = [];
  const stop = collectEarly(conversationId, early);
  try {
    const { messages } = await call('message.list', { conversationId, after, limit: PAGE_SIZE });
    change(conversationId, (window) => {
      if (window.messages.at(-1)?.messageId !== after) return window;
      return early.reduce(
        (held, message) => addMessage(held, message, isFollowing(conversationId)),
        putBelow(window, messages),
      );
    });
  } catch {
    // What is shown stays; scrolling on, or "jump to latest", asks again.
  } finally {
    stop();
    readingBelow.delete(conversationId);
  }
}

/**
 * Shows a message, wherever it stands: reads the window around it unless it is held. False when this computer does not have it.
 * Rejects with a CallError when it cannot be read.
 */
export async function goTo(conversationId: ConversationId, messageId: MessageId): Promise<boolean> {
  const thread = threadOf(conversationId);
  if (thread?.kind === 'ready' && thread.window.messages.some((message) => message.messageId === messageId)) {
    put(conversationId, { ...thread, goTo: { messageId } });
    return true;
  }
  // Whoever opens the group meanwhile sees that something is on its way.
  if (thread?.kind !== 'ready') put(conversationId, { kind: 'loading' });
  try {
    await loadAround(conversationId, messageId, { goTo: { messageId } });
    return true;
  } catch (error) {
    if (threadOf(conversationId)?.kind === 'loading') await loadNewest(conversationId);
    if (error instanceof CallError && error.code === 'NOT_FOUND') return false;
    throw error;
  }
}

/** Whether somebody looks at the newest message, and wants to go on doing so. */
export const isFollowing = (conversationId: ConversationId): boolean => following.has(conversationId);

export function setFollowing(conversationId: ConversationId, follows: boolean): void {
  if (follows) following.add(conversationId);
  else following.delete(conversationId);
}

export function messageAdded(conversationId: ConversationId, message: Message): void {
  collectors.get(conversationId)?.forEach((early) => early.push(message));
  change(conversationId, (window) => addMessage(window, message, following.has(conversationId)));
}

export function messageUpdated(conversationId: ConversationId, message: Message): void {
  change(conversationId, (window) => changeMessage(window, message));
}

/** The person looks elsewhere: keep the newest page only. */
export function closeThread(conversationId: ConversationId): void {
  following.delete(conversationId);
  const thread = threadOf(conversationId);
  if (thread === undefined) return;
  const window = thread.kind === 'ready' ? shrink(thread.window) : undefined;
  if (window === undefined) forgetThread(conversationId);
  else put(conversationId, { kind: 'ready', window, older: 'idle', opened: openedOf(conversationId) });
}

export function forgetThread(conversationId: ConversationId): void {
  useMessages.setState((state) => {
    const { [conversationId]: _gone, ...threads } = state.threads;
    return { threads };
  });
}

/** Reads every open window again, after events were lost. */
export function reloadThreads(): void {
  for (const conversationId of Object.keys(useMessages.getState().threads) as ConversationId[])
    void loadNewest(conversationId);
}

/** Tells the node that everything up to this message was seen; repeated calls cost nothing. */
export async function markRead(conversationId: ConversationId, messageId: MessageId): Promise<void> {
  if (marked.get(conversationId) === messageId) return;
  marked.set(conversationId, messageId);
  try {
    await call('conversation.markRead', { conversationId, messageId });
  } catch {
    // The badge stays, which says it; the next message that is seen tries again.
    marked.delete(conversationId);
  }
}
