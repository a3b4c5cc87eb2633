/** One voting session as a value: starting it, adding votes, deciding, its deadlines (§10.1, §10.6 to §10.8, H-3). */
import { VOTE_GRACE_MS } from '../../../shared/limits.ts';
import type { MemberId, ProposalId } from '../../../shared/model/ids.ts';
import { memberIdFromBytes } from '../identity/index.ts';
import type { Proposal, Vote } from '../wire/index.ts';
import { roundLimit } from './config.ts';
import type { ConsensusSession, SessionConfig } from './contract.ts';
import { decide } from './decision.ts';
import { ConsensusError } from './errors.ts';

const MAX_U32 = 0xffffffff;
const FIRST_ROUND = 1;
const VOTING_ROUND = 2;

export interface SessionStart {
  readonly config: SessionConfig;
  readonly roster: readonly MemberId[];
  readonly epoch: bigint;
  readonly now: number;
}

/** A session of a proposal without its embedded votes; the round on the wire is ignored (§10.5). */
export function startSession(proposal: Proposal, start: SessionStart): ConsensusSession {
  return {
    proposalId: proposal.proposalId as ProposalId,
    owner: memberIdFromBytes(proposal.proposalOwner),
    proposal: { ...proposal, votes: [], round: FIRST_ROUND },
    votes: [],
    state: { kind: 'active' },
    config: start.config,
    roster: start.roster,
    epoch: start.epoch,
    createdAtMs: start.now,
  };
}

/**
 * Adds validated votes at once and recomputes the round. Does not decide.
 * Throws SessionNotActive, DuplicateVote, MaxRoundsExceeded; the caller marks the session failed for the latter. §10.6
 */
export function addVotes(session: ConsensusSession, votes: readonly Vote[], now: number): ConsensusSession {
  if (session.state.kind !== 'active') throw new ConsensusError('SessionNotActive');
  const added = votes.map((vote) => ({ owner: memberIdFromBytes(vote.voteOwner), vote, receivedAtMs: now }));
  const owners = [...session.votes, ...added].map((vote) => vote.owner);
  if (new Set(owners).size !== owners.length) throw new ConsensusError('DuplicateVote');
  const round = nextRound(session, votes.length);
  return {
    ...session,
    votes: [...session.votes, ...added],
    proposal: { ...session.proposal, votes: [...session.proposal.votes, ...votes], round },
  };
}

/** Decides an active session if the rule allows. H-2 */
export function evaluate(session: ConsensusSession, isTimeout: boolean, now: number): ConsensusSession {
  if (session.state.kind !== 'active') return session;
  const yes = session.votes.filter(({ vote }) => vote.vote).length;
  const result = decide(
    {
      expectedVoters: session.proposal.expectedVotersCount,
      yes,
      no: session.votes.length - yes,
      threshold: session.config.threshold,
      livenessCriteriaYes: session.config.livenessCriteriaYes,
    },
    isTimeout,
  );
  if (result === undefined) return session;
  return { ...session, state: { kind: 'reached', result, by: isTimeout ? 'timeout' : 'votes' }, resolvedAtMs: now };
}

export function fail(session: ConsensusSession, now: number): ConsensusSession {
  return { ...session, state: { kind: 'failed' }, resolvedAtMs: now };
}

/** When silence is counted, in ms on the wall clock: min(timestamp + window + grace, expiration). H-3 */
export function timeoutAt(session: ConsensusSession, graceMs = VOTE_GRACE_MS): number {
  return Math.min(votingEndsAt(session) + graceMs, expiresAt(session));
}

/** The last moment that a vote may carry, in ms. H-3 */
export function votingEndsAt(session: ConsensusSession): number {
  return Number(session.proposal.timestamp) * 1000 + session.config.timeoutMs;
}

/** In ms. */
export function expiresAt(session: ConsensusSession): number {
  return Number(session.proposal.expirationTimestamp) * 1000;
}

export function hasVoted(session: ConsensusSession, member: MemberId): boolean {
  return session.votes.some((vote) => vote.owner === member);
}

/** §10.6. The arithmetic is exact beyond u32 and saturates there. */
function nextRound(session: ConsensusSession, added: number): number {
  const { config, proposal, votes } = session;
  if (added === 0) return proposal.round;
  if (votes.length + added > proposal.expectedVotersCount) throw new ConsensusError('MaxRoundsExceeded');
  const limit = roundLimit(config, proposal.expectedVotersCount);
  if (config.gossipsubRounds) {
    if (limit < VOTING_ROUND) throw new ConsensusError('MaxRoundsExceeded');
    return VOTING_ROUND;
  }
  if (proposal.round - FIRST_ROUND + added > limit) throw new ConsensusError('MaxRoundsExceeded');
  return Math.min(proposal.round + added, MAX_U32);
}
