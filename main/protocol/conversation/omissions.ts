/**
 * Stewards that leave out what they should have carried out (H-26): the same proven change twice, although it was shown to them
 * after the first time. One that could not know of it, or had a reason, is not blamed. Knows commits and the queue, no scores.
 */
import {
  MAX_CANDIDATE_BYTES,
  MAX_CANDIDATE_PROPOSALS,
  MAX_OBSERVATIONS,
  OMISSION_PROOF_MS,
} from '../../../shared/limits.ts';
import type { MemberId } from '../../../shared/model/ids.ts';
import type { RoundCandidate } from '../freeze/round.ts';
import { isOutlived, isRevocable, isSatisfied } from './decisions.ts';
import { scheduleNotice } from './decisionNotices.ts';
import type { Draft } from './draft.ts';
import { isUrgentRemoval } from './emergencies.ts';
import { isSynced } from './leadership.ts';
import { epochOf, isMember } from './roster.ts';
import type { ApprovedEntry } from './state.ts';

/** A quarter of a candidate is for key packages (§14.2): what goes beyond may wait for the next. */
const KEY_PACKAGE_BYTES = MAX_CANDIDATE_BYTES / 4;

/**
 * After a commit was applied and its entries left the queue, while its round is still there. True when its committer left out, for the
 * second time, a change that it must know; the first time everybody shows it the proof.
 */
export function isCensoring(draft: Draft, candidate: RoundCandidate, entries: readonly ApprovedEntry[]): boolean {
  const { committer } = candidate;
  const { omissions } = draft.state.emergencies;
  const epoch = epochOf(draft.state);
  const waiting = new Set(draft.state.queues.approved.map(({ proposalId }) => proposalId));
  const kept = omissions.filter(({ proposalId, steward }) => waiting.has(proposalId) && isMember(draft, steward));
  const left = leftOut(draft, candidate, entries);
  const known = left.flatMap((entry) => {
    const first = kept.find((other) => other.steward === committer && other.proposalId === entry.proposalId);
    return first === undefined ? [] : [{ entry, first }];
  });
  const repeated = known.filter(({ entry, first }) => {
    const { anchor } = draft.state.phase;
    if (first.epoch >= epoch || anchor === undefined || anchor < first.at + OMISSION_PROOF_MS) return false;
    // Joins go before a removal that its steward learned of in the same epoch, once.
    return entry.change.kind === 'add' || !adds(candidate) || first.epoch + 1 < epoch;
  });
  const fresh = left
    .filter((entry) => !known.some((other) => other.entry === entry))
    .map(({ proposalId }) => ({ steward: committer, proposalId, epoch, at: draft.now }));
  if (fresh.length > 0) scheduleNotice(draft);
  const rest = kept.filter((omission) => !repeated.some(({ first }) => first === omission));
  if (fresh.length > 0 || rest.length !== omissions.length)
    draft.state.emergencies = {
      ...draft.state.emergencies,
      omissions: [...rest, ...fresh].slice(-MAX_OBSERVATIONS),
    };
  return repeated.length > 0;
}

const adds = ({ actions }: RoundCandidate): boolean => actions.some(({ kind }) => kind === 'add');

/** What was approved, proven and due when the freeze began, and could have been in this commit. */
function leftOut(draft: Draft, candidate: RoundCandidate, entries: readonly ApprovedEntry[]): readonly ApprovedEntry[] {
  const { round, queues } = draft.state;
  if (round === undefined || !isSynced(draft) || candidate.committer === draft.self) return [];
  const isFull = candidate.proposals.length + 2 > MAX_CANDIDATE_PROPOSALS;
  if (isFull || isUrgent(draft, candidate, entries)) return [];
  return round.approvedAtStart.filter(
    (entry) =>
      queues.approved.some(({ proposalId }) => proposalId === entry.proposalId) &&
      entry.certificate !== undefined &&
      wasDue(draft, entry) &&
      hadRoom(draft, candidate, entries, entry),
  );
}

/** An urgent removal goes alone. */
function isUrgent(draft: Draft, { actions }: RoundCandidate, entries: readonly ApprovedEntry[]): boolean {
  const { urgent } = draft.state.emergencies;
  return (
    entries.some((entry) => isUrgentRemoval(draft, entry)) ||
    actions.some(({ kind, memberId }) => kind === 'remove' && memberId === urgent)
  );
}

/** Decided a batching window before the freeze began: whoever took part in the vote knew it by then. */
export function wasDue(draft: Draft, { record }: ApprovedEntry): boolean {
  const { anchor } = draft.state.phase;
  const { decidedAt } = record;
  const { commitInactivityMs } = draft.state.rules.settings;
  return anchor !== undefined && decidedAt !== undefined && decidedAt + commitInactivityMs <= anchor;
}

/** Whether nothing of §14.2 spoke against it: its own place, the order of joins and removals, the size, the group as it is. */
function hadRoom(
  draft: Draft,
  { committer, actions }: RoundCandidate,
  entries: readonly ApprovedEntry[],
  { change, votedIn }: ApprovedEntry,
): boolean {
  if (change.memberId === committer || actions.some(({ memberId }) => memberId === change.memberId)) return false;
  if (isSatisfied(draft, change) || isOutlived(draft, change, votedIn)) return false;
  if (change.kind === 'remove') return true;
  // A link that was made useless, or a re-join, may look different where its committer stands.
  if (isMember(draft, change.memberId) || isRevocable(draft, change)) return false;
  const isAdded = (memberId: MemberId): boolean =>
    actions.some((action) => action.kind === 'add' && action.memberId === memberId);
  if (actions.some(({ kind, memberId }) => kind === 'remove' && !isAdded(memberId))) return false;
  const bytes = entries.reduce(
    (total, entry) => total + (entry.change.kind === 'add' ? entry.change.keyPackage.length : 0),
    change.keyPackage.length,
  );
  return bytes <= KEY_PACKAGE_BYTES;
}
