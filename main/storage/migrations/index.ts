/**
 * All migrations in order: number n makes version n from version n - 1. A released one is never changed.
 */
import { sql as firstTables } from './0001-first-tables.ts';
import { sql as groupJournal } from './0002-group-journal.ts';

export interface Migration {
  readonly version: number;
  readonly sql: string;
}

export const migrations: readonly Migration[] = [
  { version: 1, sql: firstTables },
  { version: 2, sql: groupJournal },
];
