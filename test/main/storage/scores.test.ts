/** The scores in the encrypted store do what every PeerScoreStorage must. */
import { describe, expect, it } from 'vitest';
import { peerScoreStorageCompliance } from '../../compliance/peer-score-storage.ts';
import { alice, conversation, conversationId, newStore } from './support.ts';

describe('the PeerScoreStorage of the store', () => {
  peerScoreStorageCompliance(() => {
    const store = newStore();
    store.conversations.put(conversation());
    return store.conversations.scores(conversationId());
  });

  it('keeps the scores of conversations apart', () => {
    const store = newStore();
    for (const index of [0, 1]) store.conversations.put(conversation(index));
    store.conversations.scores(conversationId(0)).set(alice, 5n);
    expect(store.conversations.scores(conversationId(1)).all()).toEqual([]);
    expect(store.conversations.load(conversationId(0)).scores).toEqual([[alice, 5n]]);
  });
});
