/** Conversations: the row of the list, and the protocol's state in parts. */
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { conversationIdSchema, messageIdSchema, proposalIdSchema, timeSchema } from '../../shared/api/common.ts';
import { MAX_STATE_PART_BYTES, MAX_STORED_JSON_BYTES } from '../../shared/limits.ts';
import type { ConversationRow, Storage } from '../messenger/ports/storage.ts';
import type { ScoreRepository } from './scoreRepository.ts';
import { bytesColumn, change, query, requireBytes } from './statements.ts';

const conversationColumns = z
  .object({
    conversation_id: conversationIdSchema,
    name: z.string(),
    created_at: timeSchema,
    ended_at: timeSchema.nullable(),
    ended_cause: z.enum(['left', 'removed', 'expired']).nullable(),
    ended_proposal_id: proposalIdSchema.nullable(),
    last_view: z.string().nullable(),
    read_up_to: messageIdSchema.nullable(),
    muted: z.union([z.literal(0), z.literal(1)]),
  })
  .transform((row): ConversationRow => ({
    conversationId: row.conversation_id,
    name: row.name,
    createdAt: row.created_at,
    ...(row.ended_at === null || row.ended_cause === null
      ? {}
      : {
          ended: {
            at: row.ended_at,
            cause: row.ended_cause,
            ...(row.ended_proposal_id === null ? {} : { proposalId: row.ended_proposal_id }),
          },
        }),
    ...(row.last_view === null ? {} : { lastView: row.last_view }),
    ...(row.read_up_to === null ? {} : { readUpTo: row.read_up_to }),
    ...(row.muted === 1 ? { muted: true as const } : {}),
  }));

const partColumns = z.object({ name: z.string(), bytes: bytesColumn });

const COLUMNS = 'conversation_id, name, created_at, ended_at, ended_cause, ended_proposal_id, last_view, read_up_to';

/** `deleted` is called after something was deleted for good. */
export function conversationRepository(
  database: Database,
  scores: ScoreRepository,
  deleted: () => void,
): Storage['conversations'] {
  const selectAll = query(
    database,
    `SELECT ${COLUMNS}, muted FROM conversation ORDER BY created_at, conversation_id`,
    conversationColumns,
  );
  const selectOne = query(
    database,
    `SELECT ${COLUMNS}, muted FROM conversation WHERE conversation_id = ?`,
    conversationColumns,
  );
  const upsert = change(
    database,
    `INSERT INTO conversation (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (conversation_id) DO UPDATE SET name = excluded.name, created_at = excluded.created_at,
       ended_at = excluded.ended_at, ended_cause = excluded.ended_cause,
       ended_proposal_id = excluded.ended_proposal_id, last_view = excluded.last_view, read_up_to = excluded.read_up_to`,
  );
  // What stands at or before a message was read, the last one to arrive is remembered.
  const markRead = change(
    database,
    `UPDATE conversation SET read_up_to = latest.message_id
     FROM (SELECT message_id, position FROM message
       WHERE conversation_id = ? AND (sent_at, message_id) <=
         (SELECT sent_at, message_id FROM message WHERE conversation_id = ? AND message_id = ?)
       AND position > coalesce(
         (SELECT position FROM message JOIN conversation USING (conversation_id)
           WHERE conversation_id = ? AND message_id = read_up_to), 0)
       ORDER BY position DESC LIMIT 1) AS latest
     WHERE conversation_id = ?`,
  );
  const mute = change(database, 'UPDATE conversation SET muted = ? WHERE conversation_id = ?');
  const remove = change(database, 'DELETE FROM conversation WHERE conversation_id = ?');
  const selectParts = query(
    database,
    'SELECT name, bytes FROM conversation_part WHERE conversation_id = ?',
    partColumns,
  );
  const upsertPart = change(
    database,
    `INSERT INTO conversation_part (conversation_id, name, bytes) VALUES (?, ?, ?)
     ON CONFLICT (conversation_id, name) DO UPDATE SET bytes = excluded.bytes`,
  );
  const removePart = change(database, 'DELETE FROM conversation_part WHERE conversation_id = ? AND name = ?');
  const removeParts = change(database, 'DELETE FROM conversation_part WHERE conversation_id = ?');
  const removeLog = change(database, 'DELETE FROM packet_log WHERE conversation_id = ?');
  const removePackets = change(database, 'DELETE FROM outbox WHERE conversation_id = ?');

  return {
    list: () => selectAll.all(),
    get: (conversationId) => selectOne.one(conversationId),
    put(row) {
      if (row.lastView !== undefined) requireBytes(row.lastView, MAX_STORED_JSON_BYTES, 'last view');
      upsert(
        row.conversationId,
        row.name,
        row.createdAt,
        row.ended?.at ?? null,
        row.ended?.cause ?? null,
        row.ended?.proposalId ?? null,
        row.lastView ?? null,
        row.readUpTo ?? null,
      );
    },
    markRead: (id, messageId) => markRead(id, id, messageId, id, id).changes > 0,
    setMuted(conversationId, muted) {
      mute(muted ? 1 : 0, conversationId);
    },
    delete(conversationId) {
      // Everything that belongs to it goes with it: ON DELETE CASCADE.
      if (remove(conversationId).changes > 0) deleted();
    },
    load: (conversationId) => ({
      conversationId,
      parts: new Map(selectParts.all(conversationId).map((part) => [part.name, part.bytes])),
      scores: scores.all(conversationId),
    }),
    write(conversationId, writes) {
      for (const part of writes.parts) {
        if (part.bytes === null) {
          removePart(conversationId, part.name);
          continue;
        }
        requireBytes(part.bytes, MAX_STATE_PART_BYTES, 'part of a conversation');
        upsertPart(conversationId, part.name, part.bytes);
      }
      for (const { memberId, score } of writes.scores) {
        if (score === null) scores.remove(conversationId, memberId);
        else scores.set(conversationId, memberId, score);
      }
      if (writes.forgets === true) deleted();
    },
    deleteState(conversationId) {
      removeParts(conversationId);
      scores.removeAll(conversationId);
      removePackets(conversationId);
      removeLog(conversationId);
      deleted();
    },
    scores: (conversationId) => scores.of(conversationId),
  };
}
