/**
 * Whether what a commit does was approved (H-26): every action in the approved queue, or proven by a certificate, once, and an
 * addition with exactly the approved key package. Pure; knows nothing of MLS messages or votes.
 */
import type { MemberId } from '../../../shared/model/ids.ts';
import type { ApprovedChange, ApprovedEntry } from '../conversation/state.ts';
import type { CommitAction } from '../mls/contract.ts';

export type ActionsVerdict =
  | { readonly kind: 'approved' }
  /**
   * Somebody is added or removed of whom we know no approval (yet); also an approved joiner with another key package, which
   * may have been approved where we missed the vote. Never applied like that, and nobody's fault that we could prove.
   */
  | { readonly kind: 'unknown'; readonly reason: 'CandidateStashedEarly' | 'KeyPackageMismatch' }
  /** One action twice: no approval could make that right. */
  | { readonly kind: 'broken'; readonly reason: 'ActionTwice' };

export function judgeActions(actions: readonly CommitAction[], approved: readonly ApprovedChange[]): ActionsVerdict {
  const seen = new Set<string>();
  let unknown: (ActionsVerdict & { kind: 'unknown' })['reason'] | undefined;
  for (const action of actions) {
    const key = `${action.kind} ${action.memberId}`;
    if (seen.has(key)) return { kind: 'broken', reason: 'ActionTwice' };
    seen.add(key);
    const verdict = action.kind === 'add' ? judgeAddition(action, approved) : judgeRemoval(action, actions, approved);
    if (verdict === 'mismatch') unknown = 'KeyPackageMismatch';
    else if (verdict === 'unknown') unknown ??= 'CandidateStashedEarly';
  }
  return unknown === undefined ? { kind: 'approved' } : { kind: 'unknown', reason: unknown };
}

type Verdict = 'approved' | 'unknown' | 'mismatch';

function judgeAddition(action: CommitAction & { kind: 'add' }, approved: readonly ApprovedChange[]): Verdict {
  const invites = approved.filter((change) => change.kind === 'add' && change.memberId === action.memberId);
  const isExact = invites.some(
    (change) => change.kind === 'add' && Buffer.compare(change.reference, action.keyPackageReference) === 0,
  );
  if (isExact) return 'approved';
  return invites.length > 0 ? 'mismatch' : 'unknown';
}

/** A removal, or the first half of a re-join (H-17). */
function judgeRemoval(
  { memberId }: { readonly memberId: MemberId },
  actions: readonly CommitAction[],
  approved: readonly ApprovedChange[],
): Verdict {
  if (approved.some((change) => change.kind === 'remove' && change.memberId === memberId)) return 'approved';
  const isRejoin = actions.some((other) => other.kind === 'add' && other.memberId === memberId);
  return isRejoin && approved.some((change) => change.kind === 'add' && change.memberId === memberId)
    ? 'approved'
    : 'unknown';
}

/** The approvals that these actions carry out, one for each. */
export function entriesFor(
  actions: readonly CommitAction[],
  known: readonly ApprovedEntry[],
): readonly ApprovedEntry[] {
  // The first half of a re-join carries out no vote on a removal, which stays queued (H-17).
  const isRejoin = (memberId: MemberId): boolean =>
    actions.some((action) => action.kind === 'add' && action.memberId === memberId);
  return actions
    .filter((action) => action.kind === 'add' || !isRejoin(action.memberId))
    .flatMap((action) => known.find(({ change }) => isFor(change, action)) ?? []);
}

function isFor(change: ApprovedChange, action: CommitAction): boolean {
  if (change.memberId !== action.memberId || change.kind !== action.kind) return false;
  return (
    change.kind === 'remove' ||
    action.kind === 'remove' ||
    Buffer.compare(change.reference, action.keyPackageReference) === 0
  );
}
