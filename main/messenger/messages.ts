/**
 * Sending and listing messages.
 */
import { v7 as uuidv7 } from 'uuid';
import { ApiError } from '../../shared/api/errors.ts';
import { utf8Length } from '../../shared/api/common.ts';
import { MAX_MESSAGE_TEXT_BYTES, MAX_PAGE_SIZE } from '../../shared/limits.ts';
import type { MessageId } from '../../shared/model/ids.ts';
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

    'message.list': async ({ conversationId, before, limit }) => {
      const session = context.session();
      requireConversation(session, conversationId);
      if (before !== undefined && session.storage.messages.get(conversationId, before) === undefined)
        throw new ApiError('NOT_FOUND', 'There is no such message.');
      const messages = session.storage.messages.list(conversationId, {
        limit: Math.min(limit ?? DEFAULT_PAGE, MAX_PAGE_SIZE),
        ...(before === undefined ? {} : { before }),
      });
      return { messages: messages.map((message) => nameMessage(message, session.nameOf)) };
    },
  };
}
