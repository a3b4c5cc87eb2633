/** The windows of messages of the groups that are looked at: reading pages, sending, marking as read. */
import { create } from 'zustand';
import type { Message } from '../../shared/api/model.ts';
import type { ConversationId, MessageId } from '../../shared/model/ids.ts';
import { call, messageOf } from './call.ts';
import {
  addMessage,
  changeMessage,
  nextBelow,
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
  if (thread?.kind === 'ready') put(conversationId, { ...thread, window: work(thread.window) });
}

/** Reads the newest page and shows it. Messages that arrive meanwhile are part of the page or come after it. */
export async function loadNewest(conversationId: ConversationId): Promise<void> {
  if (threadOf(conversationId)?.kind !== 'ready') put(conversationId, { kind: 'loading' });
  const early: Message[] = [];
  const stop = collectEarly(conversationId, early);
  try {
    const { messages } = await call('message.list', { conversationId, limit: PAGE_SIZE });
    const window = early.reduce((held, message) => addMessage(held, message, true), openWindow(messages));
    put(conversationId, { kind: 'ready', window, older: 'idle' });
  } catch (error) {
    if (threadOf(conversationId)?.kind !== 'ready') put(conversationId, { kind: 'failed', message: messageOf(error) });
  } finally {
    stop();
  }
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

/** Opens a conversation's window unless it is open already. */
export async function openThread(conversationId: ConversationId): Promise<void> {
  const thread = threadOf(conversationId);
  if (thread === undefined || thread.kind === 'failed') await loadNewest(conversationId);
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

/** Reads back what was given up below while scrolling back. */
export async function loadNewer(conversationId: ConversationId): Promise<void> {
  const thread = threadOf(conversationId);
  const wanted = thread?.kind === 'ready' ? nextBelow(thread.window) : undefined;
  if (wanted === undefined || readingBelow.has(conversationId)) return;
  readingBelow.add(conversationId);
  try {
    const tooMany = wanted.limit > 4 * PAGE_SIZE;
    const { messages } = await call('message.list', {
      conversationId,
      limit: tooMany ? PAGE_SIZE : wanted.limit,
      ...(tooMany || wanted.before === undefined ? {} : { before: wanted.before }),
    });
    change(conversationId, (window) => putBelow(window, messages) ?? window);
    const now = threadOf(conversationId);
    if (tooMany || (now?.kind === 'ready' && thread?.kind === 'ready' && now.window === thread.window))
      await loadNewest(conversationId);
  } catch {
    // What is shown stays; scrolling on, or "jump to latest", asks again.
  } finally {
    readingBelow.delete(conversationId);
  }
}

export function setFollowing(conversationId: ConversationId, isFollowing: boolean): void {
  if (isFollowing) following.add(conversationId);
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
  else put(conversationId, { kind: 'ready', window, older: 'idle' });
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
