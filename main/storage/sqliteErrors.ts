/**
 * Turns what SQLite throws into StorageError. The sentences name no statement, no parameter and no key.
 */
import Sqlite from 'better-sqlite3';
import { StorageError } from './errors.ts';

/** Runs `work` with its errors mapped. */
export function mapped<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw storageErrorOf(error);
  }
}

/** The StorageError for anything that the database library throws. */
export function storageErrorOf(error: unknown): StorageError {
  if (error instanceof StorageError) return error;
  if (error instanceof Sqlite.SqliteError) return ofSqlite(error);
  // The library throws TypeError and RangeError for a closed connection, a busy one, or a value that it cannot bind.
  return new StorageError('misuse', 'The database was used in a way that it does not allow.', { cause: error });
}

function ofSqlite(error: { readonly code: string }): StorageError {
  const { code } = error;
  const options = { cause: error };
  // The index of the log cannot be made larger: nothing but a full disk keeps it from that.
  if (code.startsWith('SQLITE_FULL') || code === 'SQLITE_IOERR_SHMSIZE')
    return new StorageError('full', 'The disk is full. Nothing was changed; free some space and try again.', options);
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED'))
    return new StorageError('locked', 'Another program is using the database of this profile.', options);
  if (code.startsWith('SQLITE_CORRUPT') || code.startsWith('SQLITE_NOTADB')) return damaged(error);
  if (code.startsWith('SQLITE_TOOBIG'))
    return new StorageError('tooLarge', 'This is larger than the database can store.', options);
  if (code.startsWith('SQLITE_CONSTRAINT') || code.startsWith('SQLITE_MISUSE') || code === 'SQLITE_ERROR')
    return new StorageError(
      'misuse',
      'The database refused a change that does not fit the rest of its content.',
      options,
    );
  return new StorageError('io', 'The database could not be read or written.', options);
}

/** The file is ours and our key fits, but some of its content is not what we wrote. */
export function damaged(cause?: unknown): StorageError {
  const sentence = 'The database of this profile is damaged. It was left as it is; restore the profile from a backup.';
  return new StorageError('damaged', sentence, { cause });
}
