/** The list of groups, and the detail and votes of those that are looked at. */
import { create } from 'zustand';
import type { ConversationDetail, ConversationSummary, Proposal } from '../../shared/api/model.ts';
import type { ConversationId } from '../../shared/model/ids.ts';
import { call } from './call.ts';
import { createRefresher, type Refresher } from './refresher.ts';
import { failedUnlessShown, loading, ready, readyList, valueOf, type Remote } from './remote.ts';

interface Votes {
  readonly open: readonly Proposal[];
  readonly recent: readonly Proposal[];
}

interface ConversationsState {
  readonly list: Remote<readonly ConversationSummary[]>;
  readonly details: Readonly<Record<ConversationId, Remote<ConversationDetail>>>;
  readonly votes: Readonly<Record<ConversationId, Remote<Votes>>>;
}

/** Pause between two reads of the same thing while events pour in, in ms. */
const REFRESH_PAUSE_MS = 120;

export const useConversations = create<ConversationsState>()(() => ({ list: loading, details: {}, votes: {} }));
const set = useConversations.setState;

/** Newest activity first; groups without a message keep the order in which the node lists them, above the others. */
export function sortSummaries(list: readonly ConversationSummary[]): readonly ConversationSummary[] {
  return [...list].sort(
    (a, b) => (b.lastMessage?.receivedAt ?? Number.MAX_VALUE) - (a.lastMessage?.receivedAt ?? Number.MAX_VALUE),
  );
}

export async function loadConversations(): Promise<void> {
  try {
    const { conversations } = await call('conversation.list', {});
    set({ list: readyList(sortSummaries(conversations)) });
  } catch (error) {
    set((state) => ({ list: failedUnlessShown(state.list, error) }));
  }
}

export async function loadDetail(conversationId: ConversationId): Promise<void> {
  const put = (detail: Remote<ConversationDetail>): void =>
    set((state) => ({ details: { ...state.details, [conversationId]: detail } }));
  if (useConversations.getState().details[conversationId] === undefined) put(loading);
  try {
    put(ready(await call('conversation.get', { conversationId })));
  } catch (error) {
    put(failedUnlessShown(useConversations.getState().details[conversationId], error));
  }
}

export async function loadVotes(conversationId: ConversationId): Promise<void> {
  const put = (votes: Remote<Votes>): void => set((state) => ({ votes: { ...state.votes, [conversationId]: votes } }));
  if (useConversations.getState().votes[conversationId] === undefined) put(loading);
  try {
    put(ready(await call('proposal.list', { conversationId })));
  } catch (error) {
    put(failedUnlessShown(useConversations.getState().votes[conversationId], error));
  }
}

/** Reads the detail (or votes) again after a failure, from the start. */
export async function retryDetail(conversationId: ConversationId): Promise<void> {
  set((state) => ({ details: { ...state.details, [conversationId]: loading } }));
  await loadDetail(conversationId);
}
export async function retryVotes(conversationId: ConversationId): Promise<void> {
  set((state) => ({ votes: { ...state.votes, [conversationId]: loading } }));
  await loadVotes(conversationId);
}
export async function retryConversations(): Promise<void> {
  set({ list: loading });
  await loadConversations();
}

const listRefresher = createRefresher(loadConversations, REFRESH_PAUSE_MS);
const detailRefreshers = new Map<ConversationId, Refresher>();
const votesRefreshers = new Map<ConversationId, Refresher>();

function refresherOf(
  refreshers: Map<ConversationId, Refresher>,
  conversationId: ConversationId,
  read: (conversationId: ConversationId) => Promise<void>,
): Refresher {
  const known = refreshers.get(conversationId);
  if (known !== undefined) return known;
  const refresher = createRefresher(() => read(conversationId), REFRESH_PAUSE_MS);
  refreshers.set(conversationId, refresher);
  return refresher;
}

export const refreshList = (): void => listRefresher.ask();

/** Reads detail and votes of a group again, when they were read before. */
export function refreshConversation(conversationId: ConversationId): void {
  const { details, votes } = useConversations.getState();
  if (details[conversationId] !== undefined) refresherOf(detailRefreshers, conversationId, loadDetail).ask();
  if (votes[conversationId] !== undefined) refresherOf(votesRefreshers, conversationId, loadVotes).ask();
}

export function forgetConversation(conversationId: ConversationId): void {
  detailRefreshers.delete(conversationId);
  votesRefreshers.delete(conversationId);
  set((state) => {
    const { [conversationId]: _detail, ...details } = state.details;
    const { [conversationId]: _votes, ...votes } = state.votes;
    const list = (valueOf(state.list) ?? []).filter((summary) => summary.id !== conversationId);
    return { details, votes, list: state.list.kind === 'ready' ? readyList(list) : state.list };
  });
}

export const summaryOf = (conversationId: ConversationId): ConversationSummary | undefined =>
  valueOf(useConversations.getState().list)?.find((summary) => summary.id === conversationId);

/** Open votes that wait for this person. */
export const waitsForMe = (proposal: Proposal): boolean =>
  proposal.outcome === 'open' &&
  proposal.ownVote === undefined &&
  proposal.selfLeave !== true &&
  proposal.votedByClients !== true;
