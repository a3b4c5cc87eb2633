/** Completing a name after an @: a list above the message box, moved through without leaving the box. */
import { useEffect, useId, useState, type KeyboardEvent, type RefObject } from 'react';
import type { ConversationDetail, Member } from '../../../shared/api/model.ts';
import { Avatar } from '../../components/Avatar.tsx';
import { announce } from '../../state/ui.ts';
import { text } from '../../text/index.ts';
import { candidatesFor, mentionBefore } from '../../text/mentions.ts';
import { shortMemberId } from '../../text/people.ts';

const words = text.conversation.mention;
/** Names that are offered at a time: one more letter finds the others. */
const MAX_OFFERED = 6;

export interface MentionMenu {
  readonly offered: readonly Member[];
  readonly chosen: number;
  readonly listId: string;
  readonly optionId: (index: number) => string;
  readonly accept: (member: Member) => void;
  /** True when the key was for the list. */
  readonly onKeyDown: (event: KeyboardEvent) => boolean;
  /** Where the caret stands in which text. */
  readonly onCaret: (caret: number, text: string) => void;
}

/** `write` takes the text with the name in it; the caret stands behind the name then. */
export function useMentionMenu(
  detail: ConversationDetail,
  box: RefObject<HTMLTextAreaElement | null>,
  write: (text: string) => void,
  draft: string,
): MentionMenu {
  const [caret, setCaret] = useState(0);
  const [chosen, setChosen] = useState(0);
  /** The @ at which somebody wanted no list. */
  const [refused, setRefused] = useState<number | undefined>(undefined);
  const listId = useId();
  const mention = mentionBefore(draft, Math.min(caret, draft.length));
  const others = detail.members.filter((member) => !member.self);
  const offered =
    mention === undefined || mention.start === refused
      ? []
      : candidatesFor(mention.typed, others).slice(0, MAX_OFFERED);
  const count = offered.length;
  useEffect(() => {
    if (count > 0) announce(words.offered(count));
  }, [count]);

  const accept = (member: Member): void => {
    if (box.current === null || mention === undefined) return;
    const end = mention.start + 1 + mention.typed.length;
    box.current.setRangeText(`@${member.displayName} `, mention.start, end, 'end');
    box.current.focus();
    setCaret(box.current.selectionStart);
    setChosen(0);
    write(box.current.value);
  };
  return {
    offered,
    chosen: Math.min(chosen, Math.max(0, count - 1)),
    listId,
    optionId: (index) => `${listId}-${index}`,
    accept,
    onCaret: (at, typed) => {
      const next = mentionBefore(typed, at);
      setCaret(at);
      if (next?.typed !== mention?.typed) setChosen(0);
      if (next?.start !== mention?.start) setRefused(undefined);
    },
    onKeyDown: (event) => {
      const { key } = event;
      const at = Math.min(chosen, count - 1);
      const member = offered[at];
      if (member === undefined || event.nativeEvent.isComposing || event.ctrlKey || event.altKey || event.metaKey)
        return false;
      if (key === 'ArrowDown') setChosen((at + 1) % count);
      else if (key === 'ArrowUp') setChosen((at + count - 1) % count);
      else if ((key === 'Enter' || key === 'Tab') && !event.shiftKey) accept(member);
      else if (key === 'Escape') setRefused(mention?.start);
      else return false;
      event.preventDefault();
      return true;
    },
  };
}

export function MentionList({ menu }: { menu: MentionMenu }) {
  const { offered, chosen } = menu;
  if (offered.length === 0) return null;
  const isShared = (name: string): boolean => offered.filter(({ displayName }) => displayName === name).length > 1;
  return (
    <ul id={menu.listId} className="mention-list" role="listbox" aria-label={words.label}>
      {offered.map((member, index) => (
        <li
          key={member.memberId}
          id={menu.optionId(index)}
          role="option"
          className="mention-option"
          aria-selected={index === chosen}
          // The box keeps the focus.
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => menu.accept(member)}
        >
          <Avatar id={member.memberId} name={member.displayName} size={24} />
          <span className="ellipsis">{member.displayName}</span>
          {isShared(member.displayName) && <span className="small soft mono">{shortMemberId(member.memberId)}</span>}
        </li>
      ))}
    </ul>
  );
}
