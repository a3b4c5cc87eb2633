/**
 * Who may open a session or vote in it: the roster checks (H-1), reserved ids (H-20), capacity (H-18).
 * Knows what the MLS layer vouches for and the sessions there are; checks no signature.
 */
import { MAX_ACTIVE_SESSIONS_PER_PROPOSER, MAX_SESSIONS } from '../../../shared/limits.ts';
import type { MemberId, ProposalId } from '../../../shared/model/ids.ts';
import { memberIdToBytes } from '../identity/index.ts';
import type { Proposal, Vote } from '../wire/index.ts';
import { bytesEqual } from './bytes.ts';
import type { ConsensusSession, InboundContext } from './contract.ts';
import { ConsensusError } from './errors.ts';
import { selfLeaveId } from './identifiers.ts';
import { isSelfLeaveOf } from './proposal.ts';
import { expiresAt } from './session.ts';

export type Sessions = ReadonlyMap<ProposalId, ConsensusSession>;

/** H-1 (b): the proposal is the sender's own, and so is every vote inside, of which there is at most one. */
export function checkProposalSender(proposal: Proposal, context: InboundContext): void {
  if (!context.roster.includes(context.sender)) throw new ConsensusError('NotAMember');
  const sender = memberIdToBytes(context.sender);
  if (!bytesEqual(proposal.proposalOwner, sender)) throw new ConsensusError('OwnerNotSender');
  const [vote, ...others] = proposal.votes;
  if (others.length > 0 || (vote !== undefined && !bytesEqual(vote.voteOwner, sender))) {
    throw new ConsensusError('ForeignEmbeddedVote');
  }
}

/** H-1 (c) and H-20: all members of the epoch that the proposal names vote, but in a self-leave; a self-leave's id is nobody else's. */
export function checkElectorate(proposal: Proposal, context: InboundContext): void {
  if (proposal.epoch !== context.epoch) throw new ConsensusError('EpochMismatch', { claimed: proposal.epoch });
  const selfLeave = isSelfLeaveOf(proposal, context.sender);
  if (!selfLeave && isReservedId(proposal.proposalId, context.roster)) throw new ConsensusError('ReservedProposalId');
  const expected = selfLeave ? 1 : context.roster.length;
  if (proposal.expectedVotersCount !== expected) {
    throw new ConsensusError('ExpectedVotersMismatch', { expected, claimed: proposal.expectedVotersCount });
  }
}

/** H-1 (a): the vote is the sender's own, and the sender belongs to the electorate of the session. */
export function checkVoteSender(vote: Vote, session: ConsensusSession, context: InboundContext): void {
  if (vote.voteOwner.length === 0) throw new ConsensusError('EmptyVoteOwner');
  if (!bytesEqual(vote.voteOwner, memberIdToBytes(context.sender))) throw new ConsensusError('OwnerNotSender');
  if (!context.roster.includes(context.sender) || !session.roster.includes(context.sender)) {
    throw new ConsensusError('NotAMember');
  }
}

/** Whether an id is set aside for a self-leave of a member. H-20 */
export function isReservedId(proposalId: number, roster: readonly MemberId[]): boolean {
  return roster.some((member) => selfLeaveId(member) === proposalId);
}

/** Once all places hold running sessions, each proposer has four. Throws SessionCapacityExceeded. H-18 */
export function checkCapacity(sessions: Sessions, proposer: MemberId, now: number): void {
  const running = [...sessions.values()].filter((session) => isRunning(session, now));
  if (running.length < MAX_SESSIONS) return;
  const own = running.filter((session) => session.owner === proposer).length;
  if (own >= MAX_ACTIVE_SESSIONS_PER_PROPOSER) throw new ConsensusError('SessionCapacityExceeded', { running: own });
}

/** The sessions that stay after `added` came: resolved ones go first, oldest first, then expired ones; running ones never. H-18 */
export function trimSessions(sessions: Sessions, added: ProposalId, now: number): Sessions {
  const excess = sessions.size - MAX_SESSIONS;
  if (excess <= 0) return sessions;
  const others = [...sessions.values()].filter((session) => session.proposalId !== added);
  const resolved = others.filter((session) => session.state.kind !== 'active');
  const expired = others.filter((session) => session.state.kind === 'active' && !isRunning(session, now));
  const evicted = new Set([...resolved, ...expired].slice(0, excess).map((session) => session.proposalId));
  return new Map([...sessions].filter(([proposalId]) => !evicted.has(proposalId)));
}

function isRunning(session: ConsensusSession, now: number): boolean {
  return session.state.kind === 'active' && now < expiresAt(session);
}
