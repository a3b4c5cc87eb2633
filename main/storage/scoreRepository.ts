/** The scores of members, per conversation, as signed 64-bit integers. */
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { memberIdSchema } from '../../shared/api/common.ts';
import type { ConversationId, MemberId } from '../../shared/model/ids.ts';
import type { MemberScore, PeerScoreStorage } from '../protocol/peer-scoring/contract.ts';
import { change, query } from './statements.ts';

const scoreColumns = z.object({ member_id: memberIdSchema, score: z.bigint() });

export interface ScoreRepository {
  of(conversationId: ConversationId): PeerScoreStorage;
  all(conversationId: ConversationId): readonly MemberScore[];
  set(conversationId: ConversationId, memberId: MemberId, score: bigint): void;
  remove(conversationId: ConversationId, memberId: MemberId): void;
  removeAll(conversationId: ConversationId): void;
}

export function scoreRepository(database: Database): ScoreRepository {
  const selectOne = query(
    database,
    'SELECT member_id, score FROM score WHERE conversation_id = ? AND member_id = ?',
    scoreColumns,
    { bigints: true },
  );
  const selectAll = query(database, 'SELECT member_id, score FROM score WHERE conversation_id = ?', scoreColumns, {
    bigints: true,
  });
  const upsert = change(
    database,
    `INSERT INTO score (conversation_id, member_id, score) VALUES (?, ?, ?)
     ON CONFLICT (conversation_id, member_id) DO UPDATE SET score = excluded.score`,
  );
  const remove = change(database, 'DELETE FROM score WHERE conversation_id = ? AND member_id = ?');
  const removeAll = change(database, 'DELETE FROM score WHERE conversation_id = ?');

  const repository: ScoreRepository = {
    all: (conversationId) => selectAll.all(conversationId).map((row): MemberScore => [row.member_id, row.score]),
    set(conversationId, memberId, score) {
      upsert(conversationId, memberId, score);
    },
    remove(conversationId, memberId) {
      remove(conversationId, memberId);
    },
    removeAll(conversationId) {
      removeAll(conversationId);
    },
    of: (conversationId) => ({
      get: (memberId) => selectOne.one(conversationId, memberId)?.score,
      set(memberId, score) {
        repository.set(conversationId, memberId, score);
      },
      remove(memberId) {
        repository.remove(conversationId, memberId);
      },
      all: () => repository.all(conversationId),
    }),
  };
  return repository;
}
