/**
 * A freeze round and the candidates in it (§14.1), as plain data. Knows nothing about how they were authenticated.
 */
import type { MemberId } from '../../../shared/model/ids.ts';
import type { ApprovedEntry } from '../conversation/state.ts';
import type { CommitAction, MlsGroup } from '../mls/contract.ts';

interface CandidateCore {
  /** SHA-256 of the commit message, hex. */
  readonly hash: string;
  /** Authenticated by MLS, never what the packet claims (H-7). */
  readonly committer: MemberId;
  readonly proposals: readonly Uint8Array[];
  readonly commit: Uint8Array;
  readonly actions: readonly CommitAction[];
}

/** Our own: `next` is the group after it, and the welcome is kept back until it won (§14.2). */
export interface OwnRoundCandidate extends CandidateCore {
  readonly kind: 'own';
  readonly next: MlsGroup;
  readonly welcome: Uint8Array | undefined;
}

/** Somebody else's, staged and allowed. */
export interface RemoteRoundCandidate extends CandidateCore {
  readonly kind: 'remote';
  readonly selfRemoved: boolean;
  /** The group after it. In memory only: made anew by staging when it is missing. */
  readonly next: MlsGroup | undefined;
  /** Decisions that justify it: proven by it, or in our queue when it came, whatever happens to them there since. */
  readonly proven: readonly ApprovedEntry[];
}

export type RoundCandidate = OwnRoundCandidate | RemoteRoundCandidate;

export interface Round {
  readonly epoch: number;
  /** The approved queue when Freezing was entered (H-26: R). */
  readonly approvedAtStart: readonly ApprovedEntry[];
  /** At most one of each committer. */
  readonly candidates: readonly RoundCandidate[];
  /** Committers of two different candidates: both were dropped (H-7). */
  readonly equivocators: readonly MemberId[];
  /** Our own candidate could not be built. */
  readonly failed: boolean;
}

/** A candidate that came before the approval that it needs; replayed after each outcome. One per member. */
export interface StashedCandidate {
  readonly epoch: number;
  readonly committer: MemberId;
  readonly packet: Uint8Array;
  readonly hash: string;
}

export function openRound(epoch: number, approved: readonly ApprovedEntry[]): Round {
  return { epoch, approvedAtStart: approved, candidates: [], equivocators: [], failed: false };
}
