/**
 * All migrations in order: number n makes version n from version n - 1. A released one is never changed.
 */
import { sql as firstTables } from './0001-first-tables.ts';

export interface Migration {
  readonly version: number;
  readonly sql: string;
}

export const migrations: readonly Migration[] = [{ version: 1, sql: firstTables }];
