/** The chained log of a conversation: whatever is changed, lost or put in inside the store is found, and never ends the program. */
import { join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import type { GovernanceEntry } from '../../../shared/api/model.ts';
import { canonicalJson, chainNext, chainStart } from '../../../main/storage/entryChain.ts';
import { migrations } from '../../../main/storage/migrations/index.ts';
import { openDatabase } from '../../../main/storage/open.ts';
import { alice, bob, conversation, conversationId, key, newStore, open, temporaryDirectory } from './support.ts';

const entry = (epoch: number): GovernanceEntry => ({ at: 1000 + epoch, epoch, kind: 'committed', actor: alice });
const COUNT = 5;

/** A store with two journals, closed; `damage` works on its database before it is opened again. */
function damagedStore(damage: (database: Database) => void) {
  const file = join(temporaryDirectory(), 'conclave.db');
  const store = open(file);
  for (const index of [0, 1]) {
    store.conversations.put(conversation(index));
    for (let epoch = 0; epoch < COUNT; epoch += 1) store.journal.append(conversationId(index), entry(epoch));
  }
  store.close();
  const database = openDatabase({ file, key, create: false }, migrations);
  damage(database);
  database.close();
  return open(file);
}

/** Positions of the lines of the first conversation. */
const positions = Array.from({ length: COUNT }, (_, index) => index + 1);

describe('the log of a conversation', () => {
  it('has a hash on each line over the line and the hash before it', () => {
    const store = newStore();
    store.conversations.put(conversation());
    for (const epoch of [0, 1]) store.journal.append(conversationId(), entry(epoch));
    const [second, first] = store.journal.list(conversationId(), { limit: 9 });
    expect(first?.hash).toEqual(chainNext(chainStart(conversationId()), canonicalJson(entry(0))));
    expect(second?.hash).toEqual(chainNext(first!.hash, canonicalJson(entry(1))));
    expect(store.journal.check(conversationId())).toEqual({ kind: 'intact', length: 2 });
    store.journal.append(conversationId(), entry(2));
    expect(store.journal.check(conversationId())).toEqual({ kind: 'intact', length: 3 });
    expect(store.journal.check(conversationId(1))).toEqual({ kind: 'intact', length: 0 });
  });

  it('gives equal lines equal bytes, in whatever order their fields were written', () => {
    const some = { b: [{ d: 1, c: 'ü' }], a: true };
    expect(canonicalJson(some)).toBe('{"a":true,"b":[{"c":"ü","d":1}]}');
    expect(canonicalJson({ a: true, b: [{ c: 'ü', d: 1 }] })).toBe(canonicalJson(some));
  });

  it('takes no half of a line when a transaction is undone', () => {
    const store = newStore();
    store.conversations.put(conversation());
    store.journal.append(conversationId(), entry(0));
    const undo = new Error('undone');
    expect(() =>
      store.transaction(() => {
        store.journal.append(conversationId(), entry(1));
        throw undo;
      }),
    ).toThrow(undo);
    expect(store.journal.check(conversationId())).toEqual({ kind: 'intact', length: 1 });
  });

  it('begins anew for a conversation that was deleted and comes again', () => {
    const store = newStore();
    for (const epoch of [0, 1]) {
      store.conversations.put(conversation());
      store.journal.append(conversationId(), entry(epoch));
      expect(store.journal.check(conversationId())).toEqual({ kind: 'intact', length: 1 });
      store.conversations.delete(conversationId());
    }
  });

  it.each([
    ['a word is changed', 3, `UPDATE journal SET entry = replace(entry, '1002', '1003') WHERE position = 3`],
    ['a line is no JSON any more', 3, `UPDATE journal SET entry = 'x' || entry WHERE position = 3`],
    ['a line is taken out', 4, 'DELETE FROM journal WHERE position = 3'],
    ['the first line is taken out', 2, 'DELETE FROM journal WHERE position = 1'],
    ['the last line is taken out', 4, 'DELETE FROM journal WHERE position = 5'],
    ['all lines are taken out', 0, `DELETE FROM journal WHERE conversation_id = '${conversationId()}'`],
    ['a hash is changed', 2, `UPDATE journal SET hash = X'00' WHERE position = 2`],
    [
      'a line comes from another conversation',
      6,
      `UPDATE journal SET conversation_id = '${conversationId()}' WHERE position = 6`,
    ],
    [
      'two lines are exchanged',
      1,
      `UPDATE journal SET position = -position WHERE position IN (1, 2);
      UPDATE journal SET position = 3 + position WHERE position < 0`,
    ],
  ])('is broken when %s', (_, position, damage) => {
    const store = damagedStore((database) => database.exec(damage));
    expect(store.journal.check(conversationId())).toEqual({ kind: 'broken', position });
    // The rest can still be read, and goes on.
    const rows = store.journal.list(conversationId(), { limit: 9 });
    expect(rows.every((row) => row.entry !== undefined || row.position === position)).toBe(true);
    store.journal.append(conversationId(), entry(9));
    expect(store.journal.check(conversationId()).kind).toBe('broken');
  });

  it('is found broken at the next start although it was whole at the last check', () => {
    const file = join(temporaryDirectory(), 'conclave.db');
    const store = open(file);
    store.conversations.put(conversation());
    for (const epoch of positions) store.journal.append(conversationId(), entry(epoch));
    expect(store.journal.check(conversationId())).toEqual({ kind: 'intact', length: COUNT });
    store.close();
    const database = openDatabase({ file, key, create: false }, migrations);
    database.exec('DELETE FROM journal WHERE position = 2');
    database.close();
    expect(open(file).journal.check(conversationId())).toEqual({ kind: 'broken', position: 3 });
  });
});

describe('a store of before the log was chained', () => {
  it('is chained as it is found, field order and all, and goes on', () => {
    const file = join(temporaryDirectory(), 'conclave.db');
    const old = openDatabase({ file, key, create: true }, migrations.slice(0, 2));
    for (const index of [0, 1]) {
      const id = conversationId(index);
      old.exec(`INSERT INTO conversation (conversation_id, name, created_at) VALUES ('${id}', 'Old', 1)`);
      for (const line of [
        '{"kind":"joined","epoch":0,"at":5}',
        `{"at":6,"actor":"${bob}","kind":"committed","epoch":1}`,
      ])
        old.exec(`INSERT INTO journal (conversation_id, entry) VALUES ('${id}', '${line}')`);
    }
    old.close();
    const store = open(file);
    for (const index of [0, 1]) {
      expect(store.journal.check(conversationId(index))).toEqual({ kind: 'intact', length: 2 });
      store.journal.append(conversationId(index), entry(2));
      expect(store.journal.check(conversationId(index))).toEqual({ kind: 'intact', length: 3 });
      expect(store.journal.list(conversationId(index), { limit: 9 }).map((row) => row.entry)).toEqual([
        entry(2),
        { at: 6, epoch: 1, kind: 'committed', actor: bob },
        { at: 5, epoch: 0, kind: 'joined' },
      ]);
    }
  });

  it('with a line that nobody can read is opened all the same', () => {
    const file = join(temporaryDirectory(), 'conclave.db');
    const old = openDatabase({ file, key, create: true }, migrations.slice(0, 2));
    old.exec(`INSERT INTO conversation (conversation_id, name, created_at) VALUES ('${conversationId()}', 'Old', 1);
      INSERT INTO journal (conversation_id, entry) VALUES ('${conversationId()}', 'not JSON')`);
    old.close();
    const store = open(file);
    expect(store.journal.list(conversationId(), { limit: 9 })).toMatchObject([{ entry: undefined }]);
    expect(store.journal.check(conversationId())).toEqual({ kind: 'intact', length: 1 });
  });
});
