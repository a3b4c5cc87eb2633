/**
 * Consensus of one conversation (§10): the sessions, what may be done to them, and the events that follow.
 * All rules are pure functions in the files beside this one; here they are put in order and their results kept.
 * Knows nothing about what a payload decides, about MLS, or about timers: deadlines are data.
 */
import { MAX_EQUIVOCATIONS, MAX_ID_DRAWS, MAX_CLOCK_SKEW_MS, VOTE_GRACE_MS } from '../../../shared/limits.ts';
import type { MemberId, ProposalId } from '../../../shared/model/ids.ts';
import type { Proposal, Vote } from '../wire/index.ts';
import {
  checkCapacity,
  checkElectorate,
  checkProposalSender,
  checkVoteSender,
  isReservedId,
  trimSessions,
} from './admission.ts';
import { resolveSessionConfig, SCOPE_PRESETS, validateScopeConfig } from './config.ts';
import type {
  CastVote,
  ConsensusEvent,
  ConsensusOptions,
  ConsensusPlugin,
  ConsensusSession,
  ConsensusSnapshot,
  Equivocation,
  InboundContext,
  OpenedSelfLeave,
  OpenProposalRequest,
  OpenSelfLeaveRequest,
  ProposalContext,
  ScopeConfig,
  VotingWindow,
} from './contract.ts';
import { ConsensusError } from './errors.ts';
import { randomId, randomName, selfLeaveId } from './identifiers.ts';
import {
  buildProposal,
  buildSelfLeave,
  checkVoteBinding,
  isSelfLeaveOf,
  proposalHash,
  sameProposal,
  toSeconds,
  validateProposal,
  validateProposalClock,
} from './proposal.ts';
import { addVotes, evaluate, expiresAt, fail, hasVoted, startSession, timeoutAt, votingEndsAt } from './session.ts';
import { buildVote, validateVote } from './vote.ts';

type SessionMap = ReadonlyMap<ProposalId, ConsensusSession>;

/** A conversation's consensus, empty or as a snapshot left it. Throws InvalidConsensusThreshold, InvalidTimeout, InvalidMaxRounds. */
export function createConsensus(options: ConsensusOptions, snapshot?: ConsensusSnapshot): ConsensusPlugin {
  const { signer, random, scheme, graceMs = VOTE_GRACE_MS } = options;
  const initialScope = options.scope ?? SCOPE_PRESETS.gossipsub;
  validateScopeConfig(snapshot?.scope ?? initialScope);

  let scope: ScopeConfig = snapshot?.scope ?? initialScope;
  let sessions: SessionMap = new Map(snapshot?.sessions.map((session) => [session.proposalId, session]));
  let equivocations: readonly Equivocation[] = snapshot?.equivocations ?? [];
  let events: ConsensusEvent[] = [];
  let current = snapshot;

  function change(next: { sessions?: SessionMap; equivocations?: readonly Equivocation[]; scope?: ScopeConfig }): void {
    sessions = next.sessions ?? sessions;
    equivocations = next.equivocations ?? equivocations;
    scope = next.scope ?? scope;
    current = undefined;
  }

  function save(session: ConsensusSession): ConsensusSession {
    change({ sessions: new Map(sessions).set(session.proposalId, session) });
    return session;
  }

  function find(proposalId: number): ConsensusSession {
    const session = sessions.get(proposalId as ProposalId);
    if (session === undefined) throw new ConsensusError('SessionNotFound', { proposalId });
    return session;
  }

  function emitOutcome(session: ConsensusSession, now: number): void {
    const { proposalId, state } = session;
    if (state.kind === 'reached') {
      events.push({ kind: 'consensusReached', proposalId, result: state.result, atMs: now });
    } else if (state.kind === 'failed') {
      events.push({ kind: 'consensusFailed', proposalId, atMs: now });
    }
  }

  function accuse(kind: Equivocation['kind'], memberId: MemberId, proposalId: ProposalId, atMs: number): void {
    const equivocation = { kind, memberId, proposalId, atMs };
    change({ equivocations: [...equivocations, equivocation].slice(-MAX_EQUIVOCATIONS) });
    events.push({ kind: 'equivocation', equivocation });
  }

  /** A new session with the votes inside the proposal; saved before its outcome is told. */
  function admit(proposal: Proposal, context: InboundContext, window: VotingWindow): ConsensusSession {
    const { now, roster, epoch } = context;
    const config = resolveSessionConfig(scope, window, proposal);
    // A leave is decided at once and takes no place among the open ones.
    if (!isSelfLeaveOf(proposal, context.sender)) checkCapacity(sessions, context.sender, now);
    const started = startSession(proposal, { config, roster, epoch, now });
    for (const vote of proposal.votes) checkVoteTime(vote, started, now);
    const session = save(evaluate(addVotes(started, proposal.votes, now), false, now));
    change({ sessions: trimSessions(sessions, session.proposalId, now) });
    emitOutcome(session, now);
    return session;
  }

  /** Adds one vote that passed all checks to an active session. */
  function record(session: ConsensusSession, vote: Vote, now: number): ConsensusSession {
    try {
      const next = save(evaluate(addVotes(session, [vote], now), false, now));
      emitOutcome(next, now);
      return next;
    } catch (error) {
      if (error instanceof ConsensusError && error.code === 'MaxRoundsExceeded') {
        emitOutcome(save(fail(session, now)), now);
      }
      throw error;
    }
  }

  function ownContext(request: OpenSelfLeaveRequest): InboundContext {
    return { sender: signer.memberId, roster: request.roster, epoch: request.epoch, now: request.now };
  }

  function drawId(roster: readonly MemberId[]): ProposalId {
    for (let draw = 0; draw < MAX_ID_DRAWS; draw += 1) {
      const id = randomId(random) as ProposalId;
      if (!sessions.has(id) && !isReservedId(id, roster)) return id;
    }
    throw new ConsensusError('ReservedProposalId');
  }

  function withOwnVote(proposal: Proposal, choice: boolean): Proposal {
    const vote = buildVote(
      {
        voteId: randomId(random),
        proposalId: proposal.proposalId,
        proposalHash: proposalHash(proposal),
        timestampSeconds: proposal.timestamp,
        choice,
        votes: [],
      },
      signer,
    );
    return { ...proposal, votes: [vote] };
  }

  function openProposal(request: OpenProposalRequest): ConsensusSession {
    const context = ownContext(request);
    const proposal = buildProposal({
      name: randomName(random),
      payload: request.payload,
      proposalId: drawId(request.roster),
      owner: signer.memberId,
      expectedVoters: request.roster.length,
      expirySeconds: request.expirySeconds,
      livenessCriteriaYes: request.livenessCriteriaYes,
      epoch: request.epoch,
      now: request.now,
    });
    checkProposalSender(proposal, context);
    validateProposalClock(proposal, request.now);
    const { ownVote } = request;
    return admit(ownVote === undefined ? proposal : withOwnVote(proposal, ownVote), context, request.window);
  }

  function openSelfLeave(request: OpenSelfLeaveRequest): OpenedSelfLeave {
    const proposal = withOwnVote(
      buildSelfLeave(signer.memberId, request.expirySeconds, request.epoch, request.now),
      true,
    );
    if (sessions.has(selfLeaveId(signer.memberId))) throw new ConsensusError('ProposalAlreadyExist');
    const context = ownContext(request);
    checkProposalSender(proposal, context);
    validateProposalClock(proposal, request.now);
    return { proposal, session: admit(proposal, context, 'untilExpiration') };
  }

  function processProposal(proposal: Proposal, context: ProposalContext): ConsensusSession {
    checkProposalSender(proposal, context);
    const known = sessions.get(proposal.proposalId as ProposalId);
    if (
      known !== undefined &&
      isSelfLeaveOf(proposal, context.sender) &&
      isSelfLeaveOf(known.proposal, context.sender)
    ) {
      // Nobody else can use its id, and it says the same: a wish said again after its lifetime (§8.4).
      if (context.now < expiresAt(known)) throw new ConsensusError('ProposalAlreadyExist');
      forget(known.proposalId);
    } else if (known !== undefined) {
      if (sameProposal(known.proposal, proposal)) throw new ConsensusError('ProposalAlreadyExist');
      accuse('proposal', context.sender, known.proposalId, context.now);
      throw new ConsensusError('EquivocatingProposal');
    }
    checkElectorate(proposal, context);
    validateProposal(proposal, context.now, scheme);
    if (context.late === true) validateLateClock(proposal, context.window, context.now);
    else validateProposalClock(proposal, context.now);
    return admit(proposal, context, context.window);
  }

  function castVote(proposalId: ProposalId, choice: boolean, now: number): CastVote {
    const session = find(proposalId);
    if (now >= expiresAt(session)) throw new ConsensusError('ProposalExpired');
    if (!session.roster.includes(signer.memberId)) throw new ConsensusError('NotAMember');
    if (hasVoted(session, signer.memberId)) throw new ConsensusError('UserAlreadyVoted');
    if (session.state.kind === 'failed') throw new ConsensusError('SessionNotActive');
    // A clock behind the proposer's must not make our vote older than what it is about.
    const { timestamp } = session.proposal;
    const seconds = toSeconds(now);
    const vote = buildVote(
      {
        voteId: randomId(random),
        proposalId,
        proposalHash: proposalHash(session.proposal),
        timestampSeconds: seconds > timestamp ? seconds : timestamp,
        choice,
        votes: session.proposal.votes,
      },
      signer,
    );
    checkVoteTime(vote, session, now);
    if (session.state.kind === 'reached') {
      emitOutcome(session, now);
      return { vote, session, recorded: false };
    }
    return { vote, session: record(session, vote, now), recorded: true };
  }

  function processVote(vote: Vote, context: InboundContext): ConsensusSession {
    const { now } = context;
    const session = find(vote.proposalId);
    checkVoteSender(vote, session, context);
    const owner = validateVote(vote, session.proposal, toSeconds(now), scheme);
    checkVoteBinding(vote, session.proposal);
    checkVoteTime(vote, session, now);
    const earlier = session.votes.find((other) => other.owner === owner);
    if (earlier !== undefined && earlier.vote.vote !== vote.vote) accuse('vote', owner, session.proposalId, now);
    if (session.state.kind === 'reached') {
      emitOutcome(session, now);
      return session;
    }
    return record(session, vote, now);
  }

  function handleTimeout(proposalId: ProposalId, now: number): ConsensusSession {
    const session = find(proposalId);
    switch (session.state.kind) {
      case 'reached':
        emitOutcome(session, now);
        return session;
      case 'failed':
        emitOutcome(session, now);
        throw new ConsensusError('InsufficientVotesAtTimeout');
      case 'active': {
        if (now < timeoutAt(session, graceMs)) return session;
        const decided = save(evaluate(session, true, now));
        emitOutcome(decided, now);
        return decided;
      }
    }
  }

  function result(proposalId: ProposalId): boolean {
    const { state } = find(proposalId);
    switch (state.kind) {
      case 'reached':
        return state.result;
      case 'failed':
        throw new ConsensusError('ConsensusFailed');
      case 'active':
        throw new ConsensusError('ConsensusNotReached');
    }
  }

  function forget(proposalId: ProposalId): void {
    if (!sessions.has(proposalId)) return;
    change({ sessions: new Map([...sessions].filter(([id]) => id !== proposalId)) });
  }

  /** Running sessions with their deadlines, earliest first. */
  function deadlines(): readonly { readonly proposalId: ProposalId; readonly at: number }[] {
    return [...sessions.values()]
      .filter((session) => session.state.kind === 'active')
      .map((session) => ({ proposalId: session.proposalId, at: timeoutAt(session, graceMs) }))
      .sort((a, b) => a.at - b.at);
  }

  const count = (kind: ConsensusSession['state']['kind']): number =>
    [...sessions.values()].filter((session) => session.state.kind === kind).length;

  return {
    openProposal,
    openSelfLeave,
    processProposal,
    castVote,
    processVote,
    handleTimeout,
    session: (proposalId) => sessions.get(proposalId),
    sessions: () => [...sessions.values()],
    result,
    statistics: () => ({
      total: sessions.size,
      active: count('active'),
      failed: count('failed'),
      reached: count('reached'),
    }),
    reachedProposals: () =>
      [...sessions.values()].flatMap(({ proposalId, state }) =>
        state.kind === 'reached' ? [{ proposalId, result: state.result }] : [],
      ),
    forget,
    forgetMember: (memberId) => {
      forget(selfLeaveId(memberId));
    },
    reset: () => {
      change({ sessions: new Map(), equivocations: [], scope: initialScope });
      events = [];
    },
    scopeConfig: () => scope,
    setScopeConfig: (config) => {
      validateScopeConfig(config);
      change({ scope: config });
    },
    nextTimeoutAt: () => deadlines()[0]?.at,
    dueTimeouts: (now) => deadlines().flatMap(({ proposalId, at }) => (at <= now ? [proposalId] : [])),
    drainEvents: () => {
      const drained = events;
      events = [];
      return drained;
    },
    snapshot: () => (current ??= { scope, sessions: [...sessions.values()], equivocations }),
  };
}

/**
 * How old a proposal may be that we were given after an absence: any age, while its votes can still be cast. After that its silence
 * would speak for us too, who were not there.
 */
function validateLateClock(proposal: Proposal, window: VotingWindow, now: number): void {
  const opened = Number(proposal.timestamp) * 1000;
  const ends = window === 'untilExpiration' ? Number(proposal.expirationTimestamp) * 1000 : opened + window.timeoutMs;
  if (now > ends) throw new ConsensusError('ProposalExpired');
  validateProposalClock(proposal, Math.min(now, opened));
}

/** A vote from the future, or cast after the window closed. H-22, H-3 */
function checkVoteTime(vote: Vote, session: ConsensusSession, now: number): void {
  const castAtMs = Number(vote.timestamp) * 1000;
  if (castAtMs > now + MAX_CLOCK_SKEW_MS) throw new ConsensusError('InvalidVoteTimestamp');
  if (castAtMs > votingEndsAt(session)) throw new ConsensusError('VoteExpired');
}
