/**
 * One conversation as the messenger sees it: an input goes in, a step comes out (H-0). Types only.
 * Must not know storage, network or the App API's transports; the messenger carries out the effects.
 */
import type { ConversationId, MemberId, MessageId, ProposalId } from '../../../shared/model/ids.ts';
import type { GovernanceEntry, Message, Proposal, MemberRole } from '../../../shared/api/model.ts';
import type { ConversationSettings } from '../../../shared/api/settings.ts';
import type { Counters } from './reasons.ts';

export type Subtopic = 'app_msg' | 'welcome';

/** States of §9.1. `left` is not one of them: a conversation that ended has no state here any more. */
export type Phase = 'pendingJoin' | 'working' | 'freezing' | 'selection' | 'reelection';
export type OperatingMode = 'normal' | 'recovery';

/** Why a conversation ended for us. */
export type EndCause = 'left' | 'removed' | 'expired';

/** What happens to a conversation. `now` comes beside it; an input never carries its own clock unless it is a person's act. */
export type ConversationInput =
  | {
      readonly kind: 'packet';
      readonly subtopic: Subtopic;
      readonly payload: Uint8Array;
      /** A member gave it to us in an exchange: it travelled when we were away, and its time is over for most rules. */
      readonly late?: true;
    }
  /** A deadline may have come; harmless when none has. */
  | { readonly kind: 'wake' }
  /** Somebody who can hear the conversation's topics is connected now: a waiting joiner announces itself at once. */
  | { readonly kind: 'reachable' }
  /** Nobody who can hear the conversation's topics is connected any more: what is written now waits as plain text. */
  | { readonly kind: 'unreachable' }
  /** An exchange with a member ended. `whole`: we took everything that it has for us. */
  | { readonly kind: 'caughtUp'; readonly with: MemberId; readonly whole: boolean }
  | { readonly kind: 'sendMessage'; readonly messageId: MessageId; readonly text: string; readonly replyTo?: MessageId }
  | { readonly kind: 'vote'; readonly proposalId: ProposalId; readonly approve: boolean }
  | { readonly kind: 'removeMember'; readonly memberId: MemberId; readonly reason?: string }
  | { readonly kind: 'leave' }
  | { readonly kind: 'resetInvite' }
  /** Our display name changed: tell the group. */
  | { readonly kind: 'setDisplayName'; readonly displayName: string };

/** What a packet is about, so that the outbox can tell the person and knows how long trying makes sense. */
export type PacketSubject =
  | { readonly kind: 'message'; readonly messageId: MessageId }
  | { readonly kind: 'announcement' }
  | { readonly kind: 'governance' };

/** Events of a session (§20.1), in order; they do not survive a restart and need not. */
export type SessionEvent =
  | { readonly kind: 'PhaseChange'; readonly phase: Phase }
  | { readonly kind: 'Joined' }
  | { readonly kind: 'Leaving'; readonly cause: EndCause }
  | { readonly kind: 'Error'; readonly operation: string; readonly message: string }
  | { readonly kind: 'OwnProposalSubmitted'; readonly proposalId: ProposalId }
  | { readonly kind: 'VoteRequested'; readonly proposalId: ProposalId }
  | { readonly kind: 'ConsensusReached'; readonly proposalId: ProposalId; readonly approved: boolean }
  /** Members are in another state of this epoch than we are. H-27 */
  | { readonly kind: 'ForkDetected'; readonly epoch: number; readonly members: readonly MemberId[] }
  /** They are not any more, or no members. */
  | { readonly kind: 'ForkHealed'; readonly epoch: number }
  /** We ask to come in again: a commit is nowhere to be had, or the group went another way. H-28 */
  | { readonly kind: 'Rejoining'; readonly cause: 'behind' | 'otherBranch' }
  | { readonly kind: 'Rejoined' }
  /** So many messages of a member are known by number and have not come; 0: all came. */
  | { readonly kind: 'MessagesMissing'; readonly sender: MemberId; readonly missing: number }
  | { readonly kind: 'FreezeProgress'; readonly received: number; readonly expected: number }
  | {
      readonly kind: 'CommitApplied';
      readonly epoch: number;
      readonly changes: readonly { readonly kind: 'added' | 'removed'; readonly memberId: MemberId }[];
    };

/**
 * What is kept for members who were away. Packets are as they travelled; `hash` is the first half of the SHA-256 of the packet, of a
 * commit the first half of the commit's.
 */
export type LogEntry =
  /**
   * The group came into an epoch. Everything that was kept of this and later epochs belongs to a branch that was given up, and
   * goes. `branch` is equal for all who are in the same state of the epoch.
   */
  | {
      readonly kind: 'epoch';
      readonly epoch: number;
      readonly branch: Uint8Array;
      readonly members: readonly MemberId[];
    }
  /** A message of that epoch. */
  | { readonly kind: 'app'; readonly epoch: number; readonly hash: Uint8Array; readonly payload: Uint8Array }
  /** The commit that ended the epoch; it replaces what was kept as that before. */
  | { readonly kind: 'commit'; readonly epoch: number; readonly hash: Uint8Array; readonly payload: Uint8Array }
  /** A packet of the welcome topic that lets somebody in. */
  | { readonly kind: 'welcome'; readonly epoch: number; readonly hash: Uint8Array; readonly payload: Uint8Array };

/** What a step asks the messenger to make durable and then to let out. Everything of one step is one transaction. */
export type Effect =
  /** A packet for the outbox. After `expiresAt` (ms) it is not worth sending any more. */
  | {
      readonly kind: 'publish';
      readonly subtopic: Subtopic;
      readonly payload: Uint8Array;
      readonly subject: PacketSubject;
      readonly expiresAt: number;
    }
  /** A message to store, own, received or a system line. A message id that is already stored changes nothing. */
  | { readonly kind: 'message'; readonly message: Message }
  /** Who has a message of ours, and of how many that are to have it. */
  | {
      readonly kind: 'delivery';
      readonly messageId: MessageId;
      readonly deliveredTo: readonly MemberId[];
      readonly expected: number;
    }
  | { readonly kind: 'messageStatus'; readonly messageId: MessageId; readonly status: Message['status'] }
  /** A line for the journal. Names are left out; the messenger adds them for display. */
  | { readonly kind: 'journal'; readonly entry: GovernanceEntry }
  /** A record of the group's journal. It replaces what was kept for this epoch and after it (H-27). */
  | { readonly kind: 'groupJournal'; readonly epoch: number; readonly record: Uint8Array }
  /** Something that members may ask us for who were away (architecture 5). */
  | { readonly kind: 'log'; readonly entry: LogEntry }
  /** We left a branch: what was kept of the commits that led to this epoch and after it belongs to nobody's past. H-28 */
  | { readonly kind: 'abandoned'; readonly from: number }
  /** Something is missing, or we are behind: members may have it (architecture 5). */
  | { readonly kind: 'catchUp' }
  /** The record of a vote as it stands now, to be kept after its session is gone. */
  | { readonly kind: 'proposal'; readonly change: 'opened' | 'updated' | 'decided'; readonly proposal: Proposal }
  /** A member told its name. */
  | { readonly kind: 'memberName'; readonly memberId: MemberId; readonly displayName: string }
  | { readonly kind: 'event'; readonly event: SessionEvent };

/** User-level events (§20.2): Created before any session event of that conversation, Removed last. */
export type ConversationLifecycle =
  | { readonly kind: 'Created'; readonly conversationId: ConversationId }
  | { readonly kind: 'Removed'; readonly conversationId: ConversationId; readonly cause: EndCause };

/** What the caller of a command learns. */
export type StepReply = { readonly proposalId?: ProposalId };

/** One conversation's whole state, immutable; opaque to everybody but this folder. See `parts.ts` for how it is stored. */
export interface ConversationState {
  readonly conversationId: ConversationId;
}

/** The outcome of one input. Nothing of it has happened until the messenger committed it and handed it to `install`. */
export interface Step<State extends ConversationState = ConversationState> {
  readonly conversationId: ConversationId;
  /** The state before: what `changedWrites` compares with. Undefined for a conversation that begins. */
  readonly before: State | undefined;
  /** The state to go on with; undefined when the conversation ended. */
  readonly after: State | undefined;
  readonly effects: readonly Effect[];
  readonly lifecycle: readonly ConversationLifecycle[];
  readonly reply: StepReply;
  /** When to send `wake` at the latest, in ms since the epoch; undefined when nothing is due. */
  readonly nextWakeupAt: number | undefined;
}

/** Writes that make a step durable: the parts of the state that changed, and single scores. `null` deletes. */
export interface ConversationWrites {
  readonly parts: readonly { readonly name: string; readonly bytes: Uint8Array | null }[];
  readonly scores: readonly { readonly memberId: MemberId; readonly score: bigint | null }[];
  /** Secrets go with these writes: no earlier form of the parts may be found in the store afterwards (H-27, H-31). */
  readonly forgets?: boolean;
}

/** A conversation as stored. */
export interface StoredConversation {
  readonly conversationId: ConversationId;
  readonly parts: ReadonlyMap<string, Uint8Array>;
  readonly scores: readonly (readonly [MemberId, bigint])[];
}

export interface MemberView {
  readonly memberId: MemberId;
  /** Of the device that it is in the group with. */
  readonly signatureKey: Uint8Array;
  readonly role: MemberRole;
  readonly score: number;
  readonly pendingLeave: boolean;
  readonly pendingRemoval: boolean;
}

/** What a conversation holds for later. */
export interface QueueSizes {
  /** Approved changes that wait for a commit. */
  readonly approvedChanges: number;
  readonly openVotes: number;
  /** Votes that overtook their proposal. */
  readonly earlyVotes: number;
  /** Our own votes that a rule will cast. */
  readonly automaticVotes: number;
  /** People who asked to come in. */
  readonly waitingJoiners: number;
  /** Packets of a later epoch. */
  readonly parkedPackets: number;
  /** Candidates that wait for approvals. */
  readonly stashedCandidates: number;
  /** Own chat that waits until a change has settled. */
  readonly queuedMessages: number;
  /** Own messages that somebody has not acknowledged. */
  readonly unacknowledged: number;
  /** Own welcomes that are kept for joiners who miss theirs. */
  readonly keptWelcomes: number;
}

/** Everything that the App API shows of a conversation, computed from its state alone. */
export interface ConversationView {
  readonly conversationId: ConversationId;
  readonly name: string;
  readonly phase: Phase;
  readonly mode: OperatingMode;
  /** -1 while pending. */
  readonly epoch: number;
  /** RFC 9420's, as hex; empty while pending. */
  readonly epochAuthenticator: string;
  readonly electionEpoch: number;
  readonly retryRound: number;
  readonly members: readonly MemberView[];
  readonly stewards: readonly MemberId[];
  readonly openProposals: readonly Proposal[];
  readonly approvedProposals: readonly Proposal[];
  readonly freeze: { readonly received: number; readonly expected: number } | null;
  readonly settings: ConversationSettings;
  /** Set while pending. */
  readonly waiting?: {
    readonly inviter: MemberId;
    readonly inviterName: string;
    readonly since: number;
    readonly expiresAt: number;
  };
  /** The secret that an invite link of this group carries now (H-33); undefined while pending or before the sync. */
  readonly inviteSecret: Uint8Array | undefined;
  /** Head of the group's journal, as hex: equal at all members of an epoch. Undefined before the sync. */
  readonly journalHead: string | undefined;
  /** Messages that are known by number and have not come. */
  readonly gaps: readonly { readonly sender: MemberId; readonly missing: number }[];
  /** How much waits where, for diagnostics. */
  readonly queues: QueueSizes;
  /** No-op reasons and drops, by name (§19.1). */
  readonly counters: Counters;
}
