/// <reference types="./better-sqlite3.d.ts" />
/**
 * One connection to an encrypted database file: cipher, key, and the settings that make it durable and strict.
 * Knows no table.
 */
import Sqlite, { type Database } from 'better-sqlite3';
import { z } from 'zod';
import { DATABASE_BUSY_MS } from '../../shared/limits.ts';
import { StorageError } from './errors.ts';
import { damaged, mapped } from './sqliteErrors.ts';

const DATABASE_KEY_BYTES = 32;

/** Opens an existing file for reading alone: whatever is wrong with it, neither it nor its journal is changed. */
export function connectToInspect(file: string, key: Uint8Array): Database {
  return connect(file, key, true, () => undefined);
}

/** Opens an existing file for work, for this process alone. */
export function connectToWork(file: string, key: Uint8Array): Database {
  return connect(file, key, false, (database) => {
    // Kept until the end: two processes that both move a group's ratchets would break its secrecy.
    database.pragma('locking_mode = EXCLUSIVE');
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    // On macOS fsync alone does not reach the disk.
    database.pragma('fullfsync = ON');
    database.pragma('secure_delete = ON');
    database.pragma('foreign_keys = ON');
  });
}

function connect(file: string, key: Uint8Array, readonly: boolean, configure: (database: Database) => void): Database {
  if (key.length !== DATABASE_KEY_BYTES)
    throw new StorageError('misuse', `A database key has ${DATABASE_KEY_BYTES} bytes.`);
  const database = mapped(() => new Sqlite(file, { readonly, fileMustExist: true, timeout: DATABASE_BUSY_MS }));
  try {
    mapped(() => {
      database.pragma(`cipher = 'sqlcipher'`);
      setRawKey(database, key);
      // Sorting may spill: never to a plain file.
      database.pragma('temp_store = MEMORY');
      database.pragma('trusted_schema = OFF');
      database.pragma('cell_size_check = ON');
      configure(database);
    });
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Hands the key over as it is (`x'…'`, no password stretching), without making a string of it. */
function setRawKey(database: Database, key: Uint8Array): void {
  const literal = Buffer.alloc(2 * key.length + 3, 0);
  literal.write(`x'`, 0, 'ascii');
  const digits = '0123456789abcdef';
  for (const [index, byte] of key.entries()) {
    literal[2 + 2 * index] = digits.charCodeAt(byte >> 4);
    literal[3 + 2 * index] = digits.charCodeAt(byte & 15);
  }
  literal.write(`'`, literal.length - 1, 'ascii');
  try {
    database.key(literal);
  } finally {
    literal.fill(0);
  }
}

/** Reads a pragma that is one whole number. */
export function readNumber(database: Database, pragma: string): number {
  const value = z.int().safeParse(mapped(() => database.pragma(pragma, { simple: true })));
  if (!value.success) throw damaged();
  return value.data;
}
