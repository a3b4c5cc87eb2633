/**
 * The parts that the state of a conversation is made of: plain immutable data, shared by reference between steps.
 * Knows no behaviour; `parts.ts` says how each part is stored.
 */
import type { Proposal as ProposalRecord } from '../../../shared/api/model.ts';
import type { ConversationSettings } from '../../../shared/api/settings.ts';
import type { MemberId, ProposalId } from '../../../shared/model/ids.ts';
import type { ConsensusSnapshot } from '../consensus/contract.ts';
import type { Round, StashedCandidate } from '../freeze/round.ts';
import type { CommitFacts } from '../journal/index.ts';
import type { JoinerKeyPackage, MlsGroup } from '../mls/contract.ts';
import type { StewardListSnapshot } from '../steward-list/contract.ts';
import {
  emptyDeliveryMemory,
  type ChatPart,
  type DeliveryMemory,
  type HeardMember,
  type OwnMessage,
} from './delivery/state.ts';
import type { ForksPart, RejoinPart, WishesPart } from './forkState.ts';
import type { ConversationState, OperatingMode, PacketSubject, Phase, Subtopic } from './contract.ts';
import type { Counters } from './reasons.ts';
import type { Violation } from './requests.ts';

/** Name and rules of the group (architecture 4). */
export interface RulesPart {
  readonly name: string;
  readonly settings: ConversationSettings;
}

/** Where the state machine of §9 is. Times in ms. */
export interface PhasePart {
  readonly phase: Exclude<Phase, 'pendingJoin'>;
  readonly mode: OperatingMode;
  /** Working: when approved work was first seen. Freezing and Reelection: when the phase began. */
  readonly anchor: number | undefined;
  /** Whom a freeze without commit was held against in this epoch (D-18). */
  readonly censured: readonly MemberId[];
  /** Commits (SHA-256, hex) of this epoch whose fault was scored: whoever repeats the packet does not repeat the score. */
  readonly blamed: readonly string[];
  /** Reelection: the others were told which decisions wait here. */
  readonly noticed: boolean;
  /** When they are told in other states, ms; undefined while nobody needs it. */
  readonly noticeDueAt: number | undefined;
  /** An accepted emergency asked for a freeze at once (row 9). */
  readonly forced: boolean;
  /** Recoveries of this epoch that came to nothing: each makes the next one wait longer. */
  readonly stalls: number;
}

/** What emergencies need to remember (§16, H-9). */
export interface EmergenciesPart {
  /** Whose removal the next commit has to contain (§11.6). */
  readonly urgent: MemberId | undefined;
  /** Faults that we saw ourselves, by epoch: an accusation is supported by one of this or the previous epoch. */
  readonly observations: readonly {
    readonly memberId: MemberId;
    readonly violation: Violation;
    readonly epoch: number;
  }[];
  /** Emergencies of the last minutes by creator, ms: three in ten minutes are allowed. */
  readonly filed: readonly { readonly creator: MemberId; readonly at: number }[];
  /** No vote of our own is opened before, ms: all places were taken. */
  readonly pausedUntil: number | undefined;
  /** Since when, ms, a member's score is so low that stewards have to ask for its removal; undefined while there is none. */
  readonly lowSince: number | undefined;
  /** Changes that a steward left out of a commit of its own once, the epoch that it began, and when, ms. H-26 */
  readonly omissions: readonly {
    readonly steward: MemberId;
    readonly proposalId: ProposalId;
    readonly epoch: number;
    readonly at: number;
  }[];
  /** Scores at which the group declined a removal: asked again only below. */
  readonly declined: readonly { readonly memberId: MemberId; readonly score: bigint }[];
}

/** A decision about who may commit, with its proof. */
export interface Mandate {
  readonly proposalId: ProposalId;
  readonly epoch: number;
  /** The encoded proposal with the votes that accepted it. */
  readonly proposal: Uint8Array;
}

/** Why others than the listed may commit, or why the list is another one, in this epoch (H-26). */
export interface MandatePart {
  readonly election: Mandate | undefined;
  readonly deadlock: Mandate | undefined;
  /** The epoch that a commit of Recovery mode began: it calls for an election (13.3). */
  readonly recoveredIn: number | undefined;
}

/** A membership change that a vote, a member's own wish or a certificate approved. */
export type ApprovedChange =
  | {
      readonly kind: 'add';
      readonly memberId: MemberId;
      readonly keyPackage: Uint8Array;
      readonly reference: Uint8Array;
      readonly mac: Uint8Array;
      readonly displayName: string;
    }
  | { readonly kind: 'remove'; readonly memberId: MemberId; readonly selfLeave: boolean };

/** An entry of the approved queue (§11.4). */
export interface ApprovedEntry {
  readonly proposalId: ProposalId;
  readonly change: ApprovedChange;
  /** The epoch whose members were asked. */
  readonly votedIn: number;
  /** Our epoch when we learned of the approval. */
  readonly epoch: number;
  /** The vote as it stood when it was decided, for the journal. */
  readonly record: ProposalRecord;
  /** The encoded proposal with its votes when they prove the decision by themselves (H-26). */
  readonly certificate: Uint8Array | undefined;
  /** The encoded DecisionEvidence for the group's journal: the votes as they decided, and who was asked. */
  readonly evidence: Uint8Array;
}

export interface QueuesPart {
  /** FIFO by insertion. */
  readonly approved: readonly ApprovedEntry[];
  /** Of this epoch, decided by silence, and waited for in vain: who was cut off from us may have carried one out before. */
  readonly lapsed?: readonly ApprovedEntry[] | undefined;
  /** Outcomes that were applied, FIFO (§11.6). */
  readonly resolved: readonly ProposalId[];
  /** SHA-256 of the last applied commits, as hex. */
  readonly committed: readonly string[];
  /** Members whom this group removed by vote: their join is never automatic. */
  readonly votedOut: readonly MemberId[];
  /** When we said for the first time that we leave, ms. */
  readonly leavingSince: number | undefined;
  /** It is not our wish to leave, but what the group decided. */
  readonly leavesByVote?: true;
}

/** A join that every member remembers so that a later steward can propose it (§11.5). */
export interface PendingUpdate {
  readonly memberId: MemberId;
  readonly keyPackage: Uint8Array;
  readonly reference: Uint8Array;
  readonly mac: Uint8Array;
  readonly displayName: string;
  readonly firstSeenEpoch: number;
  readonly firstSeenAt: number;
}

export interface PendingUpdatesPart {
  readonly entries: readonly PendingUpdate[];
  /** When announcements were taken in during the last minute (H-37). */
  readonly recent: readonly number[];
  /** KeyPackageRefs (hex) whose join was refused: asking again takes a fresh key package. */
  readonly refused: readonly string[];
  /** KeyPackageRefs (hex) whose vote ran out because members were away; they are proposed again, people read of it once. */
  readonly unanswered: readonly string[];
}

/** An automatic vote that waits for its delay; what it will be is judged when it is due. */
export interface AutomaticVote {
  readonly proposalId: ProposalId;
  readonly dueAt: number;
}

/** A vote that overtook its proposal. */
export interface EarlyVote {
  readonly proposalId: ProposalId;
  readonly sender: MemberId;
  readonly epoch: bigint;
  /** The encoded Vote. */
  readonly vote: Uint8Array;
  readonly at: number;
}

export interface VotesPart {
  readonly early: readonly EarlyVote[];
  readonly automatic: readonly AutomaticVote[];
  /** Own votes that a rule cast. */
  readonly byRule: readonly ProposalId[];
}

/** H-33; ordered by (epoch, counter, secret). */
export interface InviteSecret {
  readonly epoch: number;
  readonly counter: number;
  readonly secret: Uint8Array;
}

/** How a member came in, as far as we saw it. */
export interface Join {
  readonly memberId: MemberId;
  /** First epoch with this leaf. */
  readonly epoch: number;
  /** First epoch as a member: a re-join does not make a removal void that was voted before it (H-17). */
  readonly memberSince: number;
  /** Start of the lifetime of the key package that brought it in, in seconds; undefined when we did not see it. */
  readonly keyPackageFrom?: number;
  /** Our clock when we learned it, ms. */
  readonly at: number;
  readonly committer: MemberId;
}

export interface RosterPart {
  readonly names: readonly (readonly [MemberId, string])[];
  /** Joins since we are a member; whoever is missing was a member before us, hence settled. */
  readonly joins: readonly Join[];
  /** The last departures: a vote on somebody's re-join ends with their membership. */
  readonly departures: readonly { readonly memberId: MemberId; readonly epoch: number }[];
  /** Members of the epochs of the past-epoch window (H-31), newest first, and when each ended by our clock, ms. */
  readonly past: readonly { readonly epoch: number; readonly members: readonly MemberId[]; readonly endedAt: number }[];
  /** Who was asked in votes that began before we came, as the sync told us (H-26). */
  readonly electorates: readonly { readonly proposalId: ProposalId; readonly members: readonly MemberId[] }[];
  /** KeyPackageRefs (hex) that brought somebody in: a repeated announcement of one is no new wish to join. */
  readonly usedKeyPackages: readonly string[];
}

/** How a joiner gets the rules (§17). Undefined fields: nothing is due. */
export interface SyncPart {
  /** Set until a sync was accepted. */
  readonly awaiting: { readonly from: MemberId; readonly nextRequestAt: number } | undefined;
  /** Requests of joiners that we may have to answer. */
  readonly answers: readonly { readonly requester: MemberId; readonly dueAt: number }[];
  /** When we last answered somebody, ms. */
  readonly lastAnswerAt: number | undefined;
}

/** A welcome that our own commit made, for a joiner that did not get it. */
export interface OwnWelcome {
  /** SHA-256 of the packet, hex. */
  readonly id: string;
  readonly packet: Uint8Array;
  readonly references: readonly string[];
  readonly createdAt: number;
  readonly lastSentAt: number;
}

export interface ParkedPacket {
  /** SHA-256 of the packet, hex. */
  readonly id: string;
  readonly subtopic: Subtopic;
  readonly payload: Uint8Array;
  readonly at: number;
}

/** A member's signed word that it applied a commit. H-28 */
export interface Attestation {
  readonly memberId: MemberId;
  /** SHA-256 of the commit, hex. */
  readonly hash: string;
  readonly signature: Uint8Array;
}

/** The last word of a member, and the commits that it named before: who repeats those in its name is not believed. */
export interface KeptAttestation extends Attestation {
  readonly withdrawn: readonly string[];
}

/** The attestations about the commits that led to one epoch: one of each member. */
export interface AttestedEpoch {
  readonly epoch: number;
  /** When we heard of it first, ms. */
  readonly since: number;
  readonly attestations: readonly KeptAttestation[];
}

/** A commit that we applied, as it travelled. H-28 */
export interface AppliedCommit {
  /** The epoch that it led to. */
  readonly epoch: number;
  /** SHA-256 of the commit, hex. */
  readonly hash: string;
  readonly committer: MemberId;
  readonly proposals: readonly Uint8Array[];
  readonly commit: Uint8Array;
  /** Encoded proposals with the votes that justify it. */
  readonly certificates: readonly Uint8Array[];
  /** Of the epoch that it led to, as beacons carry it. */
  readonly authenticator: Uint8Array;
  /** The members before it. */
  readonly roster: readonly MemberId[];
  /** Candidates (SHA-256 of the commit, hex) for the same epoch that rank behind it. */
  readonly outranks: readonly string[];
}

/** What is kept for a while after a commit, so that a better one for the same epoch can still be followed. H-27 */
export interface ForkGrace {
  /** The epoch that the commit ended. */
  readonly epoch: number;
  /** When it was applied, and when everything here is erased, ms. */
  readonly since: number;
  readonly until: number;
  /** The commit (SHA-256, hex) that was taken back for the present one: there is no second time. */
  readonly abandoned: string | undefined;
  /** Our state before the commit, without a grace of its own. */
  readonly before: ActiveState;
}

/** What we said other than chat, as it was before it was encrypted, while the epoch that it was said in may be given up. H-27 */
export interface SentMessage {
  /** The encoded AppMessage. */
  readonly message: Uint8Array;
  readonly subject: PacketSubject;
  readonly expiresAt: number;
}

/** What lives in memory only: a restart may forget it. */
export interface VolatilePart {
  /** SHA-256 (hex) of our last payloads (H-32). MLS and the candidate's sender say the same of what is older. */
  readonly ownPayloads: readonly string[];
  /** Whose notices of decisions were looked at lately. */
  readonly noticedBy: readonly { readonly memberId: MemberId; readonly at: number }[];
  /** Drops and no-ops by name (§19.1). */
  readonly counters: Counters;
  /** When we looked at announcements of members without a valid invite during the last minute, ms. */
  readonly rejoins: readonly number[];
  /** Welcomes of others that came before the commit that they belong to. */
  readonly welcomes: readonly Uint8Array[];
  readonly delivery: DeliveryMemory;
}

/** The group's journal as all members share it; the records themselves are with the store. */
export interface JournalPart {
  /** SHA-256 over the last link; undefined until the sync told us. */
  readonly head: Uint8Array | undefined;
  /** Commits in it: the epoch of the head. */
  readonly length: number;
  /** Commits that we applied while the head was unknown. */
  readonly waiting: readonly CommitFacts[];
}

/** A joiner that waits for its welcome (§8.3). */
export interface PendingState extends ConversationState {
  readonly kind: 'pending';
  readonly joiner: {
    readonly name: string;
    readonly inviter: MemberId;
    readonly inviterName: string;
    readonly secret: Uint8Array;
    readonly keyPackage: JoinerKeyPackage;
    readonly startedAt: number;
    readonly expiresAt: number;
    readonly lastAnnouncedAt: number;
  };
  /** Packets that overtook our welcome; in memory only. */
  readonly early: readonly ParkedPacket[];
  readonly volatile: VolatilePart;
}

/** A member. */
export interface ActiveState extends ConversationState {
  readonly kind: 'active';
  readonly rules: RulesPart;
  readonly group: MlsGroup;
  readonly phase: PhasePart;
  readonly consensus: ConsensusSnapshot;
  readonly stewardList: StewardListSnapshot;
  readonly scores: ReadonlyMap<MemberId, bigint>;
  readonly queues: QueuesPart;
  readonly emergencies: EmergenciesPart;
  readonly mandate: MandatePart;
  readonly pendingUpdates: PendingUpdatesPart;
  readonly votes: VotesPart;
  readonly round: Round | undefined;
  readonly stash: readonly StashedCandidate[];
  readonly invite: InviteSecret | undefined;
  readonly roster: RosterPart;
  readonly chat: ChatPart;
  /** Own messages that wait or that somebody lacks, in the order in which they were written. */
  readonly own: readonly OwnMessage[];
  readonly heard: readonly HeardMember[];
  readonly sync: SyncPart;
  readonly journal: JournalPart;
  readonly welcomes: readonly OwnWelcome[];
  readonly parked: readonly ParkedPacket[];
  /** The last commits, oldest first. */
  readonly applied: readonly AppliedCommit[];
  readonly attested: readonly AttestedEpoch[];
  readonly grace: ForkGrace | undefined;
  /** What we said since the last commit other than chat, oldest first; empty without a grace. */
  readonly sent: readonly SentMessage[];
  readonly forks: ForksPart;
  readonly rejoin: RejoinPart | undefined;
  /** What we ask again since we came in again. */
  readonly wishes: WishesPart | undefined;
  /** Set while the state comes from a copy of the store and we have no place in the group: `restored.ts`. */
  readonly restored: { readonly since: number } | undefined;
  readonly volatile: VolatilePart;
}

export type State = PendingState | ActiveState;

export const emptyVolatile: VolatilePart = {
  ownPayloads: [],
  noticedBy: [],
  counters: {},
  rejoins: [],
  welcomes: [],
  delivery: emptyDeliveryMemory,
};
