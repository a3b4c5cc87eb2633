/** The list of groups: one stop for Tab, arrows move inside it. */
import { useState, type KeyboardEvent } from 'react';
import { BellOff, Vote } from 'lucide-react';
import type { ConversationSummary } from '../../../shared/api/model.ts';
import type { ConversationId, MemberId } from '../../../shared/model/ids.ts';
import { Avatar } from '../../components/Avatar.tsx';
import { Failed, Loading } from '../../components/States.tsx';
import { retryConversations, useConversations } from '../../state/conversations.ts';
import { draftOf, useDrafts } from '../../state/drafts.ts';
import { useSelf } from '../../state/identity.ts';
import { useNow } from '../../state/now.ts';
import { openGroup, useUi } from '../../state/ui.ts';
import { messageLine } from '../../text/describe.ts';
import { text } from '../../text/index.ts';
import { personOf } from '../../text/people.ts';
import { listTime } from '../../text/time.ts';

const words = text.groups;
/** Characters of a draft: more than a line shows. */
const SHOWN_OF_DRAFT = 120;

export function GroupList() {
  const list = useConversations((state) => state.list);
  switch (list.kind) {
    case 'loading':
      return <Loading />;
    case 'failed':
      return (
        <Failed title={text.errors.headings.groups} message={list.message} onRetry={() => void retryConversations()} />
      );
    case 'empty':
      return <p className="state small">{words.emptyTitle}</p>;
    case 'ready':
      return <Items list={list.value} />;
  }
}

function Items({ list }: { list: readonly ConversationSummary[] }) {
  const current = useUi((state) => (state.route.screen === 'group' ? state.route.conversationId : undefined));
  const [focused, setFocused] = useState<ConversationId | undefined>(undefined);
  const self = useSelf();
  const now = useNow();
  const has = (id: ConversationId | undefined): boolean => list.some((summary) => summary.id === id);
  const stop = has(focused) ? focused : has(current) ? current : list[0]?.id;
  const onKeyDown = (event: KeyboardEvent<HTMLUListElement>): void => {
    const items = [...event.currentTarget.querySelectorAll('button')];
    const index = items.findIndex((item) => item === document.activeElement);
    const next = { ArrowDown: index + 1, ArrowUp: index - 1, Home: 0, End: items.length - 1 }[event.key];
    if (next === undefined || index < 0 || event.altKey) return;
    event.preventDefault();
    items[Math.max(0, Math.min(next, items.length - 1))]?.focus();
  };
  return (
    <ul onKeyDown={onKeyDown}>
      {list.map((summary) => (
        <li key={summary.id}>
          <button
            type="button"
            className="group-item"
            tabIndex={summary.id === stop ? 0 : -1}
            aria-current={summary.id === current ? 'page' : undefined}
            onFocus={() => setFocused(summary.id)}
            onClick={() => openGroup(summary.id)}
          >
            <Avatar id={summary.id} name={summary.name} size={40} group />
            <Item summary={summary} self={self} now={now} isOpen={summary.id === current} />
          </button>
        </li>
      ))}
    </ul>
  );
}

/** What the last line says: who and what, or the state when the group does not simply work. */
export function lastLine(summary: ConversationSummary, self: MemberId | undefined): string {
  const last = summary.lastMessage;
  if (last === undefined) return words.noMessages;
  const line = messageLine(last, self).replaceAll(/\s+/gu, ' ');
  if (last.system !== undefined) return line;
  const sender = personOf(last.sender, last.senderName, self);
  return words.lastLine(sender.self ? text.common.you : sender.name, line);
}

function Item(props: { summary: ConversationSummary; self: MemberId | undefined; now: number; isOpen: boolean }) {
  const { summary, self, now } = props;
  // Where one is, it stands in the box.
  const draft = useDrafts((state) => (props.isOpen ? '' : draftOf(state, summary.id).text.trim()));
  const { unread, pendingVotes = 0, state, lastMessage } = summary;
  const stateWords = words.states[state];
  return (
    <span className="grow">
      <span className="group-item-line">
        <span className="group-item-name ellipsis grow">{summary.name}</span>
        {summary.muted === true && <BellOff size={14} className="soft" role="img" aria-label={words.muted} />}
        {lastMessage !== undefined && (
          <span className="small soft">{listTime(lastMessage.receivedAt, now, text.common)}</span>
        )}
      </span>
      <span className="group-item-line">
        {stateWords === '' && draft !== '' ? (
          <span className="group-item-last ellipsis grow">
            <span className="group-item-draft">{words.draft}</span> {draft.slice(0, SHOWN_OF_DRAFT)}
          </span>
        ) : stateWords === '' ? (
          <span className="group-item-last ellipsis grow">{lastLine(summary, self)}</span>
        ) : (
          <span className="group-item-state ellipsis grow">{stateWords}</span>
        )}
        {pendingVotes > 0 && state !== 'left' && (
          <span className="badge badge-vote">
            <Vote size={14} aria-hidden />
            <span aria-hidden>{pendingVotes}</span>
            <span className="visually-hidden">{words.pendingVotes(pendingVotes)}</span>
          </span>
        )}
        {unread > 0 && (
          <span className="badge badge-accent">
            <span aria-hidden>{unread > 99 ? '99+' : unread}</span>
            <span className="visually-hidden">{words.unread(unread)}</span>
          </span>
        )}
      </span>
    </span>
  );
}
