/**
 * Decides whether a file is a database of ours that may be opened, without changing a byte of it.
 */
import { closeSync, lstatSync, openSync, readSync } from 'node:fs';
import { connectToInspect, readNumber } from './connection.ts';
import { StorageError } from './errors.ts';
import { inspectJournal } from './journalCheck.ts';
import { APPLICATION_ID } from './migrate.ts';
import { damaged, mapped } from './sqliteErrors.ts';

/** How a database that is not encrypted begins. */
const PLAIN_HEADER = 'SQLite format 3\0';

/** Whether there is something under this name. */
export function fileExists(file: string): boolean {
  return lstatSync(file, { throwIfNoEntry: false }) !== undefined;
}

/** Throws StorageError unless the file is whole, ours, and of `newestVersion` or older. */
export function inspect(file: string, key: Uint8Array, newestVersion: number): void {
  requireFile(file);
  const database = connectToInspect(file, key);
  try {
    const applicationId = readFirst(file, () => readNumber(database, 'application_id'));
    if (applicationId !== APPLICATION_ID) throw foreign();
    const version = readNumber(database, 'user_version');
    if (version > newestVersion)
      throw new StorageError(
        'fromTheFuture',
        'This profile was used with a newer version of Conclave. Update Conclave to open it.',
      );
    if (version < 1) throw damaged();
    const check = mapped(() => database.pragma('quick_check(1)', { simple: true }));
    if (check !== 'ok') throw damaged();
    const orphans = mapped(() => database.pragma('foreign_key_check'));
    if (!Array.isArray(orphans) || orphans.length > 0) throw damaged();
    // Last: a process that is at work on the log, and so holds the file, was told above.
    inspectJournal(`${file}-wal`);
  } finally {
    database.close();
  }
}

function requireFile(file: string): void {
  const stat = lstatSync(file);
  if (!stat.isFile()) throw foreign();
  // We never leave an empty file under this name: a database gets it when it is complete.
  if (stat.size === 0) throw damaged();
}

/** The first page tells whether the key fits; nothing is known about the file before. */
function readFirst<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    // A full disk or one that fails says nothing of the key.
    if (!(error instanceof StorageError) || error.problem !== 'damaged') throw error;
    if (hasPlainHeader(file)) throw foreign();
    const sentence =
      'The database of this profile cannot be opened: it belongs to another identity, is not a database of Conclave, ' +
      'or is damaged. It was left as it is.';
    throw new StorageError('wrongKeyOrNotADatabase', sentence, { cause: error });
  }
}

/** Only for a file that this process has not open: closing the handle would drop the locks of the open one. */
function hasPlainHeader(file: string): boolean {
  const header = Buffer.alloc(PLAIN_HEADER.length);
  const descriptor = openSync(file, 'r');
  try {
    readSync(descriptor, header, 0, header.length, 0);
  } finally {
    closeSync(descriptor);
  }
  return header.toString('latin1') === PLAIN_HEADER;
}

const foreign = (): StorageError =>
  new StorageError(
    'foreignFile',
    'The file of this profile’s database belongs to another program. It was left as it is.',
  );
