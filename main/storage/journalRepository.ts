/** The journal of each conversation: what happened to its membership, in the order in which this node learned of it. */
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { governanceEntrySchema } from '../../shared/api/model.ts';
import type { Storage } from '../messenger/ports/storage.ts';
import { change, jsonColumn, pageLimit, query, toJson } from './statements.ts';

const journalColumns = z.object({ position: z.int(), entry: jsonColumn(governanceEntrySchema) });

export function journalRepository(database: Database): Storage['journal'] {
  const append = change(database, 'INSERT INTO journal (conversation_id, entry) VALUES (?, ?)');
  const select = query(
    database,
    `SELECT position, entry FROM journal WHERE conversation_id = ? AND position < ?
     ORDER BY position DESC LIMIT ?`,
    journalColumns,
  );
  return {
    append(conversationId, entry) {
      append(conversationId, toJson(entry));
    },
    list: (conversationId, page) =>
      select.all(conversationId, page.before ?? Number.MAX_SAFE_INTEGER, pageLimit(page.limit)),
  };
}
