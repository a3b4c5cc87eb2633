/**
 * What the messenger needs of a store. Types only; `main/storage/` implements them over an encrypted SQLite file.
 * All calls are synchronous. Failures are StorageError (code STORAGE, or TOO_LARGE), and leave nothing half-written.
 */
import type { GovernanceEntry, Message, Proposal } from '../../../shared/api/model.ts';
import type { Settings } from '../../../shared/api/settings.ts';
import type { ConversationId, MemberId, MessageId, PeerId, ProposalId } from '../../../shared/model/ids.ts';
import type {
  ConversationWrites,
  EndCause,
  LogEntry,
  PacketSubject,
  StoredConversation,
  Subtopic,
} from '../../protocol/conversation/contract.ts';
import type { PeerScoreStorage } from '../../protocol/peer-scoring/contract.ts';

/** The device's own row: what an identity needs beyond the root secret. */
export interface ProfileRow {
  readonly memberId: MemberId;
  readonly displayName: string;
  /** Encoded Ed25519 MLS signature key of this device. */
  readonly deviceSignatureKey: Uint8Array;
}

/** A conversation's row in the list: what outlives its protocol state. */
export interface ConversationRow {
  readonly conversationId: ConversationId;
  readonly name: string;
  readonly createdAt: number;
  /** Set once the conversation ended for us; its history stays until it is deleted. */
  readonly ended?: { readonly at: number; readonly cause: EndCause; readonly proposalId?: ProposalId };
  /** Members, settings and epoch as they were at the end, as JSON; only when ended. */
  readonly lastView?: string;
  readonly readUpTo?: MessageId;
  /** Set by `setMuted`; `put` leaves it as it is. */
  readonly muted?: true;
}

/** What was typed and not sent. */
export interface DraftRow {
  readonly conversationId: ConversationId;
  readonly text: string;
  readonly replyTo?: MessageId;
}

export interface OutboxRow {
  readonly id: number;
  readonly conversationId: ConversationId;
  readonly subtopic: Subtopic;
  readonly payload: Uint8Array;
  readonly subject: PacketSubject;
  readonly createdAt: number;
  readonly expiresAt: number;
}

export interface KnownPeerRow {
  readonly peerId: PeerId;
  readonly addresses: readonly string[];
  readonly lastSeenAt: number;
}

/** MLS signature keys of devices of a member. */
export interface KnownDevice {
  /** Of the one that it was last seen with. */
  readonly signatureKey: Uint8Array;
  /** Of the one whose numbers this person compared. */
  readonly verifiedKey?: Uint8Array;
}

/** A stored page of the journal, newest first; `position` orders and pages it. */
export interface JournalRow {
  readonly position: number;
  /** Undefined for a line that cannot be read any more. */
  readonly entry: GovernanceEntry | undefined;
  /** SHA-256 over the hash of the line before and this line. */
  readonly hash: Uint8Array;
}

/** Whether the lines of a journal are those that this node wrote, all of them; `position` is of the first that is not. */
export type JournalState =
  { readonly kind: 'intact'; readonly length: number } | { readonly kind: 'broken'; readonly position: number };

export interface GroupJournalRow {
  readonly epoch: number;
  readonly record: Uint8Array;
}

export interface LoggedPacket {
  readonly position: number;
  readonly hash: Uint8Array;
  readonly payload: Uint8Array;
}

/** A store with a file of its own. */
export interface CopyableStorage extends Storage {
  /**
   * Copies everything into a file of its own, lets `prepare` take out of it what a copy must not hold, checks it, and only then
   * lets it count and drops the oldest. Rejects with a StorageError; then all is as it was.
   */
  takeCopy(options: CopyOptions): Promise<void>;
}

/** `prepare` works on a copy that is open beside the store. */
export interface CopyOptions {
  readonly key: Uint8Array;
  /** The copy's time. */
  readonly now: number;
  readonly prepare: (copy: Storage) => Promise<void>;
}

/** The copies of a profile's store, whether or not the store itself can be opened. */
export interface StoreCopies {
  exist(): boolean;
  /** When the next one should be taken; `now` when one is due. */
  dueAt(now: number): number;
  /** When the newest copy was taken that is whole and opens with that key. */
  newest(key: Uint8Array): number | undefined;
  /** Puts that one, prepared, in the place of the store, which gets another name: `setAside`. Rejects with a StorageError. */
  restore(options: CopyOptions): Promise<{ readonly takenAt: number; readonly setAside?: string }>;
}

export interface Storage {
  /** Runs `work` in one immediate transaction: all of it is durable (fsync) on return, or nothing. Not nested. */
  transaction<T>(work: () => T): T;
  close(): void;

  readonly profile: {
    get(): ProfileRow | undefined;
    put(row: ProfileRow): void;
    settings(): Settings;
    putSettings(settings: Settings): void;
  };

  readonly conversations: {
    list(): readonly ConversationRow[];
    get(conversationId: ConversationId): ConversationRow | undefined;
    put(row: ConversationRow): void;
    /** Everything that stands at or before a stored message was read; false when that was known. */
    markRead(conversationId: ConversationId, messageId: MessageId): boolean;
    /** Whether the system is not to tell of it. */
    setMuted(conversationId: ConversationId, muted: boolean): void;
    /** Deletes the row and everything that belongs to it. */
    delete(conversationId: ConversationId): void;
    /** Protocol state. */
    load(conversationId: ConversationId): StoredConversation;
    write(conversationId: ConversationId, writes: ConversationWrites): void;
    /** Deletes the protocol state (parts, scores, outbox, kept packets), keeps the history. */
    deleteState(conversationId: ConversationId): void;
    scores(conversationId: ConversationId): PeerScoreStorage;
  };

  readonly messages: {
    /** Stores a message unless its id is known in that conversation; true when it is new. */
    insert(message: Message): boolean;
    /** Moves the status forward, never back; the message as it is then. */
    setStatus(conversationId: ConversationId, messageId: MessageId, status: Message['status']): Message | undefined;
    /** Who has an own message, and of how many: all of at least one makes it delivered. */
    setDelivery(
      conversationId: ConversationId,
      messageId: MessageId,
      delivery: { readonly deliveredTo: readonly MemberId[]; readonly expected: number },
    ): Message | undefined;
    get(conversationId: ConversationId, messageId: MessageId): Message | undefined;
    /** Newest first by the order that all members share (sent-at, then id): the newest, or those right beside a message. */
    list(
      conversationId: ConversationId,
      page: {
        readonly beside?: { readonly side: 'before' | 'after'; readonly messageId: MessageId };
        readonly limit: number;
      },
    ): readonly Message[];
    /** What people wrote that has all of `terms` (see searchTerms), the last to arrive first; `place` is for `before`. */
    search(page: {
      readonly terms: readonly (readonly string[])[];
      readonly conversationId?: ConversationId;
      readonly before?: number;
      readonly limit: number;
    }): readonly { readonly place: number; readonly message: Message }[];
    latest(conversationId: ConversationId): Message | undefined;
    /** Messages of others (system lines excepted) that arrived after the one read last. */
    countUnread(conversationId: ConversationId, self: MemberId): number;
  };

  /** One a conversation at most; it goes with its conversation. */
  readonly drafts: {
    list(): readonly DraftRow[];
    put(draft: DraftRow): void;
    remove(conversationId: ConversationId): void;
  };

  readonly journal: {
    append(conversationId: ConversationId, entry: GovernanceEntry): void;
    list(
      conversationId: ConversationId,
      page: { readonly before?: number; readonly limit: number },
    ): readonly JournalRow[];
    /** Follows the chain from where an earlier check ended. */
    check(conversationId: ConversationId): JournalState;
  };

  /** The records of the group's journal, one an epoch. */
  readonly groupJournal: {
    /** Replaces what is kept of this epoch and later ones: a branch that was rolled back (H-27). */
    put(conversationId: ConversationId, row: GroupJournalRow): void;
    /** Forgets this epoch and later ones: a branch that we left. */
    dropFrom(conversationId: ConversationId, epoch: number): void;
    /** Oldest first, strictly later than `after`. */
    list(
      conversationId: ConversationId,
      page: { readonly after?: number; readonly limit: number },
    ): readonly GroupJournalRow[];
  };

  /** Packets for members who were away (architecture 5); the oldest go after two weeks, or when they are too many. */
  readonly packetLog: {
    put(conversationId: ConversationId, entry: LogEntry, now: number): void;
    /** Forgets this epoch, those after it, and the commit that led to it: a branch that we left. */
    dropFrom(conversationId: ConversationId, epoch: number): void;
    /** Who was a member in an epoch, and which state of it is meant. */
    epoch(
      conversationId: ConversationId,
      epoch: number,
    ): { readonly branch: Uint8Array; readonly members: readonly MemberId[] } | undefined;
    /** The commit that ended an epoch. */
    commit(conversationId: ConversationId, epoch: number): Pick<LoggedPacket, 'hash' | 'payload'> | undefined;
    /** The messages of an epoch by their hashes; the last MAX_LISTED_PACKETS of them. */
    hashes(conversationId: ConversationId, epoch: number): readonly Uint8Array[];
    /** In the order in which they were kept, strictly after `after`. */
    messages(
      conversationId: ConversationId,
      epoch: number,
      page: { readonly after?: number; readonly limit: number },
    ): readonly LoggedPacket[];
    /** The last MAX_LOGGED_WELCOMES packets that let somebody in, newest first. */
    welcomes(conversationId: ConversationId): readonly Uint8Array[];
  };

  readonly proposals: {
    put(conversationId: ConversationId, proposal: Proposal): void;
    get(conversationId: ConversationId, proposalId: ProposalId): Proposal | undefined;
    /** Decided ones, newest decision first. */
    recent(conversationId: ConversationId, limit: number): readonly Proposal[];
  };

  readonly outbox: {
    add(row: Omit<OutboxRow, 'id'>): number;
    /** Oldest first. */
    list(conversationId: ConversationId): readonly OutboxRow[];
    conversations(): readonly ConversationId[];
    remove(id: number): void;
    removeExpired(now: number): readonly OutboxRow[];
  };

  readonly people: {
    /** Remembers a member's name; true when it changed. */
    putName(memberId: MemberId, displayName: string): boolean;
    name(memberId: MemberId): string | undefined;
    /** Remembers with which device a member was seen last. */
    putDevice(memberId: MemberId, signatureKey: Uint8Array): void;
    device(memberId: MemberId): KnownDevice | undefined;
    /** Remembers the device of a known member whose numbers this person compared; `undefined`: of none. */
    putVerifiedKey(memberId: MemberId, verifiedKey: Uint8Array | undefined): void;
    putPeers(peers: readonly KnownPeerRow[]): void;
    peers(): readonly KnownPeerRow[];
  };
}
