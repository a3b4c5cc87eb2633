/**
 * Who may commit now and in which order, from the steward list, the roster and the approved removals (§12.4, H-23).
 * Knows no timers and no candidates.
 */
import type { MemberId } from '../../../shared/model/ids.ts';
import { plugins, type Draft } from './draft.ts';
import { members, settledMembers } from './roster.ts';

export interface Leadership {
  /** Live epoch steward: the first of `order`; none before the sync, and none in Recovery mode. */
  readonly epochSteward: MemberId | undefined;
  /** Members that may commit and are eligible, the epoch steward first, then by rank; in Recovery mode everybody (H-24). */
  readonly order: readonly MemberId[];
  /** Whether a member's commit counts: listed members, eligible or not, or the stand-ins of `order`. */
  readonly mayCommit: (memberId: MemberId) => boolean;
}

/** Members whose removal is approved, or proven by a candidate of this round, and not committed yet. */
export function pendingRemovals(draft: Draft): ReadonlySet<MemberId> {
  const { queues, round } = draft.state;
  const proven = round?.candidates.flatMap((candidate) => (candidate.kind === 'remote' ? candidate.proven : [])) ?? [];
  return new Set(
    [...queues.approved, ...proven].flatMap(({ change }) => (change.kind === 'remove' ? [change.memberId] : [])),
  );
}

/** Members whose re-join is approved, or proven by a candidate of this round. H-17 */
function readmitted(draft: Draft): ReadonlySet<MemberId> {
  const { queues, round } = draft.state;
  const proven = round?.candidates.flatMap((candidate) => (candidate.kind === 'remote' ? candidate.proven : [])) ?? [];
  return new Set(
    [...queues.approved, ...proven].flatMap(({ change }) => (change.kind === 'add' ? [change.memberId] : [])),
  );
}

/**
 * `proven`: removals that a candidate proves and that our queue lacks. While nobody on the list is eligible, the settled
 * rest of the group stands in, in the order that an election over it would give; so the last steward can leave, and of
 * two members the one that stays commits (H-23).
 */
export function leadership(draft: Draft, proven: Iterable<MemberId> = []): Leadership {
  const { awaiting } = draft.state.sync;
  if (awaiting !== undefined) {
    return { epochSteward: undefined, order: [], mayCommit: (memberId) => memberId === awaiting.from };
  }
  const leaving = new Set([...pendingRemovals(draft), ...proven]);
  const present = members(draft);
  const stays = (memberId: MemberId): boolean => present.includes(memberId) && !leaving.has(memberId);
  // Who is to be let in again is elsewhere, and carries out nothing here; unless there is nobody else.
  const away = readmitted(draft);
  const isAnybodyHere = present.some((memberId) => stays(memberId) && !away.has(memberId));
  const eligible = (memberId: MemberId): boolean => stays(memberId) && !(isAnybodyHere && away.has(memberId));
  const { stewardList } = plugins(draft);
  if (draft.state.phase.mode === 'recovery') {
    const anybody = stewardList.order(present.filter(eligible), draft.state.group.epoch);
    return { epochSteward: undefined, order: anybody, mayCommit: (memberId) => present.includes(memberId) };
  }
  const list = stewardList.list();
  const listed = list?.stewards ?? [];
  const start =
    list === undefined ? 0 : Math.max(0, Number(draft.state.group.epoch - list.electionEpoch)) % listed.length;
  const order = [...listed.slice(start), ...listed.slice(0, start)].filter(eligible);
  if (order.length > 0) {
    return { epochSteward: order[0], order, mayCommit: (memberId) => listed.includes(memberId) };
  }
  const settled = settledMembers(draft.context, draft.state).filter(eligible);
  const pool = settled.length > 0 ? settled : present.filter(eligible);
  const standIns = pool.length === 0 ? [] : stewardList.nextElection(pool, draft.state.group.epoch).stewards;
  return { epochSteward: standIns[0], order: standIns, mayCommit: (memberId) => standIns.includes(memberId) };
}

/** The list from this epoch's slot on, before any filtering: the same at all members, whatever they know of approvals. */
export function rotation(draft: Draft): readonly MemberId[] {
  const list = plugins(draft).stewardList.list();
  if (list === undefined) return [];
  const start = Math.max(0, Number(draft.state.group.epoch - list.electionEpoch)) % list.stewards.length;
  return [...list.stewards.slice(start), ...list.stewards.slice(0, start)];
}

/** Whether the rules are known: before the sync a member neither votes nor proposes (H-17). */
export const isSynced = (draft: Draft): boolean => draft.state.sync.awaiting === undefined;
