/**
 * All migrations in order: number n makes version n from version n - 1. A released one is never changed.
 */
import type { Database } from 'better-sqlite3';
import { sql as firstTables } from './0001-first-tables.ts';
import { sql as groupJournal } from './0002-group-journal.ts';
import { run as chainJournal, sql as chainedJournal } from './0003-chained-journal.ts';
import { sql as packetLog } from './0004-packet-log.ts';
import { sql as messageOrder } from './0005-message-order.ts';
import { run as indexMessages, sql as messageSearch } from './0006-message-search.ts';
import { sql as knownDevices } from './0007-known-devices.ts';
import { sql as drafts } from './0008-drafts.ts';
import { sql as muted } from './0009-muted.ts';

export interface Migration {
  readonly version: number;
  readonly sql: string;
  /** What SQL alone cannot do, after it, in the same transaction. */
  readonly run?: (database: Database) => void;
}

export const migrations: readonly Migration[] = [
  { version: 1, sql: firstTables },
  { version: 2, sql: groupJournal },
  { version: 3, sql: chainedJournal, run: chainJournal },
  { version: 4, sql: packetLog },
  { version: 5, sql: messageOrder },
  { version: 6, sql: messageSearch, run: indexMessages },
  { version: 7, sql: knownDevices },
  { version: 8, sql: drafts },
  { version: 9, sql: muted },
];
