/** What the page hears of an opened link. */
import { describe, expect, it } from 'vitest';
import { ApiError } from '../../../shared/api/errors.ts';
import { eventOfLink } from '../../../main/desktop/openedLinks.ts';
import { fakeNode } from '../api/fakeMessenger.ts';

const link = 'conclave:abc';

describe('an opened link', () => {
  it('is an invite when it can be read', async () => {
    const node = fakeNode();
    expect(await eventOfLink(node.api, link)).toEqual({ type: 'invite.opened', invite: link });
    expect(node.calls).toEqual([{ method: 'invite.inspect', params: { invite: link } }]);
  });

  it('is a sentence when it cannot', async () => {
    const node = fakeNode();
    node.answer('invite.inspect', () => Promise.reject(new ApiError('INVALID_INVITE', 'It is damaged.')));
    expect(await eventOfLink(node.api, link)).toEqual({ type: 'notice', level: 'error', text: 'It is damaged.' });
  });

  it('waits for an identity when there is none', async () => {
    const node = fakeNode();
    node.answer('invite.inspect', () => Promise.reject(new ApiError('NO_IDENTITY', 'First a name.')));
    expect(await eventOfLink(node.api, link)).toEqual({ type: 'invite.opened', invite: link });
  });
});
