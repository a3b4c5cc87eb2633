/** Packets that the network has not taken yet, oldest first. */
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { conversationIdSchema, messageIdSchema, timeSchema } from '../../shared/api/common.ts';
import { MAX_TOPIC_PACKET_BYTES } from '../../shared/limits.ts';
import type { OutboxRow, Storage } from '../messenger/ports/storage.ts';
import type { PacketSubject } from '../protocol/conversation/contract.ts';
import { bytesColumn, change, query, requireBytes } from './statements.ts';

const commonColumns = {
  id: z.int(),
  conversation_id: conversationIdSchema,
  subtopic: z.enum(['app_msg', 'welcome']),
  payload: bytesColumn,
  created_at: timeSchema,
  expires_at: timeSchema,
};

const outboxColumns = z
  .discriminatedUnion('subject', [
    z.object({ ...commonColumns, subject: z.literal('message'), message_id: messageIdSchema }),
    z.object({ ...commonColumns, subject: z.literal('announcement') }),
    z.object({ ...commonColumns, subject: z.literal('governance') }),
  ])
  .transform((row): OutboxRow => {
    const subject: PacketSubject =
      row.subject === 'message' ? { kind: 'message', messageId: row.message_id } : { kind: row.subject };
    return {
      id: row.id,
      conversationId: row.conversation_id,
      subtopic: row.subtopic,
      payload: row.payload,
      subject,
      createdAt: row.created_at,
      expiresAt: row.expires_at,
    };
  });

const conversationColumns = z.object({ conversation_id: conversationIdSchema });

const COLUMNS = 'conversation_id, subtopic, payload, subject, message_id, created_at, expires_at';

export function outboxRepository(database: Database): Storage['outbox'] {
  const insert = change(database, `INSERT INTO outbox (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)`);
  const select = query(
    database,
    `SELECT id, ${COLUMNS} FROM outbox WHERE conversation_id = ? ORDER BY id`,
    outboxColumns,
  );
  const selectConversations = query(
    database,
    'SELECT conversation_id FROM outbox GROUP BY conversation_id ORDER BY min(id)',
    conversationColumns,
  );
  const remove = change(database, 'DELETE FROM outbox WHERE id = ?');
  const removeExpired = query(
    database,
    `DELETE FROM outbox WHERE expires_at <= ? RETURNING id, ${COLUMNS}`,
    outboxColumns,
  );
  return {
    add(row) {
      requireBytes(row.payload, MAX_TOPIC_PACKET_BYTES, 'packet');
      const { id } = insert(
        row.conversationId,
        row.subtopic,
        row.payload,
        row.subject.kind,
        row.subject.kind === 'message' ? row.subject.messageId : null,
        row.createdAt,
        row.expiresAt,
      );
      return id;
    },
    list: (conversationId) => select.all(conversationId),
    conversations: () => selectConversations.all().map((row) => row.conversation_id),
    remove(id) {
      remove(id);
    },
    // RETURNING gives no order of its own.
    removeExpired: (now) => [...removeExpired.all(now)].sort((first, second) => first.id - second.id),
  };
}
