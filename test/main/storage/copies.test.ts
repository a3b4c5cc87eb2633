/** Copies of the store: when they count, how many stay, and how one takes the place of a damaged file without losing it. */
import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { STORE_COPIES_KEPT, STORE_COPY_INTERVAL_MS } from '../../../shared/limits.ts';
import type { Storage } from '../../../main/messenger/ports/storage.ts';
import { openProfile, openStorage, storeCopies } from '../../../main/storage/index.ts';
import { openDatabase } from '../../../main/storage/open.ts';
import { migrations } from '../../../main/storage/migrations/index.ts';
import { conversation, conversationId, digest, key, message, temporaryDirectory } from './support.ts';

const nothing = async (): Promise<void> => {};
const DAY = STORE_COPY_INTERVAL_MS;

function filled(file: string): ReturnType<typeof openStorage> {
  const store = openStorage({ file, key, create: true });
  store.conversations.put(conversation());
  store.messages.insert(message(1));
  return store;
}

const copiesIn = (file: string): string[] =>
  readdirSync(dirname(file))
    .filter((name) => name.includes('.copy'))
    .sort();

describe('a copy of the store', () => {
  it('is encrypted with the same key, private, whole, and has what was stored when it was taken', async () => {
    const file = join(temporaryDirectory(), 'conclave.db');
    const store = filled(file);
    await store.takeCopy({ key, now: 5_000, prepare: nothing });
    store.messages.insert(message(2));
    store.close();
    expect(copiesIn(file)).toEqual(['conclave.db.copy-5000']);
    const copy = join(dirname(file), 'conclave.db.copy-5000');
    if (process.platform !== 'win32') expect(statSync(copy).mode & 0o777).toBe(0o600);
    expect(readFileSync(copy).includes('message number')).toBe(false);
    const opened = openStorage({ file: copy, key, create: false });
    expect(opened.messages.list(conversationId(), { limit: 9 })).toEqual([message(1)]);
    opened.close();
    expect(storeCopies(file).newest(key.map((byte) => byte ^ 1))).toBeUndefined();
  });

  it('is one of a few: the oldest go when a newer one is known to be good', async () => {
    const file = join(temporaryDirectory(), 'conclave.db');
    const store = filled(file);
    const copies = storeCopies(file);
    expect(copies.dueAt(7)).toBe(7);
    for (let day = 1; day <= STORE_COPIES_KEPT + 2; day += 1) {
      await store.takeCopy({ key, now: day * DAY, prepare: nothing });
      expect(copies.dueAt(day * DAY)).toBe((day + 1) * DAY);
    }
    expect(copiesIn(file)).toHaveLength(STORE_COPIES_KEPT);
    const before = copiesIn(file);
    const fails = store.takeCopy({ key, now: 9 * DAY, prepare: () => Promise.reject(new RangeError('no')) });
    await expect(fails).rejects.toMatchObject({ problem: 'io' });
    expect(copiesIn(file)).toEqual(before);
    store.close();
  });

  it('does not have what was taken out of it, and the store still does', async () => {
    const file = join(temporaryDirectory(), 'conclave.db');
    const store = filled(file);
    const prepare = async (copy: Storage): Promise<void> => copy.conversations.delete(conversationId());
    await store.takeCopy({ key, now: 1, prepare });
    expect(store.messages.list(conversationId(), { limit: 9 })).toHaveLength(1);
    store.close();
    const opened = openStorage({ file: `${file}.copy-1`, key, create: false });
    expect(opened.conversations.list()).toEqual([]);
    opened.close();
  });

  it('is taken whole before a migration, and goes when there is one of after it', async () => {
    const file = join(temporaryDirectory(), 'conclave.db');
    filled(file).close();
    const more = { version: (migrations.at(-1)?.version ?? 0) + 1, sql: 'CREATE TABLE more (only INTEGER) STRICT' };
    openDatabase({ file, key, create: false }, [...migrations, more]).close();
    const [whole] = copiesIn(file);
    expect(whole).toMatch(/^conclave\.db\.copy-\d+-whole$/);
    expect(storeCopies(file).newest(key)).toBeDefined();
    // Back to the version that this program has: it may take copies again.
    copyFileSync(join(dirname(file), whole ?? ''), file);
    const store = openStorage({ file, key, create: false });
    expect(storeCopies(file).dueAt(3)).toBe(3);
    await store.takeCopy({ key, now: 3, prepare: nothing });
    store.close();
    expect(copiesIn(file)).toEqual(['conclave.db.copy-3']);
  });
});

describe('a damaged file', () => {
  async function damaged(): Promise<{ readonly file: string; readonly digest: string }> {
    const file = join(temporaryDirectory(), 'conclave.db');
    const store = filled(file);
    await store.takeCopy({ key, now: 1_000, prepare: nothing });
    store.messages.insert(message(2));
    await store.takeCopy({ key, now: 2_000, prepare: nothing });
    store.close();
    const bytes = readFileSync(file);
    bytes.fill(0x5a, 6_000, 9_000);
    writeFileSync(file, bytes);
    writeFileSync(`${file}-wal`, 'the log of the damaged file');
    return { file, digest: digest(file) };
  }

  it('gets another name with its log, and the newest copy that is whole takes its place', async () => {
    const { file, digest: before } = await damaged();
    const newest = readFileSync(`${file}.copy-2000`);
    newest.fill(0, newest.length - 2_000);
    writeFileSync(`${file}.copy-2000`, newest);
    const copies = storeCopies(file);
    expect(copies.newest(key)).toBe(1_000);
    const restored = await copies.restore({ key, now: 77, prepare: nothing });
    expect(restored).toEqual({ takenAt: 1_000, setAside: 'conclave.db.damaged-77' });
    expect(digest(`${file}.damaged-77`)).toBe(before);
    expect(readFileSync(`${file}.damaged-77-wal`, 'utf8')).toBe('the log of the damaged file');
    expect(existsSync(`${file}-wal`)).toBe(false);
    const store = openStorage({ file, key, create: false });
    expect(store.messages.list(conversationId(), { limit: 9 })).toEqual([message(1)]);
    store.close();
    if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it.each([0, 1, 2])('is set aside at the next start when a crash came after %i renames', async (done) => {
    const { file, digest: before } = await damaged();
    const random = (length: number): Uint8Array => new Uint8Array(length).fill(1);
    // What `restore` has done at that moment.
    copyFileSync(`${file}.copy-2000`, `${file}.restored-88`);
    if (done > 0) renameSync(`${file}-wal`, `${file}.damaged-88-wal`);
    if (done > 1) renameSync(file, `${file}.damaged-88`);
    openProfile(dirname(file), random).close();
    expect(digest(`${file}.damaged-88`)).toBe(before);
    expect(existsSync(`${file}.damaged-88-wal`)).toBe(true);
    expect(existsSync(`${file}-wal`)).toBe(false);
    const store = openStorage({ file, key, create: false });
    expect(store.messages.list(conversationId(), { limit: 9 })).toHaveLength(2);
    store.close();
  });

  it('stays as it is when no copy is good', async () => {
    const { file, digest: before } = await damaged();
    for (const name of copiesIn(file)) writeFileSync(join(dirname(file), name), 'not a database');
    const copies = storeCopies(file);
    expect([copies.exist(), copies.newest(key)]).toEqual([true, undefined]);
    await expect(copies.restore({ key, now: 1, prepare: nothing })).rejects.toMatchObject({ code: 'STORAGE' });
    expect(digest(file)).toBe(before);
    for (const name of copiesIn(file)) rmSync(join(dirname(file), name));
    expect(copies.exist()).toBe(false);
  });
});
