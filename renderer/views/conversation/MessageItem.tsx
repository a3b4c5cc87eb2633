/** One message: picture and name at the begin of a block, the text, its time and state, what can be done with it. */
import { Copy, Reply } from 'lucide-react';
import type { Member, Message } from '../../../shared/api/model.ts';
import type { MemberId, MessageId } from '../../../shared/model/ids.ts';
import { Avatar } from '../../components/Avatar.tsx';
import { IconButton } from '../../components/Button.tsx';
import { copyText } from '../../components/Copy.tsx';
import { RightClickMenu } from '../../components/Menu.tsx';
import { Tooltip } from '../../components/Tooltip.tsx';
import { describeDelivery, messageLine } from '../../text/describe.ts';
import { text } from '../../text/index.ts';
import { personOf } from '../../text/people.ts';
import { clockTime, fullTime } from '../../text/time.ts';
import { isNamed, MessageText } from './MessageText.tsx';

const words = text.conversation;

export interface MessageItemProps {
  readonly message: Message;
  readonly self: MemberId | undefined;
  /** Of the group now: whose names are known. */
  readonly members: readonly Member[];
  readonly firstOfBlock: boolean;
  readonly tabStop: boolean;
  /** The message that this one answers: undefined when it answers none, null when it is not held here. */
  readonly replied: Message | null | undefined;
  readonly onReply: (message: Message) => void;
  /** One came here from elsewhere: it is pointed at. */
  readonly isFound: boolean;
  readonly onGoTo: (messageId: MessageId) => void;
}

export function MessageItem(props: MessageItemProps) {
  const { message, self, replied, tabStop } = props;
  const sender = personOf(message.sender, message.senderName, self);
  const name = sender.self ? text.common.you : sender.name;
  const delivery = sender.self ? describeDelivery(message, props.members, self) : undefined;
  const time = clockTime(message.sentAt);
  const repliedName =
    replied === undefined || replied === null ? undefined : personOf(replied.sender, replied.senderName, self).name;
  const namesMe = !sender.self && isNamed(message.text, props.members, self);
  const label = words.messageLabel(name, message.text, time, delivery?.status, repliedName);
  const reply = (): void => props.onReply(message);
  const copy = (): void => void copyText(message.text);
  const actions = [
    { label: words.reply, icon: <Reply size={16} aria-hidden />, run: reply },
    { label: words.copyText, icon: <Copy size={16} aria-hidden />, run: copy },
  ];
  const classes = [
    'message',
    sender.self ? 'message-own' : '',
    props.isFound ? 'message-found' : '',
    sender.self && message.status === 'pending' ? 'message-pending' : '',
  ].join(' ');
  return (
    <div className={`message-row ${props.firstOfBlock ? 'message-row-first' : ''}`}>
      <RightClickMenu items={actions}>
        <article
          className={classes}
          aria-label={namesMe ? `${label}, ${words.mentionsYou}` : label}
          tabIndex={tabStop ? 0 : -1}
          data-message-id={message.messageId}
        >
          {!sender.self && (
            <span>{props.firstOfBlock && <Avatar id={sender.memberId} name={sender.name} size={32} />}</span>
          )}
          <div className="message-column">
            {!sender.self && props.firstOfBlock && <span className="message-name">{sender.name}</span>}
            <div className="bubble-line">
              <div className="bubble">
                {message.replyTo !== undefined && replied !== undefined && (
                  <Quote
                    replied={replied}
                    self={self}
                    tabStop={tabStop}
                    onGoTo={() => message.replyTo !== undefined && props.onGoTo(message.replyTo)}
                  />
                )}
                <MessageText text={message.text} members={props.members} self={self} />
              </div>
              <div className="message-actions">
                {actions.map((action) => (
                  <IconButton
                    key={action.label}
                    label={action.label}
                    small
                    tabIndex={tabStop ? 0 : -1}
                    onClick={action.run}
                  >
                    {action.icon}
                  </IconButton>
                ))}
              </div>
            </div>
            <span className="message-meta">
              <time dateTime={new Date(message.sentAt).toISOString()} title={fullTime(message.sentAt)}>
                {time}
              </time>
              {delivery !== undefined && <DeliveryState {...delivery} tabStop={tabStop} />}
            </span>
          </div>
        </article>
      </RightClickMenu>
    </div>
  );
}

/** How far an own message got; with whom, for who points at it or comes by with Tab. */
function DeliveryState({ status, names, tabStop }: { status: string; names: string; tabStop: boolean }) {
  if (names === '') return <span>· {status}</span>;
  return (
    <Tooltip words={names}>
      <button type="button" className="message-state" tabIndex={tabStop ? 0 : -1} aria-description={names}>
        · {status}
      </button>
    </Tooltip>
  );
}

function Quote(props: { replied: Message | null; self: MemberId | undefined; tabStop: boolean; onGoTo: () => void }) {
  const { replied, self } = props;
  if (replied === null)
    return (
      <button type="button" className="quote" tabIndex={props.tabStop ? 0 : -1} onClick={props.onGoTo}>
        {words.repliedMissing}
      </button>
    );
  const sender = personOf(replied.sender, replied.senderName, self);
  const name = sender.self ? text.common.you : sender.name;
  return (
    <button type="button" className="quote" tabIndex={props.tabStop ? 0 : -1} onClick={props.onGoTo}>
      <span className="quote-name">{name}</span> {messageLine(replied, self).slice(0, 160)}
    </button>
  );
}
