/** Messages in the order in which this node stored them. */
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { conversationIdSchema, memberIdSchema, messageIdSchema, timeSchema } from '../../shared/api/common.ts';
import { governanceEntrySchema, messageSchema, type Message } from '../../shared/api/model.ts';
import { MAX_MESSAGE_TEXT_BYTES } from '../../shared/limits.ts';
import type { Storage } from '../messenger/ports/storage.ts';
import { change, jsonColumn, pageLimit, query, requireBytes, toJson } from './statements.ts';

const messageColumns = z
  .object({
    conversation_id: conversationIdSchema,
    message_id: messageIdSchema,
    sender: memberIdSchema,
    sender_name: z.string().nullable(),
    sent_at: timeSchema,
    received_at: timeSchema,
    text: z.string(),
    reply_to: messageIdSchema.nullable(),
    status: messageSchema.shape.status,
    system: jsonColumn(governanceEntrySchema).nullable(),
  })
  .transform((row): Message => ({
    messageId: row.message_id,
    conversationId: row.conversation_id,
    sender: row.sender,
    ...(row.sender_name === null ? {} : { senderName: row.sender_name }),
    sentAt: row.sent_at,
    receivedAt: row.received_at,
    text: row.text,
    ...(row.reply_to === null ? {} : { replyTo: row.reply_to }),
    status: row.status,
    ...(row.system === null ? {} : { system: row.system }),
  }));

const unreadColumns = z.object({ unread: z.int() });

const COLUMNS =
  'conversation_id, message_id, sender, sender_name, sent_at, received_at, text, reply_to, status, system';
const SELECT = `SELECT ${COLUMNS} FROM message WHERE conversation_id = ?`;
const POSITION = '(SELECT position FROM message WHERE conversation_id = ? AND message_id = ?)';

export function messageRepository(database: Database): Storage['messages'] {
  const insert = change(
    database,
    `INSERT INTO message (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (conversation_id, message_id) DO NOTHING`,
  );
  const setStatus = change(database, 'UPDATE message SET status = ? WHERE conversation_id = ? AND message_id = ?');
  const selectOne = query(database, `${SELECT} AND message_id = ?`, messageColumns);
  const selectNewest = query(database, `${SELECT} ORDER BY position DESC LIMIT ?`, messageColumns);
  const selectBefore = query(
    database,
    `${SELECT} AND position < ${POSITION} ORDER BY position DESC LIMIT ?`,
    messageColumns,
  );
  const countUnread = query(
    database,
    `SELECT count(*) AS unread FROM message
     WHERE conversation_id = ? AND system IS NULL AND sender <> ? AND position > coalesce(
       (SELECT position FROM conversation JOIN message AS last
         ON last.conversation_id = conversation.conversation_id AND last.message_id = conversation.read_up_to
         WHERE conversation.conversation_id = ?), 0)`,
    unreadColumns,
  );

  return {
    insert(message) {
      requireBytes(message.text, MAX_MESSAGE_TEXT_BYTES, 'message');
      const { changes } = insert(
        message.conversationId,
        message.messageId,
        message.sender,
        message.senderName ?? null,
        message.sentAt,
        message.receivedAt,
        message.text,
        message.replyTo ?? null,
        message.status,
        message.system === undefined ? null : toJson(message.system),
      );
      return changes > 0;
    },
    setStatus(conversationId, messageId, status) {
      setStatus(status, conversationId, messageId);
      return selectOne.one(conversationId, messageId);
    },
    get: (conversationId, messageId) => selectOne.one(conversationId, messageId),
    list: (conversationId, page) =>
      page.before === undefined
        ? selectNewest.all(conversationId, pageLimit(page.limit))
        : selectBefore.all(conversationId, conversationId, page.before, pageLimit(page.limit)),
    latest: (conversationId) => selectNewest.one(conversationId, 1),
    countUnread: (conversationId, self) => countUnread.one(conversationId, self, conversationId)?.unread ?? 0,
  };
}
