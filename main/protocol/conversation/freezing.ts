/**
 * The freeze round of a conversation (§14, rows 7 to 15 and 23 of §9.2): entering it, early selection, the deadlines. Our own
 * candidate is ownCandidate.ts; what a won one changes is in committing.ts.
 */
import { MAX_RECOVERY_DOUBLINGS } from '../../../shared/limits.ts';
import type { MemberId } from '../../../shared/model/ids.ts';
import { openRound, type RoundCandidate } from '../freeze/round.ts';
import { foremost, rankCandidates } from '../freeze/ranking.ts';
import { admitJoin } from './admission.ts';
import { appliedFirst } from './attestations.ts';
import { applyCandidate } from './committing.ts';
import { openElection } from './elections.ts';
import { count, emit, hexOf, plugins, type Draft } from './draft.ts';
import { isRevoked, isSatisfied } from './decisions.ts';
import { isSynced, leadership, rotation } from './leadership.ts';
import { offerCandidate, planCandidate } from './ownCandidate.ts';
import { epochOf } from './roster.ts';
import { observe } from './scores.ts';
import type { ApprovedEntry } from './state.ts';
import { transition, type Transition } from './transitions.ts';

/** Between the candidates of two members in Recovery mode (H-24). */
const RECOVERY_TURN_MS = 500;

/** When this node freezes by itself: the epoch steward first, then other stewards, then observers. Rows 6 and 7. */
export function inactivityDueAt(draft: Draft): number | undefined {
  const { phase, rules } = draft.state;
  if (phase.phase !== 'working' || phase.anchor === undefined || !isSynced(draft)) return undefined;
  const { commitInactivityMs, recoveryInactivityMs } = rules.settings;
  const recovering = phase.mode === 'recovery' || plugins(draft).stewardList.retryCounter() > 0;
  // A recovery that came to nothing is not tried again at once: whoever is away has to come back.
  const pause = recoveryInactivityMs * 2 ** Math.min(phase.stalls, MAX_RECOVERY_DOUBLINGS);
  const window = recovering ? pause : commitInactivityMs;
  // An election decides who is to commit.
  if (openElection(draft) !== undefined) return undefined;
  const rank = leadership(draft).order.indexOf(draft.self);
  const patience = rank === 0 ? 0 : rank > 0 ? 1 : 2;
  return phase.anchor + window + patience * recoveryInactivityMs;
}

/** The batching window starts in the step that first sees approved work in Working. Row 6 */
export function anchorInactivity(draft: Draft): void {
  const { phase, queues } = draft.state;
  if (phase.phase !== 'working') return;
  const hasWork = queues.approved.length > 0;
  if (hasWork === (phase.anchor !== undefined)) return;
  draft.state.phase = { ...phase, anchor: hasWork ? draft.now : undefined };
}

/** Row 9: an accepted emergency wants a commit at once. */
export const forcedFreezeDueAt = (draft: Draft): number | undefined => {
  const { phase, forced } = draft.state.phase;
  return forced && (phase === 'working' || phase === 'reelection') ? draft.now : undefined;
};

/** Enters Freezing: stale work goes, the round opens, and who may commits. Rows 7, 8, 9, 23 */
export async function enterFreezing(draft: Draft, by: Transition): Promise<void> {
  await dropStale(draft);
  transition(draft, by);
  draft.state.phase = { ...draft.state.phase, forced: false };
  draft.state.round = openRound(epochOf(draft.state), draft.state.queues.approved);
  const recovering = recoveryCandidateDueAt(draft);
  if (recovering === undefined || recovering <= draft.now) await offerCandidate(draft);
  emitProgress(draft);
}

/** In Recovery mode members offer candidates one after the other, as long as nobody did (H-24). 13.5 */
export function recoveryCandidateDueAt(draft: Draft): number | undefined {
  const { phase, round } = draft.state;
  if (phase.mode !== 'recovery' || phase.phase !== 'freezing' || phase.anchor === undefined) return undefined;
  if (round === undefined || round.failed || round.candidates.length > 0 || planCandidate(draft).updates.length === 0)
    return undefined;
  const rank = leadership(draft).order.indexOf(draft.self);
  return rank < 0 ? undefined : phase.anchor + rank * RECOVERY_TURN_MS;
}

/** H-25: what the group is already like, and joiners whose key package cannot be used any more. */
async function dropStale(draft: Draft): Promise<void> {
  const { approved } = draft.state.queues;
  const kept: ApprovedEntry[] = [];
  const deviceKeys = new Map<string, MemberId>();
  for (const entry of approved) {
    const { change } = entry;
    const isUsable =
      !isSatisfied(draft, change) &&
      !isRevoked(draft, change) &&
      (change.kind === 'remove' || (await canStillJoin(draft, change, deviceKeys)));
    if (isUsable) kept.push(entry);
    else count(draft, 'ApprovedEntryStale');
  }
  if (kept.length !== approved.length) draft.state.queues = { ...draft.state.queues, approved: kept };
}

/** Whose key package is no longer good, or whose device is that of somebody before it, would make every commit impossible. */
async function canStillJoin(
  draft: Draft,
  change: ApprovedEntry['change'] & { kind: 'add' },
  deviceKeys: Map<string, MemberId>,
): Promise<boolean> {
  const admission = await admitJoin(draft, change);
  if (admission.kind === 'refused') return false;
  const key = hexOf(admission.signatureKey);
  const holder = deviceKeys.get(key);
  if (holder !== undefined && holder !== change.memberId) return false;
  deviceKeys.set(key, change.memberId);
  return true;
}

/** How many candidates end the freeze early: one of every steward that may commit now; before the sync the one that counts. */
export const expectedCandidates = (draft: Draft): number => (isSynced(draft) ? leadership(draft).order.length : 1);

export function emitProgress(draft: Draft): void {
  const received = draft.state.round?.candidates.length ?? 0;
  emit(draft, { kind: 'FreezeProgress', received, expected: expectedCandidates(draft) });
}

/** Row 11: at once when every steward has answered, else at the end of the freeze. */
export function selectionDueAt(draft: Draft): number | undefined {
  const { phase, round, rules } = draft.state;
  if (phase.phase !== 'freezing' || phase.anchor === undefined) return undefined;
  const received = round?.candidates.length ?? 0;
  const expected = expectedCandidates(draft);
  return expected > 0 && received >= expected ? draft.now : phase.anchor + rules.settings.freezeMs;
}

/** §14.4: the best candidate that applies wins; rows 12 to 15. */
export async function select(draft: Draft): Promise<void> {
  transition(draft, 'freezeOver');
  const { round } = draft.state;
  const { epochSteward } = leadership(draft);
  const { mode } = draft.state.phase;
  const candidates: readonly RoundCandidate[] = round?.candidates ?? [];
  const ranked = appliedFirst(draft, rankCandidates(candidates, foremost(candidates, rotation(draft))));
  for (const candidate of ranked) {
    if (await applyCandidate(draft, candidate, ranked, epochSteward)) return;
  }
  draft.state.round = undefined;
  if (mode === 'recovery') draft.state.phase = { ...draft.state.phase, stalls: draft.state.phase.stalls + 1 };
  if (draft.state.queues.approved.length === 0) {
    transition(draft, 'nothingAppliedWithoutWork');
    return;
  }
  censure(draft, epochSteward);
  countFailedList(draft);
  transition(draft, 'nothingAppliedWithWork');
}

/** A list that was made for this very epoch and did not commit counts as a failed attempt: the next has another order. §13 */
function countFailedList(draft: Draft): void {
  const { stewardList } = plugins(draft);
  if (stewardList.list()?.electionEpoch === draft.state.group.epoch) stewardList.bumpRetry();
}

/** A freeze without a commit is held against the epoch steward, once an epoch (D-18). Row 14 */
function censure(draft: Draft, epochSteward: MemberId | undefined): void {
  const { phase } = draft.state;
  if (epochSteward === undefined || epochSteward === draft.self || phase.censured.includes(epochSteward)) return;
  draft.state.phase = { ...phase, censured: [...phase.censured, epochSteward] };
  observe(draft, [{ memberId: epochSteward, event: 'CensorshipInactivity' }]);
}

/** Layer 1 (§13): whoever may commit offers another candidate after the recovery window. */
export function rotationDueAt(draft: Draft): number | undefined {
  const { phase, rules } = draft.state;
  if (phase.phase !== 'reelection' || phase.anchor === undefined || openElection(draft) !== undefined) return undefined;
  return planCandidate(draft).updates.length === 0 ? undefined : phase.anchor + rules.settings.recoveryInactivityMs;
}
