/**
 * Emergency proposals (§16, H-5, H-9): which may be opened, how our client votes on them, and what their outcome changes.
 * Knows evidence, scores and phases; opening one is filing.ts.
 */
import { EMERGENCY_PERIOD_MS, MAX_EMERGENCIES_PER_CREATOR } from '../../../shared/limits.ts';
import type { MemberId } from '../../../shared/model/ids.ts';
import type { ConsensusSession } from '../consensus/contract.ts';
import { certificateOf } from '../consensus/index.ts';
import type { ScoreEventKind, ScoreOp } from '../peer-scoring/contract.ts';
import { decodeScoreEvidence, encodeProposal, WireError } from '../wire/index.ts';
import type { RuleVote } from './automaticVotes.ts';
import { count, plugins, type Draft } from './draft.ts';
import type { NoOpReason } from './reasons.ts';
import { forceFreeze, openRecovery } from './recovery.ts';
import { parseRequest, type EmergencyRequest, type Violation } from './requests.ts';
import { epochOf, isMember } from './roster.ts';
import { applyScores } from './scores.ts';
import type { ApprovedEntry } from './state.ts';
import { transition } from './transitions.ts';

/** What an accepted accusation costs the accused; the other types have other effects. §16.3 */
const TARGET_EVENTS: Readonly<Partial<Record<Violation, ScoreEventKind>>> = {
  BROKEN_COMMIT: 'BrokenCommit',
  BROKEN_MLS_PROPOSAL: 'BrokenMlsProposal',
  CENSORSHIP_INACTIVITY: 'CensorshipInactivity',
  MISBEHAVING_COMMIT: 'MisbehavingCommit',
};

/** Emergencies that are being voted on: nothing of lower priority begins meanwhile (partial freeze, §11.1). */
export function openEmergencies(
  draft: Draft,
): readonly { readonly session: ConsensusSession; readonly request: EmergencyRequest }[] {
  return plugins(draft)
    .consensus.sessions()
    .flatMap((session) => {
      if (session.state.kind !== 'active') return [];
      const request = parseRequest(session.proposal.payload);
      return request?.kind === 'emergency' ? [{ session, request }] : [];
    });
}

/** Whether an emergency holds up everything of lower priority. Only accepted sessions count, and none outlives its window (H-5). */
export const isPartlyFrozen = (draft: Draft): boolean => openEmergencies(draft).length > 0;

/** Why an emergency of `sender` is not taken in, by name; undefined when it may be voted on. H-9 */
export function emergencyRefusal(draft: Draft, request: EmergencyRequest, sender: MemberId): NoOpReason | undefined {
  if (request.creator !== sender) return 'EmergencyCreatorForged';
  if (request.epoch !== draft.state.group.epoch) return 'EmergencyEpoch';
  const { target } = request;
  if (target !== undefined && (target === sender || !isMember(draft, target))) return 'EmergencyTarget';
  if (request.violation === 'SCORE_BELOW_THRESHOLD' && !isScore(request.evidence)) return 'EmergencyEvidence';
  return isWithinLimits(draft, sender) ? undefined : 'EmergencyLimit';
}

function isScore(evidence: Uint8Array): boolean {
  try {
    decodeScoreEvidence(evidence);
    return true;
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return false;
  }
}

/** One open at a time, three in ten minutes. H-9 */
export function isWithinLimits(draft: Draft, creator: MemberId): boolean {
  if (openEmergencies(draft).some(({ session }) => session.owner === creator)) return false;
  const recent = recentlyFiled(draft).filter((other) => other.creator === creator);
  return recent.length < MAX_EMERGENCIES_PER_CREATOR;
}

const recentlyFiled = (draft: Draft) =>
  draft.state.emergencies.filed.filter(({ at }) => at > draft.now - EMERGENCY_PERIOD_MS);

/** Counts an emergency that consensus took in. */
export function rememberFiled(draft: Draft, creator: MemberId): void {
  const filed = [...recentlyFiled(draft), { creator, at: draft.now }];
  draft.state.emergencies = { ...draft.state.emergencies, filed };
}

/** How our client votes: YES on what we know ourselves, NO on what we would know, never for a person about itself. H-9, D-7 */
export function judgeEmergency(draft: Draft, request: EmergencyRequest): RuleVote {
  const { target, violation } = request;
  if (target === draft.self) return { kind: 'person' };
  if (violation === 'DEADLOCK' || target === undefined) return judgeDeadlock(draft);
  if (violation === 'SCORE_BELOW_THRESHOLD') {
    return { kind: 'vote', approve: isBelowThreshold(draft, target) };
  }
  const since = epochOf(draft.state) - 1;
  const isSeen = draft.state.emergencies.observations.some(
    (seen) => seen.memberId === target && seen.violation === violation && seen.epoch >= since,
  );
  return { kind: 'vote', approve: isSeen };
}

export function isBelowThreshold(draft: Draft, memberId: MemberId): boolean {
  const { scoring } = plugins(draft);
  const score = scoring.scoreFor(memberId);
  return score !== undefined && score <= scoring.threshold();
}

/** Whether no list of stewards is left to be tried. §13, H-9 */
export function isDeadlocked(draft: Draft): boolean {
  const { stewardList } = plugins(draft);
  return draft.state.phase.phase === 'reelection' && stewardList.retryCounter() > stewardList.maxReelectionAttempts();
}

/**
 * Somebody may be there a moment before us. With nothing to commit there is no deadlock, nor while nothing has failed in this epoch:
 * whoever claims one then gets a NO, and not a vote that silence keeps open.
 */
function judgeDeadlock(draft: Draft): RuleVote {
  if (isDeadlocked(draft)) return { kind: 'vote', approve: true };
  const { phase, queues } = draft.state;
  const mayFollow = phase.phase !== 'working' || plugins(draft).stewardList.retryCounter() > 0;
  return mayFollow && queues.approved.length > 0 ? { kind: 'wait' } : { kind: 'vote', approve: false };
}

/** What an outcome does beside the approved queue: mode, urgency, scores, and the way out of Reelection. §11.3, §16.3 */
export function emergencyDecided(
  draft: Draft,
  session: ConsensusSession,
  request: EmergencyRequest,
  approved: boolean,
): void {
  if (approved) enact(draft, session, request);
  else if (request.target !== undefined) rememberDeclined(draft, request.target);
  applyScores(draft, scoreOps(session, request, approved));
  const { phase } = draft.state;
  if (phase.phase === 'reelection' && !phase.forced) {
    draft.state.phase = { ...phase, stalls: phase.stalls + 1 };
    transition(draft, 'emergencyResolved');
  }
}

function enact(draft: Draft, session: ConsensusSession, request: EmergencyRequest): void {
  if (request.violation === 'SCORE_BELOW_THRESHOLD' && request.target !== undefined) {
    // Also when its removal waits already (D-13).
    markUrgent(draft, request.target);
    return;
  }
  if (request.violation !== 'DEADLOCK' || session.epoch !== draft.state.group.epoch) return;
  const certificate = certificateOf(session);
  if (certificate === undefined) count(draft, 'DeadlockWithoutProof');
  else
    openRecovery(draft, {
      proposalId: session.proposalId,
      votedIn: session.epoch,
      certificate: encodeProposal(certificate),
    });
}

/**
 * Whether an approved change is a removal that cannot wait. There may be two: members learn of them in another order, so each that
 * waits is as good as the other, and a commit takes all of them.
 */
export function isUrgentRemoval(draft: Draft, { change, record }: ApprovedEntry): boolean {
  if (change.kind !== 'remove') return false;
  return change.memberId === draft.state.emergencies.urgent || record.violation === 'SCORE_BELOW_THRESHOLD';
}

/** The next commit has to contain the removal of that member, and candidates are collected at once (row 9). */
export function markUrgent(draft: Draft, memberId: MemberId): void {
  if (!isMember(draft, memberId)) return;
  draft.state.emergencies = { ...draft.state.emergencies, urgent: memberId };
  forceFreeze(draft);
}

/**
 * The creator's reward or fine, then the target's (§16.3). Silence is no fine: members that are away say nothing about the
 * creator, and whoever files for the group must not lose its place because nobody was there.
 */
function scoreOps(session: ConsensusSession, request: EmergencyRequest, approved: boolean): readonly ScoreOp[] {
  const creator = request.creator;
  if (!approved) {
    const no = session.votes.filter(({ vote }) => !vote.vote).length;
    return no > session.votes.length - no ? [{ memberId: creator, event: 'EmergencyNoCreator' }] : [];
  }
  const event = TARGET_EVENTS[request.violation];
  const { target } = request;
  return [
    { memberId: creator, event: 'EmergencyYesCreator' },
    ...(event === undefined || target === undefined ? [] : [{ memberId: target, event }]),
  ];
}

/** The same removal is asked for again only when the score fell further. */
function rememberDeclined(draft: Draft, memberId: MemberId): void {
  const score = plugins(draft).scoring.scoreFor(memberId);
  if (score === undefined) return;
  const { emergencies } = draft.state;
  const others = emergencies.declined.filter((declined) => declined.memberId !== memberId);
  draft.state.emergencies = { ...emergencies, declined: [...others, { memberId, score }] };
}
