/** What was typed and not sent, one a conversation. */
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { conversationIdSchema, messageIdSchema } from '../../shared/api/common.ts';
import { MAX_DRAFT_LENGTH } from '../../shared/limits.ts';
import type { DraftRow, Storage } from '../messenger/ports/storage.ts';
import { change, query, requireBytes } from './statements.ts';

/** A UTF-16 unit takes at most three bytes. */
const MAX_DRAFT_BYTES = 3 * MAX_DRAFT_LENGTH;

const columns = z
  .object({ conversation_id: conversationIdSchema, text: z.string(), reply_to: messageIdSchema.nullable() })
  .transform((row): DraftRow => ({
    conversationId: row.conversation_id,
    text: row.text,
    ...(row.reply_to === null ? {} : { replyTo: row.reply_to }),
  }));

/** `deleted` is called after a draft was given up: nobody finds it in the log of the store any more. */
export function draftRepository(database: Database, deleted: () => void): Storage['drafts'] {
  const select = query(database, 'SELECT conversation_id, text, reply_to FROM draft ORDER BY conversation_id', columns);
  const upsert = change(
    database,
    `INSERT INTO draft (conversation_id, text, reply_to) VALUES (?, ?, ?)
     ON CONFLICT (conversation_id) DO UPDATE SET text = excluded.text, reply_to = excluded.reply_to`,
  );
  const remove = change(database, 'DELETE FROM draft WHERE conversation_id = ?');
  return {
    list: () => select.all(),
    put({ conversationId, text, replyTo }) {
      requireBytes(text, MAX_DRAFT_BYTES, 'draft');
      upsert(conversationId, text, replyTo ?? null);
    },
    remove(conversationId) {
      if (remove(conversationId).changes > 0) deleted();
    },
  };
}
