/**
 * Every deadline of a member as data: when it is due, and what then happens (§9.4). The earliest is the wake-up hint.
 * Knows no clock; `now` is the step's.
 */
import type { ProposalId } from '../../../shared/model/ids.ts';
import { RULE_VOTE_RETRY_MS } from '../../../shared/limits.ts';
import { absentDueAt, endAbsent } from './absences.ts';
import { cancelAutomaticVote, scheduleAutomaticVote } from './automaticVotes.ts';
import { againDueAt, markDue } from './delivery/again.ts';
import { gapDueAt, lossDueAt, tellGaps, tellLosses } from './delivery/heard.ts';
import { sayDueAt } from './delivery/reach.ts';
import { sayWaiting } from './delivery/say.ts';
import { sendVector, vectorDueAt } from './delivery/vectors.ts';
import { count, emit, plugins, type Draft } from './draft.ts';
import { ProtocolError } from './errors.ts';
import { beaconDueAt, sendBeacon } from './beacons.ts';
import { endGrace, graceEndsAt } from './forkGrace.ts';
import { noticeDueAt, sendNotice } from './decisionNotices.ts';
import {
  deadlockDueAt,
  electionFilingDueAt,
  fileDeadlock,
  fileElection,
  fileScoreRemovals,
  scoreRemovalDueAt,
} from './filing.ts';
import {
  enterFreezing,
  forcedFreezeDueAt,
  inactivityDueAt,
  recoveryCandidateDueAt,
  rotationDueAt,
  select,
  selectionDueAt,
} from './freezing.ts';
import { lapse, lapseDueAt } from './lapsing.ts';
import { isUnheard, leaveUnheard } from './lastOnes.ts';
import { offerCandidate } from './ownCandidate.ts';
import { nextJoinerDueAt, proposeDueJoiners } from './joinProposals.ts';
import { lagDueAt, tellLag } from './lag.ts';
import { answerDue, nextAnswerAt } from './rebroadcast.ts';
import { castVote, ownLeaveDueAt, proposeOwnLeave } from './proposals.ts';
import { askToRejoin, rejoinDueAt } from './rejoin.ts';
import { ruleVoteOf } from './ruleVotes.ts';
import { answerSyncRequests, nextSyncAnswerAt, nextSyncRequestAt, requestSync } from './syncRequests.ts';
import { askWishes, wishesDueAt } from './wishes.ts';

interface Deadline {
  readonly name: string;
  /** In ms; undefined while nothing is due. */
  readonly dueAt: (draft: Draft) => number | undefined;
  readonly run: (draft: Draft) => Promise<void>;
}

/** In the order in which they fire when several are due: votes, then timeouts, then the freeze (§9.4). */
const DEADLINES: readonly Deadline[] = [
  { name: 'automaticVote', dueAt: nextAutomaticVoteAt, run: castDueVotes },
  { name: 'consensusTimeout', dueAt: nextConsensusTimeoutAt, run: decideDueTimeouts },
  { name: 'forcedFreeze', dueAt: forcedFreezeDueAt, run: (draft) => enterFreezing(draft, 'emergencyAccepted') },
  { name: 'recoveryCandidate', dueAt: recoveryCandidateDueAt, run: offerCandidate },
  { name: 'selection', dueAt: selectionDueAt, run: select },
  { name: 'inactivity', dueAt: inactivityDueAt, run: (draft) => enterFreezing(draft, 'inactivityElapsed') },
  { name: 'rotation', dueAt: rotationDueAt, run: (draft) => enterFreezing(draft, 'rotated') },
  { name: 'lapse', dueAt: lapseDueAt, run: lapse },
  { name: 'decisionNotice', dueAt: noticeDueAt, run: sendNotice },
  { name: 'election', dueAt: electionFilingDueAt, run: fileElection },
  { name: 'deadlock', dueAt: deadlockDueAt, run: fileDeadlock },
  { name: 'scoreRemoval', dueAt: scoreRemovalDueAt, run: fileScoreRemovals },
  { name: 'joiner', dueAt: nextJoinerDueAt, run: proposeDueJoiners },
  { name: 'ownLeave', dueAt: ownLeaveDueAt, run: repeatOwnLeave },
  { name: 'syncRequest', dueAt: nextSyncRequestAt, run: requestSync },
  { name: 'syncAnswer', dueAt: nextSyncAnswerAt, run: answerSyncRequests },
  { name: 'beacon', dueAt: beaconDueAt, run: sendBeacon },
  { name: 'lag', dueAt: lagDueAt, run: tellLag },
  { name: 'absent', dueAt: absentDueAt, run: endAbsent },
  { name: 'rejoin', dueAt: rejoinDueAt, run: askToRejoin },
  { name: 'wishes', dueAt: wishesDueAt, run: askWishes },
  { name: 'rebroadcast', dueAt: nextAnswerAt, run: answerDue },
  { name: 'say', dueAt: sayDueAt, run: sayAtLast },
  { name: 'sayAgain', dueAt: againDueAt, run: markDue },
  { name: 'gap', dueAt: gapDueAt, run: tellGaps },
  { name: 'loss', dueAt: lossDueAt, run: tellLosses },
  { name: 'acknowledge', dueAt: vectorDueAt, run: sendVector },
  { name: 'forkGrace', dueAt: graceEndsAt, run: forgetGrace },
  { name: 'pastEpochs', dueAt: pastEpochEndsAt, run: prunePastEpochs },
];

/** Without a place in the group there is nothing to do but to ask for it. */
const deadlinesOf = (draft: Draft): readonly Deadline[] =>
  draft.state.restored === undefined ? DEADLINES : DEADLINES.filter(({ name }) => name === 'rejoin');

/** Runs the first deadline that is due; false when none is. */
export async function runDueDeadline(draft: Draft): Promise<boolean> {
  for (const { dueAt, run } of deadlinesOf(draft)) {
    const at = dueAt(draft);
    if (at === undefined || at > draft.now) continue;
    await run(draft);
    return true;
  }
  return false;
}

async function sayAtLast(draft: Draft): Promise<void> {
  await sayWaiting(draft);
}

/** The earliest deadline; undefined when nothing is due. */
export function nextWakeupAt(draft: Draft): number | undefined {
  const due = deadlinesOf(draft).flatMap(({ dueAt }) => dueAt(draft) ?? []);
  return due.length === 0 ? undefined : Math.min(...due);
}

function nextAutomaticVoteAt(draft: Draft): number | undefined {
  const { automatic } = draft.state.votes;
  return automatic.length === 0 ? undefined : Math.min(...automatic.map(({ dueAt }) => dueAt));
}

async function castDueVotes(draft: Draft): Promise<void> {
  for (const { proposalId, dueAt } of draft.state.votes.automatic) {
    if (dueAt > draft.now) continue;
    cancelAutomaticVote(draft, proposalId);
    const session = plugins(draft).consensus.session(proposalId);
    if (session?.state.kind !== 'active') continue;
    const ruled = await ruleVoteOf(draft, session);
    switch (ruled.kind) {
      case 'wait':
        scheduleAutomaticVote(draft, proposalId, draft.now + RULE_VOTE_RETRY_MS);
        break;
      case 'person':
        count(draft, 'RuleNoLongerDecides');
        emit(draft, { kind: 'VoteRequested', proposalId });
        break;
      case 'vote':
        await castByRule(draft, proposalId, ruled.approve);
    }
  }
}

async function castByRule(draft: Draft, proposalId: ProposalId, approve: boolean): Promise<void> {
  try {
    await castVote(draft, proposalId, approve, true);
  } catch (error) {
    // A person was quicker, or it is decided: nothing is lost (§11.2).
    if (!(error instanceof ProtocolError)) throw error;
    count(draft, error.code);
  }
}

function nextConsensusTimeoutAt(draft: Draft): number | undefined {
  return plugins(draft).consensus.nextTimeoutAt();
}

async function decideDueTimeouts(draft: Draft): Promise<void> {
  const { consensus } = plugins(draft);
  for (const proposalId of consensus.dueTimeouts(draft.now))
    consensus.handleTimeout(proposalId satisfies ProposalId, draft.now);
}

async function forgetGrace(draft: Draft): Promise<void> {
  endGrace(draft);
}

/** What reads past epochs goes in time from the state that is kept after a commit, too. H-31 */
function pastEpochEndsAt(draft: Draft): number | undefined {
  const { group, grace } = draft.state;
  const { mls } = draft.context;
  const kept = grace === undefined ? undefined : mls.nextPruneAt(grace.before.group);
  const present = mls.nextPruneAt(group);
  return kept === undefined || present === undefined ? (kept ?? present) : Math.min(kept, present);
}

async function prunePastEpochs(draft: Draft): Promise<void> {
  const { mls } = draft.context;
  const { grace } = draft.state;
  draft.state.group = mls.prune(draft.state.group, draft.now);
  if (grace === undefined) return;
  const { before } = grace;
  draft.state.grace = { ...grace, before: { ...before, group: mls.prune(before.group, draft.now) } };
}

/** Said again once; then nobody is there to carry it out. */
async function repeatOwnLeave(draft: Draft): Promise<void> {
  if (isUnheard(draft)) leaveUnheard(draft);
  else await proposeOwnLeave(draft);
}
