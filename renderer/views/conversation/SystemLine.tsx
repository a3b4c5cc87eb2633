/** A line about a change of members, with its "Why?". */
import { useState } from 'react';
import { Collapsible } from 'radix-ui';
import type { Message } from '../../../shared/api/model.ts';
import type { MemberId } from '../../../shared/model/ids.ts';
import { describeEntry } from '../../text/describe.ts';
import { text } from '../../text/index.ts';
import { clockTime } from '../../text/time.ts';
import { EntryRecord } from './Record.tsx';

export function SystemLine(props: {
  message: Message & { system: NonNullable<Message['system']> };
  self: MemberId | undefined;
  tabStop: boolean;
}) {
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
      </Collapsible.Content>
    </Collapsible.Root>
  );
}
