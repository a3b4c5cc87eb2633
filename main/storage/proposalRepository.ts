/** Votes as they stand, and as they were decided after their sessions are gone. */
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { proposalSchema } from '../../shared/api/model.ts';
import type { Storage } from '../messenger/ports/storage.ts';
import { change, jsonColumn, pageLimit, query, toJson } from './statements.ts';

const proposalColumns = z.object({ proposal: jsonColumn(proposalSchema) });

export function proposalRepository(database: Database): Storage['proposals'] {
  // A decision keeps its number when its record is put again; an id that is used anew starts without one.
  const upsert = change(
    database,
    `INSERT INTO proposal (conversation_id, proposal_id, decision, proposal)
     VALUES (?, ?, CASE ? WHEN 1 THEN
       (SELECT coalesce(max(decision), 0) + 1 FROM proposal WHERE conversation_id = ?) END, ?)
     ON CONFLICT (conversation_id, proposal_id) DO UPDATE SET proposal = excluded.proposal,
       decision = CASE WHEN excluded.decision IS NOT NULL THEN coalesce(proposal.decision, excluded.decision) END`,
  );
  const selectOne = query(
    database,
    'SELECT proposal FROM proposal WHERE conversation_id = ? AND proposal_id = ?',
    proposalColumns,
  );
  const selectRecent = query(
    database,
    `SELECT proposal FROM proposal WHERE conversation_id = ? AND decision IS NOT NULL
     ORDER BY decision DESC LIMIT ?`,
    proposalColumns,
  );
  return {
    put(conversationId, proposal) {
      const decided = proposal.outcome === 'open' ? 0 : 1;
      upsert(conversationId, proposal.proposalId, decided, conversationId, toJson(proposal));
    },
    get: (conversationId, proposalId) => selectOne.one(conversationId, proposalId)?.proposal,
    recent: (conversationId, limit) => selectRecent.all(conversationId, pageLimit(limit)).map((row) => row.proposal),
  };
}
