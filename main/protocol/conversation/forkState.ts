/**
 * What a member remembers of where others are, and of its own place: beacons, forks, asking for its place again (H-27, H-28, H-17). Plain
 * immutable data; `parts.ts` says how it is stored.
 */
import type { MemberId } from '../../../shared/model/ids.ts';
import type { JoinerKeyPackage } from '../mls/contract.ts';

/** We ask to come in again, with a fresh key package, until a welcome for it arrives. H-28 */
export interface RejoinPart {
  readonly keyPackage: JoinerKeyPackage;
  /** The one before: a vote that began while it was fresh may end after we made another. */
  readonly earlier?: JoinerKeyPackage | undefined;
  /** A commit that we missed is nowhere to be had, or the group decided against our branch. */
  readonly cause: 'behind' | 'otherBranch';
  /** Commits of the branch that we are leaving which let us in again there: their welcomes lead nowhere. */
  readonly refused?: readonly { readonly committer: MemberId; readonly epoch: number; readonly hash: string }[];
  /** When we asked first, ms; unknown in a state that an earlier version wrote. */
  readonly since?: number | undefined;
  /** When the key package was made, ms. */
  readonly madeAt: number;
  readonly announcedAt: number;
}

export interface ForksPart {
  /** When we say in which state we are; undefined when we did. */
  readonly beaconDueAt: number | undefined;
  /** Members that are in another state of `epoch` than we are, since when by our clock, ms. */
  readonly fork: { readonly epoch: number; readonly since: number; readonly members: readonly MemberId[] } | undefined;
  /** When and how often we said in the clear that we are in this epoch. */
  readonly told: { readonly epoch: number; readonly at: number; readonly times: number } | undefined;
  /** When we say so although nothing hints that we are behind, ms: somebody may be. */
  readonly statusDueAt: number | undefined;
  /** The time, in seconds by its own clock, of each member's last beacon in the clear: an older one is a repetition. */
  readonly heard: readonly { readonly memberId: MemberId; readonly sentAt: number }[];
  /** Members that signed to be in an epoch after ours, in which state of it, as hex, and since when we know. */
  readonly ahead: readonly {
    readonly memberId: MemberId;
    readonly epoch: number;
    readonly authenticator?: string | undefined;
    readonly since: number;
  }[];
  /** Members that signed to be in an epoch before ours, although we told them ours; the longest known first. */
  readonly behind: readonly { readonly memberId: MemberId; readonly epoch: number; readonly since: number }[];
  /** Former members that spoke as members lately, and when we told them last, ms; 0: not yet. */
  readonly strangers: readonly { readonly memberId: MemberId; readonly toldAt: number }[];
  /** Members that signed that we are none in their epoch, and since when we know, ms. */
  readonly absentFor: readonly { readonly memberId: MemberId; readonly since: number }[];
  /** Commits that somebody needs, by the epoch that they led to. */
  readonly answers: readonly {
    readonly epoch: number;
    /** When we send it; undefined: it was answered. */
    readonly dueAt: number | undefined;
    /** When it was sent last by whomever, ms; 0: never. */
    readonly answeredAt: number;
    /** Whether somebody else sent it last, and whether we shall send it whatever others do. */
    readonly byOther: boolean;
    readonly insists: boolean;
  }[];
}

/** What a member had asked for where it could not stay, until it has asked again. */
export interface WishesPart {
  readonly isLeaving: boolean;
  readonly removals: readonly { readonly memberId: MemberId; readonly reason: string }[];
  /** When nobody waits for them any more, ms. */
  readonly until: number;
}
