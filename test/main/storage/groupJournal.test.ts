/** The records of a group's journal in the store: by epoch, rolled back with their branch, gone with their conversation. */
import { describe, expect, it } from 'vitest';
import { MAX_JOURNAL_RECORD_BYTES } from '../../../shared/limits.ts';
import { conversation, conversationId, newStore } from './support.ts';

const record = (byte: number): Uint8Array => new Uint8Array(3).fill(byte);

describe('the records of a group', () => {
  it('come back in the order of the epochs, page by page', () => {
    const store = newStore();
    store.conversations.put(conversation());
    for (const epoch of [0, 1, 2]) store.groupJournal.put(conversationId(), { epoch, record: record(epoch) });
    expect(store.groupJournal.list(conversationId(), { limit: 2 })).toEqual([
      { epoch: 0, record: record(0) },
      { epoch: 1, record: record(1) },
    ]);
    expect(store.groupJournal.list(conversationId(), { limit: 2, after: 1 })).toEqual([
      { epoch: 2, record: record(2) },
    ]);
  });

  it('H-28 of a branch that was left are forgotten', () => {
    const store = newStore();
    store.conversations.put(conversation());
    for (const epoch of [0, 1, 2]) store.groupJournal.put(conversationId(), { epoch, record: record(epoch) });
    store.groupJournal.dropFrom(conversationId(), 1);
    expect(store.groupJournal.list(conversationId(), { limit: 9 })).toEqual([{ epoch: 0, record: record(0) }]);
  });

  it('H-27 of a branch that was rolled back are replaced, later epochs included', () => {
    const store = newStore();
    store.conversations.put(conversation());
    for (const epoch of [0, 1, 2]) store.groupJournal.put(conversationId(), { epoch, record: record(epoch) });
    store.groupJournal.put(conversationId(), { epoch: 1, record: record(9) });
    expect(store.groupJournal.list(conversationId(), { limit: 9 })).toEqual([
      { epoch: 0, record: record(0) },
      { epoch: 1, record: record(9) },
    ]);
  });

  it('go with their conversation, and stay when only its state goes', () => {
    const store = newStore();
    store.conversations.put(conversation());
    store.groupJournal.put(conversationId(), { epoch: 0, record: record(0) });
    store.conversations.deleteState(conversationId());
    expect(store.groupJournal.list(conversationId(), { limit: 9 })).toHaveLength(1);
    store.conversations.delete(conversationId());
    expect(store.groupJournal.list(conversationId(), { limit: 9 })).toEqual([]);
  });

  it('have a limit', () => {
    const store = newStore();
    store.conversations.put(conversation());
    const large = new Uint8Array(MAX_JOURNAL_RECORD_BYTES + 1);
    expect(() => store.groupJournal.put(conversationId(), { epoch: 0, record: large })).toThrow(
      expect.objectContaining({ code: 'TOO_LARGE' }),
    );
  });
});
