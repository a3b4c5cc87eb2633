/** What opening a store refuses, and that it leaves what it refuses alone. */
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { StorageError } from '../../../main/storage/index.ts';
import { connectToWork } from '../../../main/storage/connection.ts';
import { migrations } from '../../../main/storage/migrations/index.ts';
import { openDatabase } from '../../../main/storage/open.ts';
import { conversation, digest, key, open, temporaryDirectory, thrownBy } from './support.ts';

const otherKey = key.map((byte) => byte ^ 1);

/** A closed store with one conversation in it. */
function closedStore(): string {
  const file = join(temporaryDirectory(), 'conclave.db');
  const store = open(file);
  store.conversations.put(conversation());
  store.close();
  return file;
}

/** Opens `file`, expects to be refused, and that nothing in its directory changed. */
function refused(file: string, options: Parameters<typeof open>[1] = {}): StorageError {
  const directory = join(file, '..');
  // An empty journal and its index come and go with whoever looks; they hold nothing.
  const look = (): string[] =>
    readdirSync(directory)
      .map((name) => join(directory, name))
      .filter((path) => !path.endsWith('-shm') && !(path.endsWith('-wal') && statSync(path).size === 0))
      .map((path) => (statSync(path).isFile() ? `${path} ${digest(path)}` : path));
  const before = look();
  const error = thrownBy(() => open(file, options));
  expect(error).toBeInstanceOf(StorageError);
  expect(look()).toEqual(before);
  return error as StorageError;
}

describe('openStorage', () => {
  it('makes a store that is there again after closing', () => {
    const file = closedStore();
    expect(open(file, { create: false }).conversations.list()).toEqual([conversation()]);
  });

  it('opens a store that exists although it was asked to create one', () => {
    expect(open(closedStore(), { create: true }).conversations.list()).toEqual([conversation()]);
  });

  it.skipIf(process.platform === 'win32')('keeps its files private, also one that was opened up', () => {
    const file = closedStore();
    chmodSync(file, 0o644);
    const store = open(file);
    store.conversations.put(conversation(1));
    const directory = join(file, '..');
    for (const name of readdirSync(directory)) expect(statSync(join(directory, name)).mode & 0o777).toBe(0o600);
    expect(readdirSync(directory)).toContain('conclave.db-wal');
  });

  it('works with the settings that make it durable, strict and forgetful', () => {
    const database = openDatabase({ file: closedStore(), key, create: false }, migrations);
    const pragma = (name: string): unknown => database.pragma(name, { simple: true });
    expect({
      journal: pragma('journal_mode'),
      synchronous: pragma('synchronous'),
      foreignKeys: pragma('foreign_keys'),
      secureDelete: pragma('secure_delete'),
      trustedSchema: pragma('trusted_schema'),
      busyTimeout: pragma('busy_timeout'),
      cipher: pragma('cipher'),
      tempStore: pragma('temp_store'),
    }).toEqual({
      journal: 'wal',
      synchronous: 2,
      foreignKeys: 1,
      secureDelete: 1,
      trustedSchema: 0,
      busyTimeout: 2000,
      cipher: 'sqlcipher',
      tempStore: 2,
    });
    const tables = database.prepare(`SELECT name FROM pragma_table_list WHERE schema = 'main' AND strict = 0`).all();
    // An index of words makes tables of its own.
    const names = tables.map((table) => (table as { readonly name: string }).name);
    expect(names.filter((name) => !name.startsWith('message_words'))).toEqual(['sqlite_schema', 'sqlite_sequence']);
    database.close();
  });

  it('refuses a missing file unless it was asked to create one', () => {
    const file = join(temporaryDirectory(), 'conclave.db');
    expect(refused(file, { create: false })).toMatchObject({ code: 'STORAGE', problem: 'missing' });
    expect(existsSync(file)).toBe(false);
  });

  it('refuses a wrong key, and names neither key', () => {
    const error = refused(closedStore(), { key: otherKey });
    expect(error).toMatchObject({ code: 'STORAGE', problem: 'wrongKeyOrNotADatabase' });
    const told = `${error.message} ${String(error.cause)} ${String(error.stack)}`.toLowerCase();
    for (const secret of [key, otherKey]) expect(told).not.toContain(Buffer.from(secret).toString('hex'));
  });

  it('refuses a wrong key while a journal of a crash waits, and leaves the journal alone', () => {
    const file = closedStore();
    const store = open(file);
    store.conversations.put(conversation(1));
    const copy = join(temporaryDirectory(), 'conclave.db');
    for (const suffix of ['', '-wal']) copyFileSync(`${file}${suffix}`, `${copy}${suffix}`);
    expect(refused(copy, { key: otherKey }).problem).toBe('wrongKeyOrNotADatabase');
    expect(open(copy, { create: false }).conversations.list()).toHaveLength(2);
  });

  it('refuses a key of another length', () => {
    expect(refused(closedStore(), { key: key.slice(1) }).problem).toBe('misuse');
  });

  it.each([
    ['text', 'Dear diary, '.repeat(1000)],
    ['a few bytes', 'abc'],
  ])('refuses a file that is %s', (_, content) => {
    const file = join(temporaryDirectory(), 'conclave.db');
    writeFileSync(file, content);
    expect(refused(file).problem).toBe('wrongKeyOrNotADatabase');
  });

  it('refuses an empty file: ours are never empty', () => {
    const file = join(temporaryDirectory(), 'conclave.db');
    writeFileSync(file, '');
    expect(refused(file).problem).toBe('damaged');
  });

  it('refuses a plain database of another program', () => {
    const file = join(temporaryDirectory(), 'conclave.db');
    const foreign = new Sqlite(file);
    foreign.exec('CREATE TABLE t (a)');
    foreign.close();
    expect(refused(file).problem).toBe('foreignFile');
  });

  it('refuses a database that has our key and another application id', () => {
    const file = closedStore();
    const database = connectToWork(file, key);
    database.pragma('application_id = 7');
    database.close();
    expect(refused(file).problem).toBe('foreignFile');
  });

  it('refuses a directory and a link', () => {
    const directory = temporaryDirectory();
    mkdirSync(join(directory, 'directory'));
    expect(refused(join(directory, 'directory')).problem).toBe('foreignFile');
    symlinkSync(closedStore(), join(directory, 'link'));
    expect(refused(join(directory, 'link')).problem).toBe('foreignFile');
  });

  it('refuses a store of a newer version, and does not migrate it', () => {
    const file = closedStore();
    const database = connectToWork(file, key);
    database.pragma('user_version = 1000');
    database.close();
    const error = refused(file);
    expect(error.problem).toBe('fromTheFuture');
    expect(error.message).toContain('newer version');
  });

  it('refuses a store whose rows belong to nothing', () => {
    const file = closedStore();
    const database = connectToWork(file, key);
    database.pragma('foreign_keys = OFF');
    database.exec(`INSERT INTO journal (conversation_id, entry) VALUES ('nobody', '{}')`);
    database.close();
    expect(refused(file).problem).toBe('damaged');
  });

  it('takes JSON that does not fit for damage, and does not quote it', () => {
    const file = closedStore();
    const database = connectToWork(file, key);
    database.exec(`INSERT INTO settings (only, settings) VALUES (1, '{"theme":"hot secret"}')`);
    database.close();
    const error = thrownBy(() => open(file).profile.settings());
    expect(error).toMatchObject({ code: 'STORAGE', problem: 'damaged' });
    expect(String(error)).not.toContain('hot secret');
  });

  it('lets a second opener in only after the first is gone', () => {
    const file = closedStore();
    const first = open(file);
    expect(refused(file).problem).toBe('locked');
    first.conversations.put(conversation(1));
    first.close();
    expect(open(file).conversations.list()).toHaveLength(2);
  }, 10_000);

  it('takes nothing that a crash left while creating for a store', () => {
    const file = join(temporaryDirectory(), 'conclave.db');
    writeFileSync(`${file}.new`, 'half a database');
    writeFileSync(`${file}.new-journal`, 'half a journal');
    open(file).conversations.put(conversation());
    expect(existsSync(`${file}.new`)).toBe(false);
    expect(existsSync(`${file}.new-journal`)).toBe(false);
  });
});

describe('migrations', () => {
  const latest = migrations.length;

  it('are numbered from 1 without a gap', () => {
    expect(migrations.map(({ version }) => version)).toEqual(migrations.map((_, index) => index + 1));
  });

  it('bring an older store to the newest version and keep its rows', () => {
    const file = closedStore();
    const next = { version: latest + 1, sql: `ALTER TABLE conversation ADD COLUMN colour TEXT NOT NULL DEFAULT 'red'` };
    const database = openDatabase({ file, key, create: false }, [...migrations, next]);
    expect(database.pragma('user_version', { simple: true })).toBe(latest + 1);
    expect(database.prepare('SELECT name, colour FROM conversation').all()).toEqual([
      { name: conversation().name, colour: 'red' },
    ]);
    database.close();
    expect(refused(file).problem).toBe('fromTheFuture');
  });

  it('that fail leave the version before them, whole', () => {
    const file = closedStore();
    const broken = { version: latest + 2, sql: 'CREATE TABLE half (a INTEGER) STRICT; INSERT INTO nowhere VALUES (1)' };
    const good = { version: latest + 1, sql: 'CREATE TABLE two (a INTEGER) STRICT' };
    expect(thrownBy(() => openDatabase({ file, key, create: false }, [...migrations, good, broken]))).toBeInstanceOf(
      StorageError,
    );
    const database = openDatabase({ file, key, create: false }, [...migrations, good]);
    expect(database.pragma('user_version', { simple: true })).toBe(latest + 1);
    expect(database.prepare(`SELECT count(*) AS n FROM pragma_table_list WHERE name IN ('half', 'two')`).get()).toEqual(
      {
        n: 1,
      },
    );
    database.close();
  });
});
