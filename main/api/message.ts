/** `message.*`: writing and reading. A text that is too long has its own answer, before its other faults are named. */
import { utf8Length } from '../../shared/api/common.ts';
import { ApiError } from '../../shared/api/errors.ts';
import { MAX_MESSAGE_TEXT_BYTES } from '../../shared/limits.ts';
import type { Messenger } from '../messenger/contract.ts';
import { route, type Routes } from './route.ts';

export function messageRoutes(messenger: Messenger): Routes<'message'> {
  const send = route('message.send', messenger['message.send']);
  return {
    'message.send': async (params) => {
      refuseLongText(params);
      return send(params);
    },
    'message.list': route('message.list', messenger['message.list']),
    'message.search': route('message.search', messenger['message.search']),
  };
}

/** Throws ApiError TOO_LARGE. */
function refuseLongText(params: unknown): void {
  if (typeof params !== 'object' || params === null || !('text' in params) || typeof params.text !== 'string') return;
  // No character takes less than a byte: what is longer in characters need not be counted.
  if (params.text.length <= MAX_MESSAGE_TEXT_BYTES && utf8Length(params.text) <= MAX_MESSAGE_TEXT_BYTES) return;
  throw new ApiError('TOO_LARGE', 'This message is too long.', { limit: MAX_MESSAGE_TEXT_BYTES });
}
