/** Where one writes. Never dead without a reason: while a change settles one may write and send, and is told it waits. */
import { useEffect, useRef, useState, type KeyboardEvent } from 'react';
import { SendHorizontal, X } from 'lucide-react';
import type { ConversationDetail } from '../../../shared/api/model.ts';
import { MAX_MESSAGE_TEXT_BYTES } from '../../../shared/limits.ts';
import { Button, IconButton } from '../../components/Button.tsx';
import { messageOf } from '../../state/call.ts';
import { draftOf, sendDraft, setDraft, useDrafts } from '../../state/drafts.ts';
import { showNewest } from '../../state/messages.ts';
import { useUi } from '../../state/ui.ts';
import { messageLine } from '../../text/describe.ts';
import { text } from '../../text/index.ts';
import { personOf } from '../../text/people.ts';
import { MentionList, useMentionMenu } from './MentionMenu.tsx';

const words = text.conversation;
const encoder = new TextEncoder();

/** The sentence under the box; undefined when all is as usual. */
export function composerNote(detail: ConversationDetail): string | undefined {
  if (detail.state === 'freezing' || detail.state === 'selection') {
    if (detail.mode === 'recovery') return words.recoverySettling;
    return detail.freeze === null || detail.freeze.expected < 2
      ? words.settling
      : words.settlingProgress(detail.freeze.received, detail.freeze.expected);
  }
  if (detail.state === 'reelection') return detail.mode === 'recovery' ? words.recovery : words.reelection;
  if (detail.members.some((member) => member.self && member.pendingLeave)) return words.leave.leaving;
  const others = detail.members.filter((member) => !member.self);
  return others.length > 0 && others.every((member) => !member.online) ? words.alone : undefined;
}

export function Composer({ detail }: { detail: ConversationDetail }) {
  const { id: conversationId, self } = detail;
  const draft = useDrafts((state) => draftOf(state, conversationId));
  const box = useRef<HTMLTextAreaElement>(null);
  // Who opens a group wants to write, unless a dialog still has something to ask.
  useEffect(() => {
    if (useUi.getState().dialog !== undefined) return;
    box.current?.focus({ preventScroll: true });
    // Behind what was typed before.
    box.current?.setSelectionRange(box.current.value.length, box.current.value.length);
  }, []);
  const [problem, setProblem] = useState<string | undefined>(undefined);
  const write = (typed: string): void => {
    setDraft(conversationId, { ...draft, text: typed });
    setProblem(undefined);
  };
  const menu = useMentionMenu(detail, box, write, draft.text);
  const tooLong = encoder.encode(draft.text).length > MAX_MESSAGE_TEXT_BYTES;
  const isOffering = menu.offered.length > 0;
  const note = tooLong ? words.tooLong(MAX_MESSAGE_TEXT_BYTES / 1024) : (problem ?? composerNote(detail));

  const send = async (): Promise<void> => {
    if (draft.text.trim() === '' || tooLong) return;
    setProblem(undefined);
    try {
      await sendDraft(conversationId);
      // What one has just written is looked at, wherever one was reading.
      await showNewest(conversationId);
    } catch (error) {
      setProblem(`${words.sendFailed} ${messageOf(error)}`);
    }
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (menu.onKeyDown(event)) return;
    if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) {
      event.preventDefault();
      void send();
    } else if (event.key === 'Escape' && draft.replyTo !== undefined) {
      setDraft(conversationId, { text: draft.text });
    }
  };
  return (
    <form
      className="composer"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      {draft.replyTo !== undefined && (
        <div className="composer-reply">
          <span className="quote grow ellipsis">
            <span className="quote-name">
              {words.replyingTo(personOf(draft.replyTo.sender, draft.replyTo.senderName, undefined).name)}
            </span>{' '}
            {messageLine(draft.replyTo, self).slice(0, 160)}
          </span>
          <IconButton small label={words.cancelReply} onClick={() => setDraft(conversationId, { text: draft.text })}>
            <X size={16} aria-hidden />
          </IconButton>
        </div>
      )}
      <MentionList menu={menu} />
      <div className="composer-line">
        <textarea
          ref={box}
          className="input composer-input"
          rows={1}
          aria-label={words.composerLabel(detail.name)}
          aria-describedby={note === undefined ? undefined : 'composer-note'}
          placeholder={words.composerPlaceholder}
          value={draft.text}
          data-composer
          aria-autocomplete="list"
          aria-controls={isOffering ? menu.listId : undefined}
          aria-activedescendant={isOffering ? menu.optionId(menu.chosen) : undefined}
          onChange={(event) => {
            write(event.currentTarget.value);
            menu.onCaret(event.currentTarget.selectionStart, event.currentTarget.value);
          }}
          onSelect={({ currentTarget }) => menu.onCaret(currentTarget.selectionStart, currentTarget.value)}
          onBlur={() => menu.onCaret(0, draft.text)}
          onKeyDown={onKeyDown}
        />
        <Button type="submit" kind="primary" disabled={draft.text.trim() === '' || tooLong} aria-label={words.send}>
          <SendHorizontal size={18} aria-hidden />
        </Button>
      </div>
      <p
        id="composer-note"
        className={tooLong || problem !== undefined ? 'field-error' : 'composer-note'}
        role="status"
      >
        {note}
      </p>
    </form>
  );
}
