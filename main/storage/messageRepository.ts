/**
 * Messages, in the order that all members share: by the sender's time, then by id. What was read is counted by arrival, since a
 * late message stands above what was read already.
 */
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { conversationIdSchema, memberIdSchema, messageIdSchema, timeSchema } from '../../shared/api/common.ts';
import { governanceEntrySchema, messageSchema, type Message } from '../../shared/api/model.ts';
import { MAX_MESSAGE_TEXT_BYTES } from '../../shared/limits.ts';
import type { ConversationId } from '../../shared/model/ids.ts';
import { indexText } from '../../shared/model/searchText.ts';
import type { Storage } from '../messenger/ports/storage.ts';
import { change, jsonColumn, pageLimit, query, requireBytes, toJson } from './statements.ts';

const messageRow = z.object({
  conversation_id: conversationIdSchema,
  message_id: messageIdSchema,
  sender: memberIdSchema,
  sender_name: z.string().nullable(),
  sent_at: timeSchema,
  received_at: timeSchema,
  text: z.string(),
  reply_to: messageIdSchema.nullable(),
  status: messageSchema.shape.status,
  delivered_to: jsonColumn(z.array(memberIdSchema)).nullable(),
  expected: z.int().nullable(),
  system: jsonColumn(governanceEntrySchema).nullable(),
});

const messageOf = (row: z.output<typeof messageRow>): Message => ({
  messageId: row.message_id,
  conversationId: row.conversation_id,
  sender: row.sender,
  ...(row.sender_name === null ? {} : { senderName: row.sender_name }),
  sentAt: row.sent_at,
  receivedAt: row.received_at,
  text: row.text,
  ...(row.reply_to === null ? {} : { replyTo: row.reply_to }),
  status: row.status,
  ...(row.delivered_to === null ? {} : { deliveredTo: row.delivered_to }),
  ...(row.expected === null ? {} : { expected: row.expected }),
  ...(row.system === null ? {} : { system: row.system }),
});

const messageColumns = messageRow.transform(messageOf);
const hitColumns = messageRow
  .extend({ position: z.int() })
  .transform(({ position, ...row }) => ({ place: position, message: messageOf(row) }));

const unreadColumns = z.object({ unread: z.int() });

const COLUMNS =
  'conversation_id, message_id, sender, sender_name, sent_at, received_at, text, reply_to, status, delivered_to, expected, system';
const SELECT = `SELECT ${COLUMNS} FROM message WHERE conversation_id = ?`;
const PLACE = '(SELECT sent_at, message_id FROM message WHERE conversation_id = ? AND message_id = ?)';
const NEWEST_FIRST = 'ORDER BY sent_at DESC, message_id DESC LIMIT ?';

export function messageRepository(database: Database): Storage['messages'] {
  const insert = change(
    database,
    `INSERT INTO message (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (conversation_id, message_id) DO NOTHING`,
  );
  // Forward only: what everybody has is not merely sent, whenever the network says that it took it.
  const setStatus = change(
    database,
    `UPDATE message SET status = iif(status = 'pending' OR ? = 'delivered', ?, status)
     WHERE conversation_id = ? AND message_id = ?`,
  );
  const setDelivery = change(
    database,
    `UPDATE message SET delivered_to = ?, expected = ?, status = iif(?, 'delivered', status)
     WHERE conversation_id = ? AND message_id = ?`,
  );
  const selectOne = query(database, `${SELECT} AND message_id = ?`, messageColumns);
  const selectNewest = query(database, `${SELECT} ${NEWEST_FIRST}`, messageColumns);
  const selectBefore = query(
    database,
    `${SELECT} AND (sent_at, message_id) < ${PLACE} ${NEWEST_FIRST}`,
    messageColumns,
  );
  const selectAfter = query(
    database,
    `${SELECT} AND (sent_at, message_id) > ${PLACE} ORDER BY sent_at, message_id LIMIT ?`,
    messageColumns,
  );
  const insertWords = change(database, 'INSERT INTO message_words (rowid, conversation, words) VALUES (?, ?, ?)');
  const search = query(
    database,
    `SELECT position, ${COLUMNS} FROM message_words JOIN message ON message.position = message_words.rowid
     WHERE message_words MATCH ? AND message_words.rowid < ? ORDER BY message_words.rowid DESC LIMIT ?`,
    hitColumns,
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
      const { changes, id } = insert(
        message.conversationId,
        message.messageId,
        message.sender,
        message.senderName ?? null,
        message.sentAt,
        message.receivedAt,
        message.text,
        message.replyTo ?? null,
        message.status,
        message.deliveredTo === undefined ? null : toJson(message.deliveredTo),
        message.expected ?? null,
        message.system === undefined ? null : toJson(message.system),
      );
      if (changes > 0 && message.system === undefined) insertWords(id, message.conversationId, indexText(message.text));
      return changes > 0;
    },
    setStatus(conversationId, messageId, status) {
      setStatus(status, status, conversationId, messageId);
      return selectOne.one(conversationId, messageId);
    },
    setDelivery(conversationId, messageId, { deliveredTo, expected }) {
      const isEverywhere = expected > 0 && deliveredTo.length === expected ? 1 : 0;
      setDelivery(toJson(deliveredTo), expected, isEverywhere, conversationId, messageId);
      return selectOne.one(conversationId, messageId);
    },
    get: (conversationId, messageId) => selectOne.one(conversationId, messageId),
    list(conversationId, { beside, limit }) {
      if (beside === undefined) return selectNewest.all(conversationId, pageLimit(limit));
      const bounds = [conversationId, conversationId, beside.messageId, pageLimit(limit)] as const;
      return beside.side === 'before' ? selectBefore.all(...bounds) : selectAfter.all(...bounds).toReversed();
    },
    search: ({ terms, conversationId, before, limit }) =>
      terms.length === 0
        ? []
        : search.all(matchOf(terms, conversationId), before ?? Number.MAX_SAFE_INTEGER, pageLimit(limit)),
    latest: (conversationId) => selectNewest.one(conversationId, 1),
    countUnread: (conversationId, self) => countUnread.one(conversationId, self, conversationId)?.unread ?? 0,
  };
}

/** The index's own language. Words are letters and digits only (see searchTerms), and a conversation's id is too: nothing to escape. */
function matchOf(terms: readonly (readonly string[])[], conversationId: ConversationId | undefined): string {
  const words = terms.map((term) => `"${term.join(' ')}" *`).join(' AND ');
  return conversationId === undefined
    ? `words : (${words})`
    : `conversation : "${conversationId}" AND words : (${words})`;
}
