/** Hands notices to the system: one a group at a time, and only while nobody looks. What is clicked opens in the window. */
import { Notification } from 'electron';
import type { ApiEvent } from '../../shared/api/events.ts';
import type { ConversationId } from '../../shared/model/ids.ts';
import type { Logger, Messenger } from '../messenger/contract.ts';
import { noticeOf, type Notice, type Occasion } from './notices.ts';

export interface NotifierDependencies {
  readonly messenger: Messenger;
  /** Whether the person has the window before them. */
  readonly isLookedAt: () => boolean;
  readonly open: (notice: Notice) => void;
  readonly logger: Logger;
}

/** Many that come at once are told of together, ms. */
const PAUSE_MS = 300;

/** A function that hears every event. */
export function createNotifier({
  messenger,
  isLookedAt,
  open,
  logger,
}: NotifierDependencies): (event: ApiEvent) => void {
  const waiting = new Map<ConversationId, Occasion>();
  const shown = new Map<ConversationId, Notification>();
  let timer: NodeJS.Timeout | undefined;

  const show = (notice: Notice): void => {
    const { conversationId, title, body } = notice;
    shown.get(conversationId)?.close();
    const notification = new Notification({ title, body });
    shown.set(conversationId, notification);
    notification.on('click', () => {
      open(notice);
    });
    notification.on('close', () => {
      if (shown.get(conversationId) === notification) shown.delete(conversationId);
    });
    notification.on('failed', (_event, error) => {
      logger.info({ error }, 'the system told nobody');
    });
    notification.show();
  };

  const tell = async (): Promise<void> => {
    const occasions = [...waiting.values()];
    waiting.clear();
    if (isLookedAt() || !Notification.isSupported()) return;
    const [settings, { memberId }, { conversations }] = await Promise.all([
      messenger['settings.get']({}),
      messenger['identity.status']({}),
      messenger['conversation.list']({}),
    ]);
    for (const event of occasions) {
      const summary = conversations.find(({ id }) => id === event.conversationId);
      const notice = noticeOf(event, { self: memberId, settings, summary });
      if (notice !== undefined) show(notice);
    }
  };

  return (event) => {
    if (event.type === 'conversation.read' || event.type === 'conversation.removed') {
      shown.get(event.conversationId)?.close();
      return;
    }
    if ((event.type !== 'message.added' && event.type !== 'proposal.opened') || isLookedAt()) return;
    // What the app itself writes takes nothing away from what somebody wrote.
    if (event.type === 'message.added' && event.message.system !== undefined) return;
    waiting.set(event.conversationId, event);
    timer ??= setTimeout(() => {
      timer = undefined;
      tell().catch((error: unknown) => {
        logger.warn({ error }, 'nobody could be told of what happened');
      });
    }, PAUSE_MS);
  };
}
