/**
 * What people see of votes and changes: proposal records, journal lines, and the system lines in a chat.
 * Computed from protocol data alone; names are added by the messenger.
 */
import { createHash } from 'node:crypto';
import type { GovernanceEntry, Proposal as ProposalRecord, ProposalVote } from '../../../shared/api/model.ts';
import type { MemberId, MessageId, ProposalId } from '../../../shared/model/ids.ts';
import type { ConsensusSession } from '../consensus/contract.ts';
import { memberIdFromBytes } from '../identity/index.ts';
import { MEMBER_ID_BYTES } from '../../../shared/limits.ts';
import type { Proposal } from '../wire/index.ts';
import { stamp } from './delivery/clock.ts';
import { journal, type Draft } from './draft.ts';
import { isGovernance, kindOf, parseRequest, targetOf } from './requests.ts';
import { epochOf } from './roster.ts';
import type { ActiveState, ApprovedEntry } from './state.ts';
import { votingWindowMs } from './votingWindow.ts';

/** ceil(2n / 3), exactly. §1 */
export const twoThirds = (count: number): number => Math.floor((2 * count + 2) / 3);

/** Explicit YES that decide at once: all of one or two, two thirds of more. §10.7 */
export const votesNeeded = (expected: number): number => (expected <= 2 ? expected : twoThirds(expected));

type RecordContext = { readonly state: Pick<ActiveState, 'rules' | 'votes'>; readonly self: MemberId };

/** A running or decided session as the App API shows it. */
export function recordOf(session: ConsensusSession, context: RecordContext): ProposalRecord {
  const outcome =
    session.state.kind === 'active'
      ? 'open'
      : session.state.kind === 'failed'
        ? 'failed'
        : session.state.result
          ? 'accepted'
          : 'rejected';
  return recordOfProposal(session.proposal, context, outcome, session.resolvedAtMs);
}

/** The same of a proposal as it travels, such as one in a certificate. */
export function recordOfProposal(
  proposal: Readonly<Proposal>,
  context: RecordContext,
  outcome: ProposalRecord['outcome'],
  decidedAt: number | undefined,
): ProposalRecord {
  const { state, self } = context;
  const request = parseRequest(proposal.payload);
  const proposalId = proposal.proposalId as ProposalId;
  const createdAt = Number(proposal.timestamp) * 1000;
  const votes = proposal.votes.flatMap((vote) => voteOf(vote, self, state.votes.byRule.includes(proposalId)));
  const own = votes.find((vote) => vote.memberId === self);
  const proposer = memberIdFromBytes(proposal.proposalOwner);
  const target = targetOf(request);
  return {
    proposalId,
    kind: request === undefined ? 'emergency' : kindOf(request),
    ...(target === undefined ? {} : { target }),
    ...(request?.kind === 'emergency' ? { violation: request.violation } : {}),
    ...(request?.kind === 'stewardElection'
      ? { stewards: [...request.list.stewards], retryRound: request.list.retryRound }
      : {}),
    ...(request?.kind === 'addMember' && request.displayName !== '' ? { targetName: request.displayName } : {}),
    ...(request?.kind === 'removeMember' && request.reason !== '' ? { reason: request.reason } : {}),
    proposer,
    createdAt,
    expiresAt: createdAt + votingWindowMs(state.rules.settings, request?.kind ?? 'emergency'),
    votes,
    expectedVoters: proposal.expectedVotersCount,
    needed: votesNeeded(proposal.expectedVotersCount),
    silenceCountsAsYes: proposal.livenessCriteriaYes,
    ...(request !== undefined && isGovernance(request) && target !== self ? { votedByClients: true } : {}),
    ...(isSelfLeave(proposal) ? { selfLeave: true } : {}),
    outcome,
    ...(decidedAt === undefined ? {} : { decidedAt }),
    ...(own === undefined ? {} : { ownVote: own.approve }),
  };
}

/** Whether a proposal is a member's own leave, whoever may claim it (§8.4). */
export function isSelfLeave(proposal: Readonly<Proposal>): boolean {
  return proposal.name.startsWith('self-leave:') && proposal.expectedVotersCount === 1;
}

function voteOf(vote: Proposal['votes'][number], self: MemberId, byRule: boolean): ProposalVote[] {
  if (vote.voteOwner.length !== MEMBER_ID_BYTES) return [];
  const memberId = memberIdFromBytes(vote.voteOwner);
  return [
    {
      memberId,
      approve: vote.vote,
      at: Number(vote.timestamp) * 1000,
      ...(memberId === self && byRule ? { byRule: true } : {}),
    },
  ];
}

export function recordProposal(draft: Draft, change: 'opened' | 'updated' | 'decided', proposal: ProposalRecord): void {
  draft.effects.push({ kind: 'proposal', change, proposal });
}

/** A journal line of now and this epoch. */
export function note(draft: Draft, entry: Omit<GovernanceEntry, 'at' | 'epoch'>): GovernanceEntry {
  const full: GovernanceEntry = { at: draft.now, epoch: epochOf(draft.state), ...entry };
  journal(draft, full);
  return full;
}

/** What a line about a vote repeats of it: who asked for it, why, and who voted how. */
export function detailsOfVote(record: ProposalRecord): Partial<GovernanceEntry> {
  return {
    proposalId: record.proposalId,
    proposalKind: record.kind,
    proposer: record.proposer,
    ...(record.target === undefined ? {} : { target: record.target }),
    ...(record.targetName === undefined ? {} : { targetName: record.targetName }),
    ...(record.reason === undefined ? {} : { reason: record.reason }),
    ...(record.violation === undefined ? {} : { violation: record.violation }),
    ...(record.stewards === undefined ? {} : { stewards: record.stewards }),
    votes: record.votes,
    expectedVoters: record.expectedVoters,
    needed: record.needed,
  };
}

/** Which rule decided an approved change: enough votes, the silence of others, or the member's own wish. */
export function decidingRule({ record }: ApprovedEntry): 'votes' | 'timeout' | 'selfLeave' {
  if (record.selfLeave === true) return 'selfLeave';
  return record.votes.filter((vote) => vote.approve).length >= record.needed ? 'votes' : 'timeout';
}

/** A line in the chat that the app itself writes about a change of members. */
export function systemMessage(draft: Draft, sender: MemberId, entry: GovernanceEntry): void {
  const { conversationId } = draft.state;
  draft.effects.push({
    kind: 'message',
    message: {
      messageId: systemMessageId(draft, entry),
      conversationId,
      sender,
      sentAt: stamp(draft),
      receivedAt: draft.now,
      text: '',
      status: 'delivered',
      system: entry,
    },
  });
}

/** UUIDv7-shaped: the time of the step, then a hash of what the line is about, so that a replay repeats nothing. */
function systemMessageId(draft: Draft, entry: GovernanceEntry): MessageId {
  const about = JSON.stringify([
    draft.state.conversationId,
    entry.epoch,
    entry.kind,
    entry.target ?? null,
    entry.proposalId ?? null,
    entry.commitHash ?? null,
  ]);
  const hash = createHash('sha256').update(about).digest('hex');
  const time = draft.now.toString(16).padStart(12, '0').slice(-12);
  const variant = '89ab'[Number.parseInt(hash.slice(3, 4), 16) % 4] ?? '8';
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hash.slice(0, 3)}-${variant}${hash.slice(4, 7)}-${hash.slice(7, 19)}` as MessageId;
}
