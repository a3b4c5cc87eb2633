/**
 * How joiners were let in, told by the committer with the sync, so that a joiner's own journal says who proposed it and who voted.
 * For people to read only: nothing follows from it.
 */
import type { GovernanceEntry } from '../../../shared/api/model.ts';
import type { MemberId, ProposalId } from '../../../shared/model/ids.ts';
import { memberIdFromBytes, memberIdToBytes } from '../identity/index.ts';
import type { ConversationSync } from '../wire/index.ts';
import { votesNeeded } from './records.ts';
import type { ApprovedEntry } from './state.ts';

/** Votes in all admissions of one sync: 32 KB. */
const MAX_VOTES = 1024;

/** The votes behind the joins among `entries`, as many as fit. */
export function admissionsOf(entries: readonly ApprovedEntry[]) {
  let votes = 0;
  return entries
    .filter(({ change, record }) => change.kind === 'add' && (votes += record.votes.length) <= MAX_VOTES)
    .map(({ change, record }) => ({
      memberId: memberIdToBytes(change.memberId),
      proposalId: record.proposalId,
      proposer: memberIdToBytes(record.proposer),
      expectedVoters: record.expectedVoters,
      votes: record.votes.map((vote) => ({
        memberId: memberIdToBytes(vote.memberId),
        approve: vote.approve,
        timestamp: BigInt(Math.floor(vote.at / 1000)),
      })),
    }));
}

/** What a sync says of somebody's own join; nothing when it does not, or when it is no sense. */
export function admissionOf(sync: ConversationSync, self: MemberId): Partial<GovernanceEntry> {
  try {
    const own = sync.admissions.find(({ memberId }) => memberIdFromBytes(memberId) === self);
    if (own === undefined || own.expectedVoters === 0) return {};
    return {
      proposalId: own.proposalId as ProposalId,
      proposalKind: 'addMember',
      proposer: memberIdFromBytes(own.proposer),
      outcome: 'accepted',
      votes: own.votes.map(({ memberId, approve, timestamp }) => ({
        memberId: memberIdFromBytes(memberId),
        approve,
        at: Math.min(Number(timestamp) * 1000, LATEST_MS),
      })),
      expectedVoters: own.expectedVoters,
      needed: votesNeeded(own.expectedVoters),
    };
  } catch {
    // Of another length than a member id.
    return {};
  }
}

/** The last moment that a date can name, in ms. */
const LATEST_MS = 8_640_000_000_000_000;
