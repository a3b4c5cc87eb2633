/**
 * Peer scoring as the rest of the protocol sees it, and the storage that it stands on (§15). Types only.
 * Knows nothing about why a score changes or what happens to a member whose score is low.
 */
import type { MemberId } from '../../../shared/model/ids.ts';

/** What a member did, as the score sees it. §15.1 */
export type ScoreEventKind =
  | 'BrokenCommit'
  | 'BrokenMlsProposal'
  | 'CensorshipInactivity'
  | 'EmergencyYesCreator'
  | 'EmergencyNoCreator'
  | 'SuccessfulCommit'
  | 'HonestCommitAttempt'
  | 'MisbehavingCommit';

/** Points for each event; an event that is missing counts 0. */
export type ScoreDeltas = Readonly<Partial<Record<ScoreEventKind, bigint>>>;

export interface ScoreOp {
  readonly memberId: MemberId;
  readonly event: ScoreEventKind;
}

/** A member's score went over the threshold, or came back. "Below" is score <= threshold. */
export interface ScoreCrossing {
  readonly kind: 'ThresholdCrossedDown' | 'ThresholdCrossedUp';
  readonly memberId: MemberId;
  readonly score: bigint;
}

export type MemberScore = readonly [memberId: MemberId, score: bigint];

/** Scores that differ from the default. */
export interface ScoreSnapshot {
  readonly diverged: readonly MemberScore[];
}

/** Where the scores of one conversation live. Scores fit a signed 64-bit integer. */
export interface PeerScoreStorage {
  get(memberId: MemberId): bigint | undefined;
  set(memberId: MemberId, score: bigint): void;
  /** Unknown member: nothing happens. */
  remove(memberId: MemberId): void;
  /** In any order. */
  all(): readonly MemberScore[];
}

/** The contract of §15.2. */
export interface PeerScoringPlugin {
  /** Sets the default score; calling it twice resets the score, so the caller must guard. */
  addMember(memberId: MemberId): readonly ScoreCrossing[];
  /** Idempotent, no events. */
  removeMember(memberId: MemberId): void;
  /** An untracked member: nothing happens, nobody is added. */
  applyOp(op: ScoreOp): readonly ScoreCrossing[];
  /** In order; one crossing for each time the threshold is crossed, also inside the batch. */
  applyOps(ops: readonly ScoreOp[]): readonly ScoreCrossing[];
  /** Absolute scores; unknown members are added. */
  applySnapshot(snapshot: ScoreSnapshot): readonly ScoreCrossing[];
  snapshot(): ScoreSnapshot;
  scoreFor(memberId: MemberId): bigint | undefined;
  /** score <= threshold */
  membersBelowThreshold(): readonly MemberId[];
  allMembersWithScores(): readonly MemberScore[];
  threshold(): bigint;
  /** Emits nothing; the caller must look at `membersBelowThreshold` again. */
  setThreshold(threshold: bigint): void;
  defaultScore(): bigint;
  /** Counts for later `addMember` only. */
  setDefaultScore(score: bigint): void;
}
