/** A line about a change of members, with its "Why?". */
import { useState, type ReactNode } from 'react';
import { ShieldAlert } from 'lucide-react';
import { Collapsible } from 'radix-ui';
import type { Message } from '../../../shared/api/model.ts';
import type { MemberId } from '../../../shared/model/ids.ts';
import { describeEntry } from '../../text/describe.ts';
import { text } from '../../text/index.ts';
import { clockTime } from '../../text/time.ts';
import { showDialog } from '../../state/ui.ts';
import { DecisionCheck } from './DecisionCheck.tsx';
import { EntryRecord } from './Record.tsx';

interface LineProps {
  message: Message & { system: NonNullable<Message['system']> };
  self: MemberId | undefined;
  tabStop: boolean;
}

export function SystemLine(props: LineProps) {
  switch (props.message.system.kind) {
    case 'deviceChanged':
      return <DeviceLine {...props} />;
    case 'lost':
      return <PlainLine {...props} />;
    default:
      return <ChangeLine {...props} />;
  }
}

function ChangeLine(props: LineProps) {
  const { message, self } = props;
  const [open, setOpen] = useState(false);
  const line = describeEntry(message.system, self);
  const time = clockTime(message.receivedAt);
  return (
    <Collapsible.Root className="system-line" open={open} onOpenChange={setOpen}>
      <div
        className="system-line-text"
        role="article"
        aria-label={`${line}, ${time}`}
        tabIndex={props.tabStop ? 0 : -1}
        data-message-id={message.messageId}
      >
        <span>{line}</span>
        <span className="small">{time}</span>
        <Collapsible.Trigger className="button button-link" tabIndex={props.tabStop ? 0 : -1}>
          {open ? text.governance.hideWhy : text.governance.why}
        </Collapsible.Trigger>
      </div>
      <Collapsible.Content>
        <EntryRecord entry={message.system} self={self} />
        {message.system.commitHash !== undefined && (
          <DecisionCheck conversationId={message.conversationId} commitHash={message.system.commitHash} self={self} />
        )}
      </Collapsible.Content>
    </Collapsible.Root>
  );
}

/** No change of members: there is nothing to ask "Why?" about. */
function PlainLine(props: LineProps & { loud?: boolean; children?: ReactNode }) {
  const { message } = props;
  const line = describeEntry(message.system, props.self);
  const time = clockTime(message.receivedAt);
  return (
    <div className="system-line">
      <div
        className={props.loud === true ? 'system-line-text system-line-loud' : 'system-line-text'}
        role="article"
        aria-label={`${line}, ${time}`}
        tabIndex={props.tabStop ? 0 : -1}
        data-message-id={message.messageId}
      >
        {props.loud === true && <ShieldAlert size={16} aria-hidden />}
        <span>{line}</span>
        <span className="small">{time}</span>
        {props.children}
      </div>
    </div>
  );
}

/** What one does about it is to compare numbers. */
function DeviceLine(props: LineProps) {
  const { conversationId, sender } = props.message;
  return (
    <PlainLine {...props} loud>
      <button
        type="button"
        className="button button-link"
        tabIndex={props.tabStop ? 0 : -1}
        onClick={() => showDialog({ kind: 'verify', conversationId, memberId: sender })}
      >
        {text.members.verify}
      </button>
    </PlainLine>
  );
}
