/** The records of each group's journal by epoch, as the protocol encoded them. Knows no record from the inside. */
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { MAX_JOURNAL_RECORD_BYTES } from '../../shared/limits.ts';
import type { Storage } from '../messenger/ports/storage.ts';
import { bytesColumn, change, pageLimit, query, requireBytes } from './statements.ts';

const columns = z.object({ epoch: z.int(), record: bytesColumn });

export function groupJournalRepository(database: Database): Storage['groupJournal'] {
  const rollBack = change(database, 'DELETE FROM group_journal WHERE conversation_id = ? AND epoch >= ?');
  const insert = change(database, 'INSERT INTO group_journal (conversation_id, epoch, record) VALUES (?, ?, ?)');
  const select = query(
    database,
    'SELECT epoch, record FROM group_journal WHERE conversation_id = ? AND epoch > ? ORDER BY epoch LIMIT ?',
    columns,
  );
  return {
    put(conversationId, { epoch, record }) {
      requireBytes(record, MAX_JOURNAL_RECORD_BYTES, 'journal record');
      rollBack(conversationId, epoch);
      insert(conversationId, epoch, record);
    },
    dropFrom(conversationId, epoch) {
      rollBack(conversationId, epoch);
    },
    list: (conversationId, page) => select.all(conversationId, page.after ?? -1, pageLimit(page.limit)),
  };
}
