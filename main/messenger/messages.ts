/**
 * Sending, listing and finding messages.
 */
import { v7 as uuidv7 } from 'uuid';
import { ApiError } from '../../shared/api/errors.ts';
import { utf8Length } from '../../shared/api/common.ts';
import { MAX_MESSAGE_TEXT_BYTES, MAX_PAGE_SIZE, MAX_SEARCH_WORDS } from '../../shared/limits.ts';
import type { Message } from '../../shared/api/model.ts';
import type { MessageId } from '../../shared/model/ids.ts';
import { searchTerms, snippetOf } from '../../shared/model/searchText.ts';
import type { Clock } from '../clock.ts';
import type { Handlers } from './contract.ts';
import { requireConversation, requireMembership, type UseCaseContext } from './context.ts';
import { nameMessage } from './names.ts';

type MessageHandlers = Pick<Handlers, Extract<keyof Handlers, `message.${string}`>>;

const DEFAULT_PAGE = 50;

/** A fresh id: UUIDv7 of the time and randomness that the clock hands out. */
export function newMessageId(clock: Clock): MessageId {
  return uuidv7({ msecs: clock.now(), random: clock.random(16) }) as MessageId;
}

export function messageHandlers(context: UseCaseContext): MessageHandlers {
  return {
    'message.send': async ({ conversationId, text, replyTo }) => {
      const session = context.session();
      if (utf8Length(text) > MAX_MESSAGE_TEXT_BYTES)
        throw new ApiError('TOO_LARGE', 'This message is too long.', { limit: MAX_MESSAGE_TEXT_BYTES });
      requireMembership(session, conversationId);
      if (replyTo !== undefined && session.storage.messages.get(conversationId, replyTo) === undefined)
        throw new ApiError('NOT_FOUND', 'The message that this replies to is not here.');
      const messageId = newMessageId(context.clock);
      await session.send(conversationId, {
        kind: 'sendMessage',
        messageId,
        text,
        ...(replyTo === undefined ? {} : { replyTo }),
      });
      return { messageId };
    },

    'message.list': async ({ conversationId, before, after, around, limit }) => {
      const session = context.session();
      const { messages } = session.storage;
      requireConversation(session, conversationId);
      const size = Math.min(limit ?? DEFAULT_PAGE, MAX_PAGE_SIZE);
      const beside = (side: 'before' | 'after', messageId: MessageId, count: number): readonly Message[] =>
        count < 1 ? [] : messages.list(conversationId, { beside: { side, messageId }, limit: count });
      const anchor = before ?? after ?? around;
      const here = anchor === undefined ? undefined : messages.get(conversationId, anchor);
      if (anchor !== undefined && here === undefined) throw new ApiError('NOT_FOUND', 'There is no such message.');
      const page =
        here === undefined
          ? messages.list(conversationId, { limit: size })
          : around === undefined
            ? beside(before === undefined ? 'after' : 'before', here.messageId, size)
            : [
                ...beside('after', here.messageId, Math.floor((size - 1) / 2)),
                here,
                ...beside('before', here.messageId, Math.ceil((size - 1) / 2)),
              ];
      return { messages: page.map((message) => nameMessage(message, session.nameOf)) };
    },

    'message.search': async ({ query, conversationId, before, limit }) => {
      const session = context.session();
      if (conversationId !== undefined) requireConversation(session, conversationId);
      const size = Math.min(limit ?? DEFAULT_PAGE, MAX_PAGE_SIZE);
      const found = session.storage.messages.search({
        terms: searchTerms(query).slice(0, MAX_SEARCH_WORDS),
        ...(conversationId === undefined ? {} : { conversationId }),
        ...(before === undefined ? {} : { before }),
        limit: size,
      });
      const last = found.at(-1);
      return {
        hits: found.map(({ message }) => ({
          message: nameMessage(message, session.nameOf),
          snippet: snippetOf(message.text, query),
        })),
        ...(found.length < size || last === undefined ? {} : { next: last.place }),
      };
    },
  };
}
