/**
 * Decisions that members prove to each other outside of a commit (H-26): a joiner learns from its sync what was approved before
 * it came, and a group that cannot commit tells each other what everybody knows: lost votes are what most often keeps it. Only
 * proofs travel; who sends them does not matter.
 */
import {
  DECISION_NOTICE_PAUSE_MS,
  DECISION_NOTICE_SPREAD_MS,
  MAX_CANDIDATE_PROPOSALS,
  MAX_DECISION_NOTICE_BYTES,
} from '../../../shared/limits.ts';
import type { MemberId } from '../../../shared/model/ids.ts';
import { decodeProposal, type DecisionCertificate } from '../wire/index.ts';
import { provenDecisions } from './certificates.ts';
import { learnDecision } from './decisions.ts';
import { broadcast, count, governance, type Draft } from './draft.ts';
import { scheduleStatus } from './lag.ts';
import { isSynced, leadership } from './leadership.ts';
import { adoptMandates, mandatesFor } from './mandates.ts';
import { epochOf, members } from './roster.ts';

const MINUTE_MS = 60_000;

/** What waits here for a commit and can be proven, mandates first; as much as fits. */
export function provableDecisions(draft: Draft) {
  let bytes = 0;
  const approved = draft.state.queues.approved.flatMap(({ certificate }) => {
    if (certificate === undefined || bytes + certificate.length > MAX_DECISION_NOTICE_BYTES) return [];
    bytes += certificate.length;
    return [{ proposal: decodeProposal(certificate) }];
  });
  return [...mandatesFor(draft), ...approved].slice(0, MAX_CANDIDATE_PROPOSALS);
}

/** Somebody may have been away: whoever it is learns who may commit, and what waits. One member after the other. */
export function scheduleNotice(draft: Draft): void {
  const { phase } = draft.state;
  if (phase.noticeDueAt !== undefined || !isSynced(draft) || provableDecisions(draft).length === 0) return;
  draft.state.phase = { ...phase, noticeDueAt: draft.now + DECISION_NOTICE_PAUSE_MS + ownTurn(draft) };
}

/** So many of those who lead prove an election: each proof is as long as the votes in it, and one of them reaches whoever lacks it. */
const SHOWING_STEWARDS = 3;

/**
 * Somebody may not know who leads: it is where we are after it may have been away, and perhaps no candidate has brought it the proof
 * of the last election, since the one that ended its epoch may be older; or it asks for an election that was held.
 */
export function showElection(draft: Draft): void {
  const { election } = draft.state.mandate;
  if (election === undefined || election.epoch < epochOf(draft.state) - 1) return;
  if (leadership(draft).order.slice(0, SHOWING_STEWARDS).includes(draft.self)) scheduleNotice(draft);
}

const ownTurn = (draft: Draft): number => members(draft).indexOf(draft.self) * DECISION_NOTICE_SPREAD_MS;

/** Once in each Reelection, one member after the other; and when somebody may have been away. */
export function noticeDueAt(draft: Draft): number | undefined {
  const { phase } = draft.state;
  if (!isSynced(draft)) return undefined;
  if (phase.phase !== 'reelection' || phase.anchor === undefined || phase.noticed) return phase.noticeDueAt;
  return Math.min(phase.anchor + ownTurn(draft), phase.noticeDueAt ?? Infinity);
}

export async function sendNotice(draft: Draft): Promise<void> {
  const { phase } = draft.state;
  // Perhaps the group went on without us, or without somebody that we wait for.
  if (phase.phase === 'reelection') scheduleStatus(draft);
  draft.state.phase = { ...phase, noticed: phase.noticed || phase.phase === 'reelection', noticeDueAt: undefined };
  const certificates = provableDecisions(draft);
  if (certificates.length === 0 || members(draft).length < 2) return;
  const message = { payload: { case: 'decisionNotice', value: { certificates } } } as const;
  await broadcast(draft, message, governance, draft.now + MINUTE_MS);
}

/** A member's notice; one of each in a while, since checking signatures is what costs. */
export async function receiveNotice(
  draft: Draft,
  certificates: readonly DecisionCertificate[],
  sender: MemberId,
): Promise<void> {
  const { volatile } = draft.state;
  const recent = volatile.noticedBy.filter(({ at }) => at > draft.now - DECISION_NOTICE_PAUSE_MS);
  if (!isSynced(draft) || recent.some(({ memberId }) => memberId === sender)) {
    count(draft, 'DecisionNoticeIgnored');
    return;
  }
  draft.state.volatile = { ...volatile, noticedBy: [...recent, { memberId: sender, at: draft.now }] };
  await learnDecisions(draft, certificates);
}

/** Takes over what the certificates prove and we did not know. */
export async function learnDecisions(draft: Draft, certificates: readonly DecisionCertificate[]): Promise<void> {
  const before = draft.state.mandate.election;
  await adoptMandates(draft, certificates);
  // Whoever came in meanwhile, perhaps by us, was told of the list before.
  const { election } = draft.state.mandate;
  if (election !== before && election !== undefined && election.epoch < epochOf(draft.state)) showElection(draft);
  for (const entry of await provenDecisions(draft, certificates)) learnDecision(draft, entry);
}
