/**
 * The steward list as the rest of the protocol sees it (§12, §13). Types only.
 * Knows nothing about votes, commits or who is online: epochs, rosters and eligibility are handed in.
 */
import type { ConversationId, MemberId } from '../../../shared/model/ids.ts';

/** Valid iff 1 <= min <= max. §12.1 */
export interface StewardListConfig {
  readonly min: number;
  readonly max: number;
  readonly allowSubsetCandidates: boolean;
}

/** An installed list: in force for the epochs electionEpoch .. electionEpoch + length - 1. */
export interface StewardList {
  readonly stewards: readonly MemberId[];
  readonly electionEpoch: bigint;
  /** The frozen round that the order was computed with; not the counter of the next attempt. */
  readonly retryRound: number;
}

/** Is a member and has no approved removal (§12.4). */
export type Eligible = (memberId: MemberId) => boolean;

/** The live pair; backup is never the epoch steward. */
export interface StewardPositions {
  readonly epochSteward?: MemberId;
  readonly backupSteward?: MemberId;
}

export type StewardRole = 'epoch_steward' | 'backup_steward' | 'steward' | 'member';

/** Counter of failed elections. `exhausted`: more attempts than allowed. §13 */
export type RetryOutcome =
  | { readonly kind: 'retry'; readonly round: number }
  | { readonly kind: 'exhausted'; readonly round: number; readonly max: number };

/** A member and the epoch that its joining commit began, as far as this node knows. */
export interface MemberJoin {
  readonly memberId: MemberId;
  /** Absent: member before we joined, hence settled. */
  readonly joinedAtEpoch?: bigint;
}

export interface StewardListSnapshot {
  readonly config: StewardListConfig;
  readonly list?: StewardList;
  readonly retryCounter: number;
  readonly maxReelectionAttempts: number;
}

export interface StewardListPlugin {
  config(): StewardListConfig;
  /** Throws StewardListError InvalidConfigSize. */
  setConfig(config: StewardListConfig): void;
  list(): StewardList | undefined;
  /** Installs a list that is in the generated order over itself as pool; otherwise StewardListError. §12.6 */
  install(list: StewardList): void;
  /** Generates from the pool with the largest valid size and installs. §12.2, §12.6 */
  regenerate(pool: readonly MemberId[], electionEpoch: bigint, retryRound: number): StewardList;
  /** Renews the list without a vote where the rules allow it; undefined: nothing to do. §12.6, D-23 */
  reconcile(members: readonly MemberJoin[], epoch: bigint): StewardList | undefined;
  /** Proposed list of an election: generated over the pool at an epoch, at the counter unless a round is named. §12.7 */
  nextElection(pool: readonly MemberId[], epoch: bigint, retryRound?: number): StewardList;
  /** The whole pool in the order of §12.2 at an epoch and the counter: who goes first where no list says so. §13.5, H-23 */
  order(pool: readonly MemberId[], epoch: bigint): readonly MemberId[];
  /** Elementwise comparison with the generated list over the pool; false also for what no list can be. §12.3 */
  validate(proposed: StewardList, pool: readonly MemberId[]): boolean;
  isSteward(memberId: MemberId): boolean;
  /** Without a list: false (D-12). */
  exhausted(epoch: bigint): boolean;
  positions(epoch: bigint, eligible: Eligible): StewardPositions;
  /** Before filtering. */
  nominalPositions(epoch: bigint): StewardPositions;
  /** First eligible from index 0; none without a list. */
  electionProposer(eligible: Eligible): MemberId | undefined;
  /** The list without those who are not eligible, in order. */
  eligibleStewards(eligible: Eligible): readonly MemberId[];
  role(memberId: MemberId, epoch: bigint, eligible: Eligible): StewardRole;
  retryCounter(): number;
  maxReelectionAttempts(): number;
  setMaxReelectionAttempts(attempts: number): void;
  /** An election was rejected or failed. Saturates at u32. §13.2 */
  bumpRetry(): RetryOutcome;
  /** A commit was merged. §13.4 */
  resetRetry(): void;
  /** Plain immutable data; the same reference as long as nothing changed. */
  snapshot(): StewardListSnapshot;
}

export interface StewardListOptions {
  readonly conversationId: ConversationId;
  readonly config: StewardListConfig;
  readonly maxReelectionAttempts: number;
}
