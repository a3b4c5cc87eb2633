/** Searching: the field above the list of groups, and what was found in the place of the list. */
import { useEffect, useId, useRef, useState, type KeyboardEvent, type RefObject } from 'react';
import { Search as SearchIcon, X } from 'lucide-react';
import type { MessageId } from '../../../shared/model/ids.ts';
import { findMatches } from '../../../shared/model/searchText.ts';
import { MAX_SEARCH_QUERY_LENGTH } from '../../../shared/limits.ts';
import { Button, IconButton } from '../../components/Button.tsx';
import { Failed, Loading } from '../../components/States.tsx';
import { messageOf } from '../../state/call.ts';
import { useConversations } from '../../state/conversations.ts';
import { useSelf } from '../../state/identity.ts';
import { goTo } from '../../state/messages.ts';
import { useNow } from '../../state/now.ts';
import { valueOf } from '../../state/remote.ts';
import {
  endSearch,
  find,
  findMore,
  setQuery,
  setScope,
  useSearch,
  type Findings,
  type Hit,
} from '../../state/search.ts';
import { openGroup, toast } from '../../state/ui.ts';
import { text } from '../../text/index.ts';
import { personOf } from '../../text/people.ts';
import { fullTime, listTime } from '../../text/time.ts';

const words = text.search;

/** What had the focus before somebody came to search. */
function remember(before: RefObject<HTMLElement | null>, from: EventTarget | null): void {
  if (from instanceof HTMLElement && from.closest('[data-search]') === null) before.current = from;
}

/** When a search ends: back to where one was, or to the message box. */
function giveBack({ current }: RefObject<HTMLElement | null>): void {
  const isThere = current?.isConnected === true && current !== document.body;
  (isThere ? current : document.querySelector<HTMLElement>('[data-composer]'))?.focus();
}

function nameOfGroup(list: ReturnType<typeof useConversations.getState>['list'], id: string | undefined): string {
  return (valueOf(list) ?? []).find((summary) => summary.id === id)?.name ?? '';
}

export function SearchField() {
  const { query, scope, wanted } = useSearch();
  const scopeName = useConversations((state) => nameOfGroup(state.list, scope));
  const field = useRef<HTMLInputElement>(null);
  const before = useRef<HTMLElement>(null);
  useEffect(() => {
    if (wanted === undefined) return;
    remember(before, document.activeElement);
    field.current?.focus();
    field.current?.select();
  }, [wanted]);
  const end = (): void => {
    endSearch();
    giveBack(before);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLElement>): void => {
    if (event.key === 'Escape') end();
    else if (event.key === 'ArrowDown') document.querySelector<HTMLElement>('[data-hit]')?.focus();
    else return;
    event.preventDefault();
  };
  return (
    <search className="search" data-search onKeyDown={onKeyDown}>
      <div className="search-field">
        <SearchIcon size={16} aria-hidden />
        <input
          ref={field}
          className="input"
          type="text"
          role="searchbox"
          aria-label={words.label}
          placeholder={words.placeholder}
          value={query}
          maxLength={MAX_SEARCH_QUERY_LENGTH}
          onFocus={(event) => remember(before, event.relatedTarget)}
          onChange={(event) => setQuery(event.currentTarget.value)}
        />
        {query !== '' && (
          <IconButton small label={words.clear} onClick={end}>
            <X size={14} aria-hidden />
          </IconButton>
        )}
      </div>
      {scope !== undefined && (
        <span className="chip">
          <span className="ellipsis">{words.inGroup(scopeName)}</span>
          <IconButton small label={words.everywhere} onClick={() => setScope(undefined)}>
            <X size={12} aria-hidden />
          </IconButton>
        </span>
      )}
    </search>
  );
}

/** In the place of the list of groups. */
export function SearchResults() {
  const { query, scope, findings } = useSearch();
  const scopeName = useConversations((state) => nameOfGroup(state.list, scope));
  return (
    <section className="sidebar-scroll" aria-label={words.results} data-search>
      <p className="visually-hidden" role="status">
        {findings.kind === 'ready' ? words.found(findings.hits.length, findings.next !== undefined) : ''}
      </p>
      <Body
        findings={findings}
        query={query}
        nothing={scope === undefined ? words.nothing(query.trim()) : words.nothingInGroup(query.trim(), scopeName)}
        isScoped={scope !== undefined}
      />
    </section>
  );
}

function Body(props: { findings: Findings; query: string; nothing: string; isScoped: boolean }) {
  const { findings, query } = props;
  switch (findings.kind) {
    case 'idle':
      return <p className="state small">{words.hint}</p>;
    case 'loading':
      return <Loading words={words.searching} />;
    case 'failed':
      return <Failed title={words.failed} message={findings.message} onRetry={() => void find()} />;
    case 'ready':
      if (findings.hits.length === 0)
        return (
          <div className="state small">
            <p>{props.nothing}</p>
            {props.isScoped && <Button onClick={() => setScope(undefined)}>{words.everywhere}</Button>}
          </div>
        );
      return (
        <>
          <Hits hits={findings.hits} query={query} />
          <More findings={findings} />
        </>
      );
  }
}

function More({ findings }: { findings: Findings & { kind: 'ready' } }) {
  if (findings.next === undefined) return null;
  return (
    <div className="list-edge">
      {findings.more === 'failed' && <p role="alert">{words.moreFailed}</p>}
      <Button disabled={findings.more === 'loading'} onClick={() => void findMore()}>
        {findings.more === 'loading' ? words.loadingMore : words.more}
      </Button>
    </div>
  );
}

/** One stop for Tab; arrows, Home and End move inside, and up from the first back into the field. */
function Hits({ hits, query }: { hits: readonly Hit[]; query: string }) {
  const [active, setActive] = useState<MessageId>();
  const now = useNow();
  const self = useSelf();
  const list = useConversations((state) => state.list);
  const [stop = hits[0]?.message.messageId] = [active].filter((id) =>
    hits.some(({ message }) => message.messageId === id),
  );
  const onKeyDown = (event: KeyboardEvent<HTMLUListElement>): void => {
    const items = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-hit]')];
    const index = items.findIndex((item) => item === document.activeElement);
    if (event.key === 'Escape' || (event.key === 'ArrowUp' && index === 0)) {
      document.querySelector<HTMLElement>('[data-search] input')?.focus();
      event.preventDefault();
      return;
    }
    const next = { ArrowDown: index + 1, ArrowUp: index - 1, Home: 0, End: items.length - 1 }[event.key];
    if (next === undefined || index < 0 || event.altKey) return;
    event.preventDefault();
    items[Math.max(0, Math.min(next, items.length - 1))]?.focus();
  };
  return (
    <ul onKeyDown={onKeyDown}>
      {hits.map((hit) => {
        const { messageId, conversationId } = hit.message;
        return (
          <li key={`${conversationId} ${messageId}`}>
            <HitButton
              hit={hit}
              query={query}
              group={nameOfGroup(list, conversationId)}
              who={personOf(hit.message.sender, hit.message.senderName, self)}
              when={listTime(hit.message.sentAt, now, text.common)}
              tabStop={messageId === stop}
              onFocus={() => setActive(messageId)}
            />
          </li>
        );
      })}
    </ul>
  );
}

function show({ message }: Hit): void {
  const { conversationId, messageId } = message;
  // Before the group is opened: it would read its newest messages.
  const shown = goTo(conversationId, messageId);
  openGroup(conversationId);
  shown.then(
    (isHere) => {
      if (!isHere) toast('info', text.conversation.notHere);
    },
    (error: unknown) => toast('error', messageOf(error)),
  );
}

function HitButton(props: {
  hit: Hit;
  query: string;
  group: string;
  who: ReturnType<typeof personOf>;
  when: string;
  tabStop: boolean;
  onFocus: () => void;
}) {
  const { hit, who } = props;
  const described = useId();
  return (
    <button
      type="button"
      className="hit"
      data-hit
      tabIndex={props.tabStop ? 0 : -1}
      aria-describedby={described}
      onFocus={props.onFocus}
      onClick={() => show(hit)}
    >
      <span className="group-item-line">
        <span className="group-item-name ellipsis grow">{props.group}</span>
        <span className="small soft" id={described} title={fullTime(hit.message.sentAt)}>
          {props.when}
        </span>
      </span>
      <span className="hit-text">
        <span className="soft">{words.who(who.self ? text.common.you : who.name)}</span>{' '}
        <Marked snippet={hit.snippet} query={props.query} />
      </span>
    </button>
  );
}

/** A text with what was looked for standing out. */
function Marked({ snippet, query }: { snippet: string; query: string }) {
  const matches = findMatches(snippet, query);
  return (
    <>
      {matches.map(({ start, end }, index) => (
        <span key={start}>
          {snippet.slice(matches[index - 1]?.end ?? 0, start)}
          <mark>{snippet.slice(start, end)}</mark>
        </span>
      ))}
      {snippet.slice(matches.at(-1)?.end ?? 0)}
    </>
  );
}
