/**
 * One immediate transaction at a time: durable when it returns, undone when its work throws.
 */
import type { Database } from 'better-sqlite3';
import { StorageError } from './errors.ts';
import { storageErrorOf, mapped } from './sqliteErrors.ts';

export type RunTransaction = <T>(work: () => T) => T;

/** Makes the function that runs transactions on `database`. What `work` throws comes out unchanged. */
export function transactionsOn(database: Database): RunTransaction {
  const begin = mapped(() => database.prepare('BEGIN IMMEDIATE'));
  const commit = mapped(() => database.prepare('COMMIT'));
  const rollback = mapped(() => database.prepare('ROLLBACK'));

  const undo = (reason: unknown): void => {
    // SQLite has rolled back by itself after some errors, such as a full disk.
    if (!database.open || !database.inTransaction) return;
    try {
      rollback.run();
    } catch (error) {
      const cause = new AggregateError([reason, storageErrorOf(error)], 'a transaction failed, and so did undoing it');
      throw new StorageError('io', 'The database could not undo a change that failed.', { cause });
    }
  };

  return (work) => {
    if (database.open && database.inTransaction)
      throw new StorageError('misuse', 'A transaction must not begin inside another one.');
    mapped(() => begin.run());
    try {
      const result = work();
      if (result instanceof Promise)
        throw new StorageError('misuse', 'The work of a transaction must not wait for anything.');
      // After some errors SQLite rolls back at once; work that caught the error must not take its rest for durable.
      if (!database.inTransaction) throw new StorageError('io', 'The database gave up the transaction.');
      mapped(() => commit.run());
      return result;
    } catch (error) {
      undo(error);
      throw error;
    }
  };
}
