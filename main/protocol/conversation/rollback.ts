/**
 * The one rollback of an epoch (H-27): the state before the applied commit comes back, the better one is applied, and what was
 * said and decided since is carried over or said again. Knows which part comes from which side; ranking is for others.
 */
import type { ProposalId } from '../../../shared/model/ids.ts';
import type { ConsensusSession } from '../consensus/contract.ts';
import { ConsensusError } from '../consensus/index.ts';
import type { RemoteRoundCandidate } from '../freeze/round.ts';
import { applyCandidate } from './committing.ts';
import { sayAgainSince } from './delivery/own.ts';
import { count, plugins, savedState, type Draft } from './draft.ts';
import { members } from './roster.ts';
import { sayAgain } from './sayAgain.ts';
import type { ActiveState, ForkGrace } from './state.ts';
import { transition } from './transitions.ts';

/**
 * Follows `candidate` instead of the commit that ended `grace.epoch`. One that does not apply after all is dropped: everything stays
 * as it was, the one way back included.
 */
export async function rollBack(draft: Draft, grace: ForkGrace, candidate: RemoteRoundCandidate): Promise<void> {
  const since = savedState(draft);
  const effects = draft.effects.length;
  const { before } = grace;
  transition(draft, 'rolledBack');
  Object.assign(draft.state, carriedOver(before, since, grace));
  draft.restored = undefined;
  draft.scoresChanged = false;
  if (!(await applyCandidate(draft, candidate, [candidate], undefined))) {
    Object.assign(draft.state, since);
    draft.restored = undefined;
    draft.effects.length = effects;
    count(draft, 'CandidateNotApplied');
    return;
  }
  count(draft, 'RolledBack');
  if (draft.ended !== undefined) return;
  dropForeignVotes(draft, grace.epoch);
  tellOutcomes(draft, before);
  await sayAgain(draft, since);
  sayAgainSince(draft, grace.epoch);
}

/** The state before, with what of the present does not belong to the abandoned branch. */
function carriedOver(before: ActiveState, since: ActiveState, grace: ForkGrace): Partial<ActiveState> {
  return {
    rules: before.rules,
    group: before.group,
    phase: before.phase,
    consensus: { ...since.consensus, sessions: sessionsOf(before, since) },
    stewardList: before.stewardList,
    scores: before.scores,
    queues: queuesOf(before, since, grace.epoch),
    emergencies: { ...since.emergencies, urgent: before.emergencies.urgent, lowSince: before.emergencies.lowSince },
    mandate: before.mandate,
    pendingUpdates: {
      ...since.pendingUpdates,
      entries: [
        ...before.pendingUpdates.entries.filter(
          ({ memberId }) => !since.pendingUpdates.entries.some((other) => other.memberId === memberId),
        ),
        ...since.pendingUpdates.entries,
      ],
    },
    votes: {
      early: since.votes.early,
      automatic: [
        ...before.votes.automatic.filter(({ proposalId }) => !hasSession(since, proposalId)),
        ...since.votes.automatic,
      ],
      byRule: since.votes.byRule,
    },
    round: before.round,
    invite: before.invite,
    roster: { ...before.roster, names: since.roster.names },
    sync: before.sync,
    journal: before.journal,
    // Ours lead into the abandoned branch.
    welcomes: since.welcomes.filter(({ createdAt }) => createdAt < grace.since),
  };
}

const hasSession = ({ consensus }: ActiveState, proposalId: ProposalId): boolean =>
  consensus.sessions.some((session) => session.proposalId === proposalId);

/** As they stand now; those that the abandoned commit ended come back as they were. */
function sessionsOf(before: ActiveState, since: ActiveState): readonly ConsensusSession[] {
  return [
    ...before.consensus.sessions.filter(({ proposalId }) => !hasSession(since, proposalId)),
    ...since.consensus.sessions,
  ];
}

/**
 * What the members of the abandoned epoch approved was decided by others than those of the epoch that takes its place: it justifies
 * nothing here. Where they are the same people, the outcome is told again.
 */
function queuesOf(before: ActiveState, since: ActiveState, ended: number): ActiveState['queues'] {
  const approved = [
    ...before.queues.approved,
    ...since.queues.approved.filter(
      ({ proposalId, votedIn }) =>
        votedIn <= ended && !before.queues.approved.some((other) => other.proposalId === proposalId),
    ),
  ];
  // An acceptance that the abandoned commit carried out, or that only its certificate told us, is open again.
  const stands = (proposalId: ProposalId): boolean => {
    const session = since.consensus.sessions.find((other) => other.proposalId === proposalId);
    if (session === undefined) return false;
    const isAccepted = session.state.kind === 'reached' && session.state.result;
    return !isAccepted || approved.some((entry) => entry.proposalId === proposalId);
  };
  const resolved = since.queues.resolved.filter(
    (proposalId) => before.queues.resolved.includes(proposalId) || stands(proposalId),
  );
  return { ...since.queues, approved, resolved };
}

/** Votes among the members of the abandoned epoch, unless the same people are members now: their numbers would not fit. */
function dropForeignVotes(draft: Draft, ended: number): void {
  const { consensus } = plugins(draft);
  const present = members(draft);
  for (const { proposalId, epoch, roster } of consensus.sessions()) {
    const isSameElectorate = roster.length === present.length && roster.every((memberId) => present.includes(memberId));
    if (epoch > BigInt(ended) && !isSameElectorate) consensus.forget(proposalId);
  }
}

/** Outcomes that were reached on the abandoned branch and that the queue does not know: consensus repeats them. */
function tellOutcomes(draft: Draft, before: ActiveState): void {
  const { consensus } = plugins(draft);
  for (const { proposalId, state } of consensus.sessions()) {
    const isTold = draft.state.queues.resolved.includes(proposalId) || before.queues.resolved.includes(proposalId);
    if (state.kind === 'active' || isTold) continue;
    try {
      consensus.handleTimeout(proposalId, draft.now);
    } catch (error) {
      // A vote that failed says so by throwing, after it told its outcome (§10.8).
      if (!(error instanceof ConsensusError)) throw error;
    }
  }
}
