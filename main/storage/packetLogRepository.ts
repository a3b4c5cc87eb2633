/**
 * The packets of each conversation by epoch, for members who were away: the oldest go when they are too old or too many. Knows no
 * packet from the inside.
 */
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import {
  MAX_LISTED_PACKETS,
  MAX_LOGGED_WELCOMES,
  MAX_MEMBERS,
  MAX_PACKET_LOG_BYTES,
  MAX_TOPIC_PACKET_BYTES,
  MEMBER_ID_BYTES,
  PACKET_HASH_BYTES,
  PACKET_LOG_MS,
  PACKET_LOG_SWEEP_MS,
  PACKET_LOG_SWEEP_ROWS,
} from '../../shared/limits.ts';
import { memberIdSchema } from '../../shared/api/common.ts';
import type { Storage } from '../messenger/ports/storage.ts';
import { bytesColumn, change, pageLimit, query, requireBytes } from './statements.ts';
import { damaged } from './sqliteErrors.ts';

const payloadColumn = z.object({ payload: bytesColumn });
const packetColumns = z.object({ position: z.int(), hash: bytesColumn, payload: bytesColumn });
const MEMBER_CHARACTERS = 2 + 2 * MEMBER_ID_BYTES;

/** `maxBytes`: what all packets together may have. */
export function packetLogRepository(database: Database, maxBytes = MAX_PACKET_LOG_BYTES): Storage['packetLog'] {
  const insert = change(
    database,
    `INSERT INTO packet_log (conversation_id, epoch, kind, hash, payload, stored_at) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT DO NOTHING`,
  );
  const giveUpBranch = change(database, 'DELETE FROM packet_log WHERE conversation_id = ? AND epoch >= ?');
  const removeCommit = change(
    database,
    "DELETE FROM packet_log WHERE conversation_id = ? AND epoch = ? AND kind = 'commit'",
  );
  const selectKind = query(
    database,
    'SELECT hash, payload FROM packet_log WHERE conversation_id = ? AND epoch = ? AND kind = ? LIMIT 1',
    packetColumns.omit({ position: true }),
  );
  const selectHashes = query(
    database,
    `SELECT hash FROM packet_log WHERE conversation_id = ? AND epoch = ? AND kind = 'app'
     ORDER BY position DESC LIMIT ?`,
    z.object({ hash: bytesColumn }),
  );
  const selectMessages = query(
    database,
    `SELECT position, hash, payload FROM packet_log
     WHERE conversation_id = ? AND epoch = ? AND kind = 'app' AND position > ? ORDER BY position LIMIT ?`,
    packetColumns,
  );
  const selectWelcomes = query(
    database,
    `SELECT payload FROM packet_log WHERE conversation_id = ? AND kind = 'welcome' ORDER BY position DESC LIMIT ?`,
    payloadColumn,
  );
  const selectSize = query(database, 'SELECT bytes FROM packet_log_size', z.object({ bytes: z.int() }));
  const removeOld = change(database, "DELETE FROM packet_log WHERE stored_at < ? AND kind <> 'epoch'");
  const removeOldest = change(
    database,
    `DELETE FROM packet_log WHERE position IN (
       SELECT position FROM packet_log WHERE kind <> 'epoch' ORDER BY position LIMIT ?)`,
  );
  // Who was a member stays known as long as anything of the epoch is kept; an epoch that is over had a commit.
  const removeEmptyEpochs = change(
    database,
    `DELETE FROM packet_log WHERE kind = 'epoch'
     AND NOT EXISTS (SELECT 1 FROM packet_log AS other WHERE other.conversation_id = packet_log.conversation_id
       AND other.epoch = packet_log.epoch AND other.kind <> 'epoch')
     AND EXISTS (SELECT 1 FROM packet_log AS later WHERE later.conversation_id = packet_log.conversation_id
       AND later.epoch > packet_log.epoch AND later.kind = 'epoch')`,
  );
  let sweptAt = -Infinity;

  const sweep = (now: number): void => {
    const isDue = now < sweptAt || now >= sweptAt + PACKET_LOG_SWEEP_MS;
    let removed = 0;
    if (isDue) removed += removeOld(now - PACKET_LOG_MS).changes;
    while ((selectSize.one()?.bytes ?? 0) > maxBytes) {
      const { changes } = removeOldest(PACKET_LOG_SWEEP_ROWS);
      if (changes === 0) break;
      removed += changes;
    }
    if (isDue) sweptAt = now;
    if (removed > 0) removeEmptyEpochs();
  };

  return {
    put(conversationId, entry, now) {
      const payload = entry.kind === 'epoch' ? Buffer.from(entry.members.join(''), 'ascii') : entry.payload;
      requireBytes(payload, Math.max(MAX_TOPIC_PACKET_BYTES, MAX_MEMBERS * MEMBER_CHARACTERS), 'kept packet');
      const hash = entry.kind === 'epoch' ? entry.branch : entry.hash;
      requireBytes(hash, PACKET_HASH_BYTES, 'hash of a packet');
      if (entry.kind === 'epoch') giveUpBranch(conversationId, entry.epoch);
      if (entry.kind === 'commit') removeCommit(conversationId, entry.epoch);
      insert(conversationId, entry.epoch, entry.kind, hash, payload, now);
      sweep(now);
    },
    dropFrom(conversationId, epoch) {
      giveUpBranch(conversationId, epoch);
      removeCommit(conversationId, epoch - 1);
    },
    epoch(conversationId, epoch) {
      const row = selectKind.one(conversationId, epoch, 'epoch');
      if (row === undefined) return undefined;
      const text = Buffer.from(row.payload).toString('ascii');
      const members = Array.from({ length: text.length / MEMBER_CHARACTERS }, (_, index) =>
        memberIdSchema.safeParse(text.slice(index * MEMBER_CHARACTERS, (index + 1) * MEMBER_CHARACTERS)),
      );
      return {
        branch: row.hash,
        members: members.map((member) => {
          if (!member.success) throw damaged();
          return member.data;
        }),
      };
    },
    commit: (conversationId, epoch) => selectKind.one(conversationId, epoch, 'commit'),
    hashes: (conversationId, epoch) =>
      selectHashes.all(conversationId, epoch, MAX_LISTED_PACKETS).map(({ hash }) => hash),
    messages: (conversationId, epoch, { after, limit }) =>
      selectMessages.all(conversationId, epoch, after ?? 0, pageLimit(limit)),
    welcomes: (conversationId) => selectWelcomes.all(conversationId, MAX_LOGGED_WELCOMES).map(({ payload }) => payload),
  };
}
