/** Transactions are all or nothing, errors are told in sentences, and what is deleted or secret is nowhere on disk. */
import { createDecipheriv } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { StorageError } from '../../../main/storage/index.ts';
import { migrations } from '../../../main/storage/migrations/index.ts';
import { openDatabase } from '../../../main/storage/open.ts';
import { change } from '../../../main/storage/statements.ts';
import { transactionsOn } from '../../../main/storage/transaction.ts';
import {
  alice,
  bob,
  conversation,
  conversationId,
  key,
  message,
  messageId,
  newStore,
  open,
  temporaryDirectory,
  thrownBy,
} from './support.ts';

describe('a transaction', () => {
  it('gives back what its work gives', () => {
    expect(newStore().transaction(() => 42)).toBe(42);
  });

  it('keeps nothing when its work throws, and passes the error on as it is', () => {
    const store = newStore();
    const error = new TypeError('mine');
    const work = (): void => {
      store.conversations.put(conversation());
      store.people.putName(alice, 'Alice');
      throw error;
    };
    expect(thrownBy(() => store.transaction(work))).toBe(error);
    expect(store.conversations.list()).toEqual([]);
    expect(store.people.name(alice)).toBeUndefined();
    store.transaction(() => store.people.putName(alice, 'Alice'));
    expect(store.people.name(alice)).toBe('Alice');
  });

  it('must not be nested, and the outer one is undone', () => {
    const store = newStore();
    const nested = (): void => {
      store.people.putName(alice, 'Alice');
      store.transaction(() => undefined);
    };
    expect(thrownBy(() => store.transaction(nested))).toMatchObject({ code: 'STORAGE', problem: 'misuse' });
    expect(store.people.name(alice)).toBeUndefined();
  });

  it('must not wait', () => {
    const store = newStore();
    const waits = async (): Promise<void> => {
      store.people.putName(alice, 'Alice');
    };
    expect(thrownBy(() => store.transaction(waits))).toMatchObject({ problem: 'misuse' });
    expect(store.people.name(alice)).toBeUndefined();
  });

  it('may write what belongs to a conversation before the conversation', () => {
    const store = newStore();
    store.transaction(() => {
      store.messages.insert(message(1));
      store.conversations.put(conversation());
    });
    expect(store.messages.list(conversationId(), { limit: 5 })).toEqual([message(1)]);
  });

  it('keeps nothing when a row belongs to no conversation', () => {
    const store = newStore();
    const orphan = (): void => {
      store.people.putName(alice, 'Alice');
      store.messages.insert(message(1));
    };
    expect(thrownBy(() => store.transaction(orphan))).toMatchObject({ problem: 'misuse' });
    expect(store.people.name(alice)).toBeUndefined();
    expect(store.messages.get(conversationId(), messageId(1))).toBeUndefined();
  });

  it('refuses values of the wrong kind without quoting them', () => {
    const store = newStore();
    const wrong = { ...conversation(), createdAt: 1.5, name: 'a very private name' };
    const error = thrownBy(() => store.conversations.put(wrong));
    expect(error).toMatchObject({ problem: 'misuse' });
    expect(`${String(error)} ${String((error as Error).cause)}`).not.toContain('private');
  });

  it('is refused by a closed store, which may be closed twice', () => {
    const store = newStore();
    store.close();
    store.close();
    expect(thrownBy(() => store.transaction(() => 1))).toMatchObject({ code: 'STORAGE', problem: 'misuse' });
    expect(thrownBy(() => store.profile.get())).toBeInstanceOf(StorageError);
  });

  it('does not let the store be closed inside it', () => {
    const store = newStore();
    expect(thrownBy(() => store.transaction(() => store.close()))).toMatchObject({ problem: 'misuse' });
    expect(store.transaction(() => 1)).toBe(1);
  });
});

describe('a full disk', () => {
  it('is told as such, keeps what was there, and work goes on when there is room again', () => {
    const file = join(temporaryDirectory(), 'conclave.db');
    open(file).close();
    const database = openDatabase({ file, key, create: false }, migrations);
    const transaction = transactionsOn(database);
    const put = change(database, 'INSERT INTO person (member_id, display_name) VALUES (?, ?)');
    const count = (): unknown => database.prepare('SELECT count(*) AS n FROM person').get();
    transaction(() => put('first', 'First'));
    const pages = database.pragma('page_count', { simple: true });
    database.pragma(`max_page_count = ${Number(pages) + 3}`);
    const fill = (): void => {
      for (let index = 0; index < 100; index += 1) put(`member ${index}`, 'x'.repeat(2000));
    };
    expect(thrownBy(() => transaction(fill))).toMatchObject({ code: 'STORAGE', problem: 'full' });
    expect(count()).toEqual({ n: 1 });
    database.pragma('max_page_count = 100000');
    transaction(fill);
    expect(count()).toEqual({ n: 101 });
    database.close();
  });

  it('that work ignores is not taken for success', () => {
    const database = openDatabase({ file: join(temporaryDirectory(), 'conclave.db'), key, create: true }, migrations);
    const transaction = transactionsOn(database);
    database.pragma(`max_page_count = ${Number(database.pragma('page_count', { simple: true }))}`);
    const put = change(database, 'INSERT INTO person (member_id, display_name) VALUES (?, ?)');
    const ignore = (): void => {
      put('small', 'fits');
      try {
        put('large', 'x'.repeat(100_000));
      } catch {
        // As a careless caller would.
      }
    };
    const outcome = ((): unknown => {
      try {
        transaction(ignore);
        return 'committed';
      } catch (error) {
        return error;
      }
    })();
    const rows = database.prepare('SELECT count(*) AS n FROM person').get();
    // SQLite may undo the statement or the whole transaction: what was told must be what is there.
    expect(rows).toEqual({ n: outcome === 'committed' ? 1 : 0 });
    database.close();
  });
});

/** Every page of a closed store as whoever has the key reads it, also pages that are in no table any more. */
function decrypted(file: string): Buffer {
  const PAGE = 4096;
  // SQLCipher 4: the file's salt, then each page with its IV and its HMAC at the end.
  const [SALT, IV, HMAC] = [16, 16, 64];
  const content = readFileSync(file);
  const pages: Buffer[] = [];
  for (let start = 0; start < content.length; start += PAGE) {
    const page = content.subarray(start, start + PAGE);
    const ivAt = PAGE - HMAC - IV;
    const decipher = createDecipheriv('aes-256-cbc', key, page.subarray(ivAt, ivAt + IV)).setAutoPadding(false);
    pages.push(decipher.update(page.subarray(start === 0 ? SALT : 0, ivAt)), decipher.final());
  }
  return Buffer.concat(pages);
}

describe('the files of the store', () => {
  const secrets = {
    text: 'the eagle lands at midnight',
    group: 'Quiet Observers',
    name: 'Wilhelmina Underhill',
    address: '/ip4/192.168.77.41/tcp/43123',
  };
  const deviceKey = new Uint8Array(48).map((_, index) => 200 - index);

  it('hold no text, name, address or key in the clear, while open and after closing', () => {
    const directory = temporaryDirectory();
    const store = open(join(directory, 'conclave.db'));
    store.transaction(() => {
      store.profile.put({ memberId: alice, displayName: secrets.name, deviceSignatureKey: deviceKey });
      store.conversations.put(conversation(0, { name: secrets.group, lastView: JSON.stringify(secrets) }));
      for (let index = 0; index < 200; index += 1) store.messages.insert(message(index, { text: secrets.text }));
      store.journal.append(conversationId(), { at: 1, epoch: 0, kind: 'joined', actor: bob, reason: secrets.text });
      store.people.putPeers([{ peerId: '12D3KooWsecret' as never, addresses: [secrets.address], lastSeenAt: 1 }]);
    });
    const needles = [
      ...Object.values(secrets).map((text) => Buffer.from(text)),
      Buffer.from(alice),
      Buffer.from(conversationId()),
      Buffer.from('CREATE TABLE'),
      Buffer.from(deviceKey),
      Buffer.from(key),
      Buffer.from(Buffer.from(key).toString('hex')),
      Buffer.from('12D3KooWsecret'),
    ];
    const look = (): string[] => {
      const names = readdirSync(directory);
      for (const name of names) {
        const content = readFileSync(join(directory, name));
        for (const needle of needles) expect(content.includes(needle)).toBe(false);
      }
      return names;
    };
    expect(look()).toContain('conclave.db-wal');
    store.close();
    expect(look()).toContain('conclave.db');
  });

  it('keep no earlier pages in the log once a conversation or its secrets were deleted', () => {
    const directory = temporaryDirectory();
    const store = open(join(directory, 'conclave.db'));
    const logBytes = (): number => statSync(join(directory, 'conclave.db-wal')).size;
    const parts = [{ name: 'core', bytes: new Uint8Array(9000) }];
    const begin = (): void => {
      store.conversations.put(conversation());
      store.conversations.write(conversationId(), { parts, scores: [] });
      expect(logBytes()).toBeGreaterThan(0);
    };
    begin();
    store.transaction(() => store.conversations.deleteState(conversationId()));
    expect(logBytes()).toBe(0);
    begin();
    store.conversations.delete(conversationId());
    expect(logBytes()).toBe(0);
    begin();
    const undone = (): void => {
      store.conversations.delete(conversationId());
      throw new Error('no');
    };
    expect(() => store.transaction(undone)).toThrow('no');
    expect(store.conversations.list()).toHaveLength(1);
  });

  it('hold nothing of a deleted conversation, even decrypted', () => {
    const file = join(temporaryDirectory(), 'conclave.db');
    const store = open(file);
    for (const index of [0, 1]) store.conversations.put(conversation(index));
    for (let index = 0; index < 100; index += 1) {
      store.messages.insert(message(index, { text: secrets.text }));
      store.messages.insert(message(index, { text: 'this one stays', conversationId: conversationId(1) }));
    }
    store.conversations.delete(conversationId());
    store.close();
    const content = decrypted(file);
    expect(content.includes('this one stays')).toBe(true);
    expect(content.includes(secrets.text)).toBe(false);
    expect(content.includes(conversationId())).toBe(false);
  });
});
