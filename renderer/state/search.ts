/** Looking for messages: what is asked for, in which group, and what was found. Nothing of it is written to disk. */
import { create } from 'zustand';
import type { Result } from '../../shared/api/methods.ts';
import { searchTerms } from '../../shared/model/searchText.ts';
import type { ConversationId } from '../../shared/model/ids.ts';
import { call, messageOf } from './call.ts';

export type Hit = Result<'message.search'>['hits'][number];

export type Findings =
  /** Nothing to look for yet. */
  | { readonly kind: 'idle' }
  | { readonly kind: 'loading' }
  | { readonly kind: 'failed'; readonly message: string }
  | {
      readonly kind: 'ready';
      readonly hits: readonly Hit[];
      /** Where the next page begins; undefined when there is none. */
      readonly next: number | undefined;
      readonly more: 'idle' | 'loading' | 'failed';
    };

export interface SearchState {
  readonly query: string;
  /** Only in this group; undefined: in all of them. */
  readonly scope: ConversationId | undefined;
  readonly findings: Findings;
  /** Each wish to type is an object of its own: the field takes the focus. */
  readonly wanted: object | undefined;
}

/** Hits read at a time. */
const PAGE_SIZE = 30;
/** Somebody who types is not asked for every letter, ms. */
const PAUSE_MS = 150;

const idle: Findings = { kind: 'idle' };
const initial: SearchState = { query: '', scope: undefined, findings: idle, wanted: undefined };

export const useSearch = create<SearchState>()(() => initial);
const set = useSearch.setState;

/** Whether the results stand in the place of the list of groups. */
export const isSearching = ({ query, scope }: SearchState): boolean => query.trim() !== '' || scope !== undefined;

let timer: ReturnType<typeof setTimeout> | undefined;
/** The last question: answers to earlier ones come too late. */
let asked: object | undefined;

/** Moves the focus into the field. `scope`: look in this group only. */
export function wantSearch(scope: ConversationId | undefined): void {
  set({ scope, wanted: {} });
  look(0);
}

export function setQuery(query: string): void {
  set({ query });
  look(PAUSE_MS);
}

export function setScope(scope: ConversationId | undefined): void {
  set({ scope });
  look(0);
}

export function endSearch(): void {
  clearTimeout(timer);
  asked = undefined;
  set({ ...initial });
}

function look(delayMs: number): void {
  clearTimeout(timer);
  asked = undefined;
  if (searchTerms(useSearch.getState().query).length === 0) {
    set({ findings: idle });
    return;
  }
  // What was found before stays until there is something else to show.
  if (useSearch.getState().findings.kind !== 'ready') set({ findings: { kind: 'loading' } });
  timer = setTimeout(() => void find(), delayMs);
}

export async function find(): Promise<void> {
  const question = {};
  asked = question;
  const { query, scope } = useSearch.getState();
  try {
    const { hits, next } = await call('message.search', params(query, scope));
    if (asked === question) set({ findings: { kind: 'ready', hits, next, more: 'idle' } });
  } catch (error) {
    if (asked === question) set({ findings: { kind: 'failed', message: messageOf(error) } });
  }
}

export async function findMore(): Promise<void> {
  const { query, scope, findings } = useSearch.getState();
  if (findings.kind !== 'ready' || findings.next === undefined || findings.more === 'loading') return;
  const question = asked;
  set({ findings: { ...findings, more: 'loading' } });
  try {
    const { hits, next } = await call('message.search', { ...params(query, scope), before: findings.next });
    if (asked === question) set({ findings: { kind: 'ready', hits: [...findings.hits, ...hits], next, more: 'idle' } });
  } catch {
    // Said below the list, with a way to try again.
    if (asked === question) set({ findings: { ...findings, more: 'failed' } });
  }
}

const params = (query: string, scope: ConversationId | undefined) => ({
  query,
  limit: PAGE_SIZE,
  ...(scope === undefined ? {} : { conversationId: scope }),
});
