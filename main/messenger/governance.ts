/**
 * Removing members, votes, and the journal of who decided what.
 */
import { bytesToHex } from '@noble/hashes/utils.js';
import { ApiError } from '../../shared/api/errors.ts';
import { MAX_PAGE_SIZE, MAX_RECENT_PROPOSALS } from '../../shared/limits.ts';
import type { Handlers } from './contract.ts';
import { requireConversation, requireMembership, requireRunning, type UseCaseContext } from './context.ts';
import { logStateOf } from './diagnostics.ts';
import { nameEntry, nameProposal } from './names.ts';

type GovernanceHandlers = Pick<
  Handlers,
  'member.remove' | 'proposal.list' | 'proposal.vote' | 'governance.log' | 'governance.export'
>;

const DEFAULT_PAGE = 50;

export function governanceHandlers(context: UseCaseContext): GovernanceHandlers {
  return {
    'member.remove': async ({ conversationId, memberId, reason }) => {
      const session = context.session();
      const detail = requireMembership(session, conversationId);
      if (memberId === session.user.memberId)
        throw new ApiError('NOT_ALLOWED', 'To go yourself, leave the group instead.');
      if (!detail.members.some((member) => member.memberId === memberId))
        throw new ApiError('NOT_FOUND', 'There is no such member in this group.');
      const step = await session.send(conversationId, {
        kind: 'removeMember',
        memberId,
        ...(reason === undefined || reason.trim() === '' ? {} : { reason: reason.trim() }),
      });
      return step.reply.proposalId === undefined ? {} : { proposalId: step.reply.proposalId };
    },

    'proposal.list': async ({ conversationId }) => {
      const session = context.session();
      const detail = requireConversation(session, conversationId);
      const recent = session.storage.proposals
        .recent(conversationId, MAX_RECENT_PROPOSALS)
        .map((proposal) => nameProposal(proposal, session.nameOf));
      return { open: detail.openProposals, recent };
    },

    'proposal.vote': async ({ conversationId, proposalId, approve }) => {
      const session = context.session();
      requireRunning(session, conversationId);
      const record = session.storage.proposals.get(conversationId, proposalId);
      if (record === undefined) throw new ApiError('NOT_FOUND', 'There is no such vote.');
      if (record.ownVote !== undefined) throw new ApiError('NOT_ALLOWED', 'You have already voted.');
      if (record.outcome !== 'open')
        throw new ApiError('WRONG_STATE', 'This vote is already decided.', { state: record.outcome });
      await session.send(conversationId, { kind: 'vote', proposalId, approve });
      return {};
    },

    'governance.log': async ({ conversationId, before, limit }) => {
      const session = context.session();
      const { journalHead } = requireConversation(session, conversationId);
      const page = {
        limit: Math.min(limit ?? DEFAULT_PAGE, MAX_PAGE_SIZE),
        ...(before === undefined ? {} : { before }),
      };
      const rows = session.storage.journal.list(conversationId, page);
      const oldest = rows.at(-1);
      return {
        entries: rows.flatMap(({ entry, hash }) =>
          entry === undefined ? [] : { ...nameEntry(entry, session.nameOf), hash: bytesToHex(hash) },
        ),
        ...(oldest === undefined || rows.length < page.limit ? {} : { next: oldest.position }),
        log: logStateOf(session, conversationId),
        ...(journalHead === undefined ? {} : { journalHead }),
      };
    },

    'governance.export': async ({ conversationId, after, limit }) => {
      const session = context.session();
      requireConversation(session, conversationId);
      const page = {
        limit: Math.min(limit ?? DEFAULT_PAGE, MAX_PAGE_SIZE),
        ...(after === undefined ? {} : { after }),
      };
      const rows = session.storage.groupJournal.list(conversationId, page);
      const newest = rows.at(-1);
      return {
        records: rows.map(({ epoch, record }) => ({ epoch, record: Buffer.from(record).toString('base64') })),
        ...(newest === undefined || rows.length < page.limit ? {} : { next: newest.epoch }),
      };
    },
  };
}
