/**
 * Makes deleting thorough: the write-ahead log keeps earlier versions of pages until it is emptied, so it is emptied
 * once something was deleted for good.
 */
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import type { RunTransaction } from './transaction.ts';
import { mapped } from './sqliteErrors.ts';

const checkpointResult = z.array(z.object({ busy: z.int() })).min(1);

export interface Forgetting {
  /** Something was deleted that must not be found any more. */
  readonly deleted: () => void;
  /** Runs a transaction and, when it deleted, empties the log afterwards. */
  readonly transaction: RunTransaction;
}

export function forgettingOn(database: Database, transaction: RunTransaction): Forgetting {
  // A process that was killed may have left earlier pages in the log.
  let isDue = true;

  const emptyLog = (): void => {
    try {
      const result = checkpointResult.safeParse(mapped(() => database.pragma('wal_checkpoint(TRUNCATE)')));
      isDue = result.data?.[0]?.busy !== 0;
    } catch {
      // The change itself is durable; a log that cannot be emptied now, such as on a full disk, is emptied later.
      isDue = true;
    }
  };

  return {
    deleted() {
      isDue = true;
      if (!database.inTransaction) emptyLog();
    },
    transaction(work) {
      const result = transaction(work);
      if (isDue) emptyLog();
      return result;
    },
  };
}
