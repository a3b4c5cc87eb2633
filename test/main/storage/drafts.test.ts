/** What was typed and not sent, in the store. */
import { describe, expect, it } from 'vitest';
import { MAX_DRAFT_LENGTH } from '../../../shared/limits.ts';
import { conversation, conversationId, messageId, newStore, thrownBy } from './support.ts';

describe('drafts', () => {
  it('are one a conversation, replaced and removed', () => {
    const store = newStore();
    for (const index of [0, 1]) store.conversations.put(conversation(index));
    expect(store.drafts.list()).toEqual([]);
    store.drafts.put({ conversationId: conversationId(1), text: 'other' });
    store.drafts.put({ conversationId: conversationId(0), text: 'half', replyTo: messageId(1) });
    store.drafts.put({ conversationId: conversationId(0), text: 'half a thought 🐚' });
    expect(store.drafts.list()).toEqual([
      { conversationId: conversationId(0), text: 'half a thought 🐚' },
      { conversationId: conversationId(1), text: 'other' },
    ]);
    store.drafts.remove(conversationId(1));
    store.drafts.remove(conversationId(1));
    expect(store.drafts.list()).toEqual([{ conversationId: conversationId(0), text: 'half a thought 🐚' }]);
  });

  it('go with their conversation, and belong to one', () => {
    const store = newStore();
    store.conversations.put(conversation(0));
    store.drafts.put({ conversationId: conversationId(0), text: 'half' });
    store.conversations.delete(conversationId(0));
    expect(store.drafts.list()).toEqual([]);
    expect(thrownBy(() => store.drafts.put({ conversationId: conversationId(0), text: 'half' }))).toBeDefined();
  });

  it('are refused when they are too large', () => {
    const store = newStore();
    store.conversations.put(conversation(0));
    const text = 'x'.repeat(3 * MAX_DRAFT_LENGTH + 1);
    expect(thrownBy(() => store.drafts.put({ conversationId: conversationId(0), text }))).toMatchObject({
      code: 'TOO_LARGE',
    });
    expect(store.drafts.list()).toEqual([]);
  });
});
