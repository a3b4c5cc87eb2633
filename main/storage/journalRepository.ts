/**
 * The journal of each conversation: what happened to its membership, in the order in which this node learned of it, each line
 * chained to the one before it.
 */
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { governanceEntrySchema, type GovernanceEntry } from '../../shared/api/model.ts';
import { MAX_PAGE_SIZE, MAX_STORED_JSON_BYTES } from '../../shared/limits.ts';
import type { ConversationId } from '../../shared/model/ids.ts';
import type { JournalRow, JournalState, Storage } from '../messenger/ports/storage.ts';
import { canonicalJson, chainNext, chainStart } from './entryChain.ts';
import { bytesColumn, change, pageLimit, query, requireBytes } from './statements.ts';
import type { RunTransaction } from './transaction.ts';

const journalColumns = z.object({ position: z.int(), entry: z.string(), hash: bytesColumn });
const headColumns = z.object({ length: z.int(), hash: bytesColumn });

/** Where an earlier check ended: what was found intact then need not be read again. */
interface Checked {
  readonly position: number;
  readonly length: number;
  readonly hash: Uint8Array;
}

export function journalRepository(database: Database, transaction: RunTransaction): Storage['journal'] {
  const insert = change(database, 'INSERT INTO journal (conversation_id, entry, hash) VALUES (?, ?, ?)');
  const putHead = change(
    database,
    `INSERT INTO journal_head (conversation_id, length, hash) VALUES (?, ?, ?)
     ON CONFLICT (conversation_id) DO UPDATE SET length = excluded.length, hash = excluded.hash`,
  );
  const selectHead = query(database, 'SELECT length, hash FROM journal_head WHERE conversation_id = ?', headColumns);
  const select = query(
    database,
    `SELECT position, entry, hash FROM journal WHERE conversation_id = ? AND position < ?
     ORDER BY position DESC LIMIT ?`,
    journalColumns,
  );
  const selectLater = query(
    database,
    `SELECT position, entry, hash FROM journal WHERE conversation_id = ? AND position > ? ORDER BY position LIMIT ?`,
    journalColumns,
  );
  const selectAt = query(
    database,
    'SELECT position, entry, hash FROM journal WHERE conversation_id = ? AND position = ?',
    journalColumns,
  );
  const checked = new Map<ConversationId, Checked>();

  const append = (conversationId: ConversationId, line: string): void => {
    const head = selectHead.one(conversationId) ?? { length: 0, hash: chainStart(conversationId) };
    const hash = chainNext(head.hash, line);
    insert(conversationId, line, hash);
    putHead(conversationId, head.length + 1, hash);
  };

  const startOf = (conversationId: ConversationId): Checked => {
    const before = checked.get(conversationId);
    const row = before === undefined ? undefined : selectAt.one(conversationId, before.position);
    if (before !== undefined && row !== undefined && isSame(row.hash, before.hash)) return before;
    return { position: 0, length: 0, hash: chainStart(conversationId) };
  };

  return {
    append(conversationId, entry) {
      const line = canonicalJson(entry);
      requireBytes(line, MAX_STORED_JSON_BYTES, 'record');
      if (database.inTransaction) append(conversationId, line);
      else transaction(() => append(conversationId, line));
    },
    list: (conversationId, page) =>
      select
        .all(conversationId, page.before ?? Number.MAX_SAFE_INTEGER, pageLimit(page.limit))
        .map(({ position, entry, hash }): JournalRow => ({ position, entry: entryOf(entry), hash })),
    check(conversationId): JournalState {
      let { position, length, hash } = startOf(conversationId);
      for (;;) {
        const rows = selectLater.all(conversationId, position, MAX_PAGE_SIZE);
        if (rows.length === 0) break;
        for (const row of rows) {
          hash = chainNext(hash, row.entry);
          if (!isSame(hash, row.hash)) return { kind: 'broken', position: row.position };
          position = row.position;
          length += 1;
        }
      }
      const head = selectHead.one(conversationId);
      const isWhole = head === undefined ? length === 0 : head.length === length && isSame(head.hash, hash);
      if (!isWhole) return { kind: 'broken', position };
      if (length > 0) checked.set(conversationId, { position, length, hash });
      return { kind: 'intact', length };
    },
  };
}

const isSame = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

/** Undefined for a line that nobody can read any more: the check names it. */
function entryOf(line: string): GovernanceEntry | undefined {
  try {
    return governanceEntrySchema.safeParse(JSON.parse(line)).data;
  } catch {
    // Not JSON.
    return undefined;
  }
}
