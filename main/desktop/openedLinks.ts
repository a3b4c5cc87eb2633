/** What becomes of an opened link: the page hears of an invite that can be read, or why it cannot. */
import { ApiError } from '../../shared/api/errors.ts';
import type { ApiEvent } from '../../shared/api/events.ts';
import type { Api } from '../api/index.ts';

/** Decodes a link behind the App API. An invite is shown even when there is no identity yet: it waits for one. */
export async function eventOfLink(api: Api, link: string): Promise<ApiEvent> {
  try {
    await api.call('invite.inspect', { invite: link });
  } catch (error) {
    if (error instanceof ApiError && (error.code === 'INVALID_INVITE' || error.code === 'INVALID_PARAMS'))
      return { type: 'notice', level: 'error', text: error.message };
  }
  return { type: 'invite.opened', invite: link };
}
