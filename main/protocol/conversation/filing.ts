/**
 * What this node asks the group by itself, without a person (§12.7, §13, §15.5): elections, a deadlock, the removal of a member
 * whose score is too low. Each waits for its turn, so that one asks and the others follow. Knows deadlines; votes are proposals.ts.
 */
import type { MemberId } from '../../../shared/model/ids.ts';
import { encodeScoreEvidence } from '../wire/index.ts';
import { count, plugins, type Draft } from './draft.ts';
import { electionDueAt, nextList, ownTurnAt } from './elections.ts';
import { isBelowThreshold, isDeadlocked, isPartlyFrozen, isWithinLimits, openEmergencies } from './emergencies.ts';
import { ProtocolError } from './errors.ts';
import { isSynced, leadership, pendingRemovals } from './leadership.ts';
import { openProposal } from './proposals.ts';
import { electionRequest, emergencyRequest, type EmergencyRequest } from './requests.ts';
import { isMember, members } from './roster.ts';

const EMPTY = new Uint8Array(0);
/** Pause after all places for votes were taken. */
const FILING_RETRY_MS = 5_000;

/** When we open an election; not while an emergency is being voted on (§11.1). */
export const electionFilingDueAt = (draft: Draft): number | undefined =>
  isPartlyFrozen(draft) ? undefined : notPaused(draft, electionDueAt(draft));

const notPaused = (draft: Draft, dueAt: number | undefined): number | undefined =>
  dueAt === undefined ? undefined : Math.max(dueAt, draft.state.emergencies.pausedUntil ?? 0);

export async function fileElection(draft: Draft): Promise<void> {
  const list = nextList(draft);
  await file(draft, electionRequest(list), { kind: 'stewardElection', list });
}

/** When we declare a deadlock: no list is left to be tried, and it is our turn. §13 */
export function deadlockDueAt(draft: Draft): number | undefined {
  if (!isSynced(draft) || !isDeadlocked(draft) || isPartlyFrozen(draft)) return undefined;
  return isWithinLimits(draft, draft.self) ? notPaused(draft, ownTurnAt(draft)) : undefined;
}

export const fileDeadlock = (draft: Draft): Promise<void> => fileEmergency(draft, 'DEADLOCK', undefined, EMPTY);

/** Members whose removal the rules ask for and that nobody asks about yet. §15.5 */
function removableByScore(draft: Draft): readonly MemberId[] {
  const { declined } = draft.state.emergencies;
  const { scoring } = plugins(draft);
  const leaving = pendingRemovals(draft);
  return scoring.membersBelowThreshold().filter((memberId) => {
    const score = scoring.scoreFor(memberId);
    const before = declined.find((other) => other.memberId === memberId)?.score;
    return (
      memberId !== draft.self &&
      isMember(draft, memberId) &&
      !leaving.has(memberId) &&
      (before === undefined || (score !== undefined && score < before)) &&
      !openEmergencies(draft).some(({ request }) => request.target === memberId)
    );
  });
}

/** The wait for our turn begins with the first member that fell so low. */
export function anchorScoreRemoval(draft: Draft): void {
  const { emergencies } = draft.state;
  if (draft.scoresChanged || emergencies.lowSince !== undefined) {
    const isNeeded = isSynced(draft) && members(draft).length > 1 && removableByScore(draft).length > 0;
    if (isNeeded === (emergencies.lowSince !== undefined)) return;
    draft.state.emergencies = { ...emergencies, lowSince: isNeeded ? draft.now : undefined };
  }
}

/**
 * Who asks, in which order: stewards. When the rules ask for the removal of every one of them nobody on the list would, and a group whose
 * only steward is gone for good would keep it as long as there is nothing to commit; then anybody asks.
 */
function removalProposers(draft: Draft): readonly MemberId[] {
  const isReliable = (memberId: MemberId): boolean => !isBelowThreshold(draft, memberId);
  const stewards = leadership(draft).order.filter(isReliable);
  if (stewards.length > 0) return stewards;
  return plugins(draft).stewardList.order(members(draft).filter(isReliable), draft.state.group.epoch);
}

/**
 * One asks, the others find it open: each next one a turn later. The first waits a moment, too: who saw the same fault sees it by its own
 * clock, and whoever asks before the others would get a NO, and pay for it. R-270
 */
export function scoreRemovalDueAt(draft: Draft): number | undefined {
  const { emergencies, phase, rules } = draft.state;
  if (emergencies.lowSince === undefined || !isSynced(draft)) return undefined;
  if (phase.phase !== 'working' && phase.phase !== 'reelection') return undefined;
  if (!isWithinLimits(draft, draft.self)) return undefined;
  const rank = removalProposers(draft).indexOf(draft.self);
  if (rank < 0) return undefined;
  return notPaused(draft, emergencies.lowSince + (1 + rank * 2) * rules.settings.recoveryInactivityMs);
}

export async function fileScoreRemovals(draft: Draft): Promise<void> {
  const [target] = removableByScore(draft);
  const score = target === undefined ? undefined : plugins(draft).scoring.scoreFor(target);
  if (target === undefined || score === undefined) {
    draft.state.emergencies = { ...draft.state.emergencies, lowSince: undefined };
    return;
  }
  await fileEmergency(draft, 'SCORE_BELOW_THRESHOLD', target, encodeScoreEvidence(score));
  anchorScoreRemoval(draft);
}

async function fileEmergency(
  draft: Draft,
  violation: EmergencyRequest['violation'],
  target: MemberId | undefined,
  evidence: Uint8Array,
): Promise<void> {
  const request: EmergencyRequest = {
    kind: 'emergency',
    violation,
    target,
    evidence,
    epoch: draft.state.group.epoch,
    creator: draft.self,
  };
  await file(draft, emergencyRequest(request), request);
}

/** Opens a vote with our YES, which a rule cast. */
async function file(draft: Draft, payload: Uint8Array, request: Parameters<typeof openProposal>[2]): Promise<void> {
  try {
    await openProposal(draft, payload, request, { ownYes: true, byRule: true });
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    // All places for votes are taken.
    count(draft, error.code);
    draft.state.emergencies = { ...draft.state.emergencies, pausedUntil: draft.now + FILING_RETRY_MS };
  }
}
