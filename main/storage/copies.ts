/**
 * Copies of the database beside it: taken, checked before they count, rotated, and put in its place when it is damaged. What
 * takes the place of something never deletes it: the damaged file keeps its bytes under another name. Knows no table.
 */
import { closeSync, constants, copyFileSync, fsyncSync, openSync, readdirSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { STORE_COPIES_KEPT, STORE_COPY_INTERVAL_MS } from '../../shared/limits.ts';
import type { CopyOptions, Storage, StoreCopies } from '../messenger/ports/storage.ts';
import { connectToWork } from './connection.ts';
import { StorageError } from './errors.ts';
import { createPrivateFile, fileErrorOf, renameDurably } from './files.ts';
import { fileExists, inspect } from './inspect.ts';
import { migrate } from './migrate.ts';
import { migrations } from './migrations/index.ts';
import { mapped } from './sqliteErrors.ts';

interface Copy {
  readonly file: string;
  readonly takenAt: number;
  /** Taken before a migration, with everything that the database holds. */
  readonly isWhole: boolean;
}

const newestVersion = migrations.at(-1)?.version ?? 0;
const SIDE_FILES = ['-wal', '-shm', '-journal'];

/** The copies of a database, newest first. */
function copiesOf(database: string): readonly Copy[] {
  if (!fileExists(dirname(database))) return [];
  const pattern = new RegExp(`^${basename(database).replaceAll('.', '\\.')}\\.copy-(\\d{1,16})(-whole)?$`);
  return readdirSync(dirname(database))
    .flatMap((name): Copy[] => {
      const [, time, whole] = pattern.exec(name) ?? [];
      if (time === undefined) return [];
      return [{ file: join(dirname(database), name), takenAt: Number(time), isWhole: whole !== undefined }];
    })
    .sort((a, b) => b.takenAt - a.takenAt);
}

function removeSideFiles(file: string): void {
  for (const suffix of SIDE_FILES) rmSync(`${file}${suffix}`, { force: true });
}

function removeWithSideFiles(file: string): void {
  removeSideFiles(file);
  rmSync(file, { force: true });
}

/** What SQLite wrote without waiting for the disk. */
function sync(file: string): void {
  const descriptor = openSync(file, 'r+');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** SQLite's own backup interface refuses encrypted files; this statement reads in one transaction and encrypts with the same key. */
function vacuumInto(database: Database, draft: string): void {
  removeWithSideFiles(draft);
  closeSync(createPrivateFile(draft));
  mapped(() => database.prepare<[string]>('VACUUM INTO ?').run(draft));
  sync(draft);
}

/** Before a migration: everything as it was. It goes as soon as there is a copy of after it. */
export function copyBeforeMigration(database: Database, file: string): void {
  const draft = `${file}.copy.new`;
  vacuumInto(database, draft);
  renameDurably(draft, `${file}.copy-${Math.floor(statSync(file).mtimeMs)}-whole`);
}

/** See CopyableStorage.takeCopy. `open` makes a store of a connection. */
export async function takeCopy(
  database: Database,
  file: string,
  open: (database: Database) => Storage,
  { key, now, prepare }: CopyOptions,
): Promise<void> {
  const draft = `${file}.copy.new`;
  await withFileErrors(async () => {
    vacuumInto(database, draft);
    try {
      await prepared(draft, key, open, prepare);
      inspect(draft, key, newestVersion);
    } catch (error) {
      removeWithSideFiles(draft);
      throw error;
    }
    removeSideFiles(draft);
    renameDurably(draft, `${file}.copy-${now}`);
    const kept = copiesOf(file)
      .filter(({ isWhole }) => !isWhole)
      .slice(0, STORE_COPIES_KEPT);
    for (const copy of copiesOf(file))
      if (!kept.some((other) => other.file === copy.file)) removeWithSideFiles(copy.file);
  });
}

/** Opens a draft, lets `prepare` change it, and closes it again with everything in the file. */
async function prepared(
  draft: string,
  key: Uint8Array,
  open: (database: Database) => Storage,
  prepare: (storage: Storage) => Promise<void>,
): Promise<void> {
  const database = connectToWork(draft, key);
  try {
    migrate(database, migrations);
    await prepare(open(database));
  } finally {
    mapped(() => database.close());
  }
  sync(draft);
}

/** The copies beside that database. `open` makes a store of a connection. */
export function copiesBeside(file: string, open: (database: Database) => Storage): StoreCopies {
  const usable = (key: Uint8Array): Copy | undefined => copiesOf(file).find((copy) => opens(copy, key));
  return {
    exist: () => copiesOf(file).length > 0,
    dueAt(now) {
      const copies = copiesOf(file);
      const latest = copies.find((copy) => !copy.isWhole && copy.takenAt <= now)?.takenAt;
      return latest === undefined || copies.some((copy) => copy.isWhole) ? now : latest + STORE_COPY_INTERVAL_MS;
    },
    newest: (key) => usable(key)?.takenAt,
    restore: ({ key, now, prepare }) =>
      withFileErrors(async () => {
        const copy = usable(key);
        if (copy === undefined) throw new StorageError('missing', 'There is no copy of the messages that can be read.');
        const draft = `${file}.restored.new`;
        removeWithSideFiles(draft);
        copyFileSync(copy.file, draft, constants.COPYFILE_EXCL);
        await prepared(draft, key, open, prepare);
        removeSideFiles(draft);
        renameDurably(draft, `${file}.restored-${now}`);
        const setAside = finishRestoring(file);
        return { takenAt: copy.takenAt, ...(setAside === undefined ? {} : { setAside }) };
      }),
  };
}

function opens(copy: Copy, key: Uint8Array): boolean {
  try {
    inspect(copy.file, key, newestVersion);
    removeSideFiles(copy.file);
    return true;
  } catch (error) {
    if (error instanceof StorageError) return false;
    throw error;
  }
}

/**
 * Puts a prepared copy in the place of the database, which gets another name with its log. A crash in between is taken up
 * at the next start: the old log must never be read as one of the new file. Answers with the name of what was there.
 */
export function finishRestoring(file: string): string | undefined {
  const pattern = new RegExp(`^${basename(file).replaceAll('.', '\\.')}\\.restored-(\\d{1,16})$`);
  const name = readdirSync(dirname(file)).find((each) => pattern.test(each));
  if (name === undefined) return undefined;
  const aside = `${file}.damaged-${pattern.exec(name)?.[1] ?? ''}`;
  for (const suffix of SIDE_FILES)
    if (fileExists(`${file}${suffix}`)) renameDurably(`${file}${suffix}`, `${aside}${suffix}`);
  const isThere = fileExists(file);
  if (isThere) renameDurably(file, aside);
  renameDurably(join(dirname(file), name), file);
  return isThere ? basename(aside) : undefined;
}

async function withFileErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw fileErrorOf(error);
  }
}
