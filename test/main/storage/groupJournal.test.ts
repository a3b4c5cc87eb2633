/** The records of a group's journal in the store: by epoch, rolled back with their branch, gone with their conversation. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodePart } from '../../../main/protocol/conversation/partCodec.ts';
import { MAX_JOURNAL_RECORD_BYTES } from '../../../shared/limits.ts';
import { migrations } from '../../../main/storage/migrations/index.ts';
import { openDatabase } from '../../../main/storage/open.ts';
import { conversation, conversationId, key, newStore, open, temporaryDirectory } from './support.ts';

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

describe('a store of before there was a journal', () => {
  it('gives each running conversation the part that says that its head is not known', () => {
    const file = join(temporaryDirectory(), 'conclave.db');
    const old = openDatabase({ file, key, create: true }, migrations.slice(0, 1));
    old.exec(`INSERT INTO conversation (conversation_id, name, created_at) VALUES ('${conversationId()}', 'Old', 1);
      INSERT INTO conversation_part VALUES ('${conversationId()}', 'rules', X'00');
      INSERT INTO conversation (conversation_id, name, created_at) VALUES ('${conversationId(1)}', 'Joining', 1);
      INSERT INTO conversation_part VALUES ('${conversationId(1)}', 'joiner', X'00');`);
    old.close();
    const store = open(file);
    const part = store.conversations.load(conversationId()).parts.get('journal');
    expect(decodePart('journal', part ?? new Uint8Array())).toEqual({ length: 0, waiting: [] });
    expect([...store.conversations.load(conversationId(1)).parts.keys()]).toEqual(['joiner']);
  });
});
