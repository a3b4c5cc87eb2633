/**
 * The scores of one conversation's members and the moments when they cross the threshold (§15.2).
 * Knows the storage and the table of deltas that it was given, not why anything happened.
 */
import type { MemberId } from '../../../shared/model/ids.ts';
import type {
  MemberScore,
  PeerScoreStorage,
  PeerScoringPlugin,
  ScoreCrossing,
  ScoreDeltas,
  ScoreOp,
  ScoreSnapshot,
} from './contract.ts';
import { saturate, SCORE_DELTAS } from './deltas.ts';

export interface PeerScoringOptions {
  readonly storage: PeerScoreStorage;
  readonly defaultScore: bigint;
  readonly threshold: bigint;
  /** Defaults to the table of §15.1. */
  readonly deltas?: ScoreDeltas;
}

/** One instance per conversation. §15.2 */
export function createPeerScoring(options: PeerScoringOptions): PeerScoringPlugin {
  const { storage, deltas = SCORE_DELTAS } = options;
  let threshold = saturate(options.threshold);
  let defaultScore = saturate(options.defaultScore);

  /** Stores an absolute score and says whether it crossed the threshold on the way from `before`. */
  function put(memberId: MemberId, before: bigint | undefined, score: bigint): readonly ScoreCrossing[] {
    storage.set(memberId, score);
    return crossing(memberId, before, score, threshold);
  }

  function applyOp(op: ScoreOp): readonly ScoreCrossing[] {
    const before = storage.get(op.memberId);
    if (before === undefined) return [];
    return put(op.memberId, before, saturate(before + (deltas[op.event] ?? 0n)));
  }

  function applySnapshot(snapshot: ScoreSnapshot): readonly ScoreCrossing[] {
    return snapshot.diverged.flatMap(([memberId, score]) => put(memberId, storage.get(memberId), saturate(score)));
  }

  return {
    addMember: (memberId) => put(memberId, storage.get(memberId), defaultScore),
    removeMember: (memberId) => {
      storage.remove(memberId);
    },
    applyOp,
    applyOps: (ops) => ops.flatMap((op) => applyOp(op)),
    applySnapshot,
    snapshot: () => ({ diverged: ordered(storage).filter(([, score]) => score !== defaultScore) }),
    scoreFor: (memberId) => storage.get(memberId),
    membersBelowThreshold: () =>
      ordered(storage)
        .filter(([, score]) => score <= threshold)
        .map(([memberId]) => memberId),
    allMembersWithScores: () => ordered(storage),
    threshold: () => threshold,
    setThreshold: (value) => {
      threshold = saturate(value);
    },
    defaultScore: () => defaultScore,
    setDefaultScore: (value) => {
      defaultScore = saturate(value);
    },
  };
}

/** "Below" is score <= threshold; an untracked member counts as above. §15.2 */
function crossing(
  memberId: MemberId,
  before: bigint | undefined,
  score: bigint,
  threshold: bigint,
): readonly ScoreCrossing[] {
  const wasBelow = before !== undefined && before <= threshold;
  const isBelow = score <= threshold;
  if (wasBelow === isBelow) return [];
  return [{ kind: isBelow ? 'ThresholdCrossedDown' : 'ThresholdCrossedUp', memberId, score }];
}

/** By member id, so that a snapshot does not depend on the storage behind it. */
function ordered(storage: PeerScoreStorage): readonly MemberScore[] {
  return [...storage.all()].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}
