/**
 * Keeping what was typed and not sent. As private as a message, and on this device alone: no protocol knows of it.
 */
import { ApiError } from '../../shared/api/errors.ts';
import type { Handlers } from './contract.ts';
import { requireConversation, type UseCaseContext } from './context.ts';
import { nameMessage } from './names.ts';

type DraftHandlers = Pick<Handlers, Extract<keyof Handlers, `draft.${string}`>>;

export function draftHandlers(context: UseCaseContext): DraftHandlers {
  return {
    'draft.set': async ({ conversationId, text, replyTo }) => {
      const session = context.session();
      requireConversation(session, conversationId);
      const { drafts, messages } = session.storage;
      if (replyTo !== undefined && messages.get(conversationId, replyTo) === undefined)
        throw new ApiError('NOT_FOUND', 'The message that this replies to is not here.');
      session.storage.transaction(() => {
        if (text.trim() === '' && replyTo === undefined) drafts.remove(conversationId);
        else drafts.put({ conversationId, text, ...(replyTo === undefined ? {} : { replyTo }) });
      });
      return {};
    },

    'draft.list': async () => {
      const session = context.session();
      const { drafts, messages } = session.storage;
      return {
        drafts: drafts.list().map(({ conversationId, text, replyTo }) => {
          const replied = replyTo === undefined ? undefined : messages.get(conversationId, replyTo);
          return {
            conversationId,
            text,
            ...(replied === undefined ? {} : { replyTo: nameMessage(replied, session.nameOf) }),
          };
        }),
      };
    },
  };
}
