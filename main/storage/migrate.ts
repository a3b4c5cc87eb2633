/**
 * Brings a database from its version to ours, each step in one transaction together with its new version number.
 */
import type { Database } from 'better-sqlite3';
import type { Migration } from './migrations/index.ts';
import { mapped } from './sqliteErrors.ts';
import { readNumber } from './connection.ts';
import { transactionsOn } from './transaction.ts';

/** 'Conc' in ASCII: tells our files from other applications' in SQLite's header. */
export const APPLICATION_ID = 0x436f6e63;

/** Applies what is missing. A step that fails leaves the version before it, whole. */
export function migrate(database: Database, migrations: readonly Migration[]): void {
  const transaction = transactionsOn(database);
  for (const migration of migrations) {
    transaction(() => {
      const version = readNumber(database, 'user_version');
      if (version >= migration.version) return;
      mapped(() => {
        database.exec(migration.sql);
        migration.run?.(database);
        database.pragma(`application_id = ${APPLICATION_ID}`);
        database.pragma(`user_version = ${migration.version}`);
      });
    });
  }
}
