/**
 * What the system is to tell of while nobody looks at the window: messages of others, and votes that wait for this person. Decides and
 * words it; knows no Electron.
 */
import type { ApiEvent } from '../../shared/api/events.ts';
import type { ConversationSummary } from '../../shared/api/model.ts';
import type { Settings } from '../../shared/api/settings.ts';
import type { ConversationId, MemberId, MessageId } from '../../shared/model/ids.ts';

/** The part of an event that may be told of. */
export type Occasion = ApiEvent & { readonly type: 'message.added' | 'proposal.opened' };

export interface Notice {
  readonly conversationId: ConversationId;
  readonly messageId?: MessageId;
  readonly title: string;
  readonly body: string;
}

export interface NoticeContext {
  readonly self: MemberId | undefined;
  readonly settings: Pick<Settings, 'notifications' | 'notificationText'>;
  readonly summary: Pick<ConversationSummary, 'name' | 'muted' | 'unread' | 'pendingVotes'> | undefined;
}

/** Characters of a message that a notification shows. */
const MOST_TEXT = 240;

/** Undefined when it is nobody's business to be told now. */
export function noticeOf(event: Occasion, { self, settings, summary }: NoticeContext): Notice | undefined {
  if (!settings.notifications || summary === undefined || summary.muted === true) return undefined;
  const about = { conversationId: event.conversationId, title: plain(summary.name) };
  if (event.type === 'message.added') {
    const { message } = event;
    if (message.sender === self || message.system !== undefined) return undefined;
    const { messageId } = message;
    if (!settings.notificationText) return { ...about, messageId, body: countOf(summary.unread) };
    return { ...about, messageId, body: `${plain(message.senderName ?? 'Somebody')}: ${plain(message.text)}` };
  }
  const { proposal } = event;
  const isAsked = proposal.ownVote === undefined && proposal.votedByClients !== true && proposal.selfLeave !== true;
  return isAsked && (summary.pendingVotes ?? 0) > 0 ? { ...about, body: 'A vote waits for you.' } : undefined;
}

const countOf = (unread: number): string => (unread > 1 ? `${unread} new messages` : 'A new message');

/** On one line, without what turns a line around or what some systems take for markup. */
function plain(text: string): string {
  const line = text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ').replaceAll(/[\u202a-\u202e\u2066-\u2069]/gu, '');
  const shown = line.replaceAll('<', '\u2039').replaceAll('&', '\uff06').trim();
  return shown.length <= MOST_TEXT ? shown : `${shown.slice(0, MOST_TEXT).toWellFormed()}…`;
}
