/**
 * What the rest of the protocol may ask of MLS (§7.3): immutable group values in, new group values out.
 * Types only. Must not know consensus, stewards or storage; nothing outside this folder sees ts-mls.
 */
import type { ConversationId, MemberId } from '../../../shared/model/ids.ts';

/**
 * One MLS group at one epoch, from one member's view. An immutable value: every operation returns another one and leaves
 * this one usable. Opaque: only the service of this folder makes and reads it; `encodeParts` makes it storable.
 */
export interface MlsGroup {
  readonly conversationId: ConversationId;
  readonly epoch: bigint;
}

/** A leaf of the group that is not blank. */
export interface MlsMember {
  readonly leafIndex: number;
  readonly memberId: MemberId;
  /** Ed25519 public key of the member's device, 32 bytes. */
  readonly signatureKey: Uint8Array;
}

/** One membership change that a candidate shall contain. */
export type CommitInput =
  | { readonly kind: 'add'; /** TLS encoding of a KeyPackage. */ readonly keyPackage: Uint8Array }
  | { readonly kind: 'remove'; readonly memberId: MemberId };

/** One membership change that a commit does contain, authenticated. */
export type CommitAction =
  | {
      readonly kind: 'add';
      readonly memberId: MemberId;
      /** KeyPackageRef (RFC 9420 section 5.2), 32 bytes. */
      readonly keyPackageReference: Uint8Array;
      /** Start of the key package's lifetime, in seconds by its maker's clock: which of two of one member is the older. */
      readonly notBeforeSeconds: number;
    }
  | { readonly kind: 'remove'; readonly memberId: MemberId };

/** A key package of our own with what is needed to use it once. */
export interface JoinerKeyPackage {
  /** TLS encoding of the KeyPackage, to be announced. */
  readonly keyPackage: Uint8Array;
  /** KeyPackageRef, 32 bytes. */
  readonly reference: Uint8Array;
  /** Opaque secret; belongs into the encrypted store, to be erased after a successful join. */
  readonly privateState: Uint8Array;
}

/** A foreign key package that passed every check of H-10. */
export interface ValidatedKeyPackage {
  readonly memberId: MemberId;
  readonly reference: Uint8Array;
  readonly signatureKey: Uint8Array;
  /** Start of its lifetime, in seconds. */
  readonly notBeforeSeconds: number;
}

/** Why a message was not decrypted; none of these is an error, none changes the group (§7.3, §19.1). */
export type IgnoredReason =
  /** An epoch whose receive secrets are gone. */
  | 'pastEpoch'
  /** Worth parking until the commit arrives (§19.1). */
  | 'futureEpoch'
  | 'otherGroup'
  /** A proposal, commit, welcome or other MLS message on the application path. */
  | 'handshake'
  /** Already decrypted, our own echo, or older than the out-of-order window. */
  | 'replay';

export type Decrypted =
  | {
      readonly kind: 'application';
      readonly group: MlsGroup;
      readonly payload: Uint8Array;
      readonly sender: MemberId;
      /** Epoch the message was made in: the group's, or one of the past-epoch window (H-31). */
      readonly epoch: bigint;
    }
  | { readonly kind: 'ignored'; readonly reason: IgnoredReason };

/** A commit candidate of our own. */
export interface OwnCandidate {
  /**
   * The group to go on with at the current epoch: its handshake ratchet is past the keys that the candidate used and it
   * holds no proposal, so chat goes on. Persist and install it BEFORE publishing the candidate.
   */
  readonly base: MlsGroup;
  /** The group after the candidate; hand it to `merge` when the candidate won. */
  readonly next: MlsGroup;
  /** MLSMessage(PrivateMessage(proposal)) each, in the order of the updates. */
  readonly proposals: readonly Uint8Array[];
  /** MLSMessage(PrivateMessage(commit)). */
  readonly commit: Uint8Array;
  /** MLSMessage(Welcome) for all added members; published only after the candidate won (§14.6). */
  readonly welcome: Uint8Array | undefined;
  /** Same order as `proposals`. */
  readonly actions: readonly CommitAction[];
}

export type Staged =
  | {
      readonly kind: 'staged';
      /** The group after the commit; undefined when it removes us. */
      readonly next: MlsGroup | undefined;
      /** Authenticated committer. */
      readonly committer: MemberId;
      /** Authenticated sender of each proposal, in the order of the bundle. */
      readonly proposalSenders: readonly MemberId[];
      /** In the order of the commit. */
      readonly actions: readonly CommitAction[];
      /** The commit's signature was checked; its confirmation tag cannot be by whom it removes. */
      readonly selfRemoved: boolean;
    }
  /** `reason` is for the log: it contains neither secrets nor foreign text. */
  | { readonly kind: 'aborted'; readonly reason: string };

/** A candidate of somebody else as received. */
export interface RemoteCandidate {
  readonly proposals: readonly Uint8Array[];
  readonly commit: Uint8Array;
}

export interface JoinInput {
  readonly conversationId: ConversationId;
  /** MLSMessage(Welcome). */
  readonly welcome: Uint8Array;
  readonly keyPackage: JoinerKeyPackage;
  /** From the invite link: must be a member of the joined tree (H-33). */
  readonly inviter?: MemberId;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export type Joined =
  | {
      readonly kind: 'joined';
      readonly group: MlsGroup;
      /** Signed the GroupInfo: the committer. */ readonly welcomeSigner: MemberId;
    }
  /** Not a Welcome, or none of its secrets names this key package; nothing happened. */
  | { readonly kind: 'notForUs' };

/** What the untrusted outer frame says that a message is. */
export type MessageKind = 'application' | 'proposal' | 'commit' | 'welcome' | 'other';

/** Names of the separately stored parts of a group, by how often they change. */
export type MlsGroupPart =
  /** Public: group context and ratchet tree. Changes once an epoch. */
  | 'tree'
  /** Secrets of the epoch: key schedule, private path, handshake ratchets. Changes once an epoch and with an own candidate. */
  | 'epoch'
  /** The members' message ratchets. Changes with every message; about 40 bytes a member, so that used keys are overwritten. */
  | 'ratchets'
  /** Receive secrets of past epochs (H-31). Changes once an epoch, and with a late message. */
  | 'history';

/** A stored group. An unchanged part is the identical `Uint8Array` as in the previous encoding: compare by reference. */
export type MlsGroupParts = Readonly<Record<MlsGroupPart, Uint8Array>>;

/** `now` is always milliseconds since 1970. Everything that fails throws MlsError (errors.ts); see each method. */
export interface MlsService {
  /** A fresh single-use key package: valid from now - 1 h to now + 84 days (§7.1), with the binding of H-10. */
  generateKeyPackage(now: number): Promise<JoinerKeyPackage>;

  /** Every check of H-10; with `group` also that identity and signature key are not in it yet. Throws MlsError. */
  validateKeyPackage(bytes: Uint8Array, now: number, group?: MlsGroup): Promise<ValidatedKeyPackage>;

  /** A one-member group at epoch 0 with group id utf8(conversation id). */
  createGroup(conversationId: ConversationId, now: number): Promise<MlsGroup>;

  /**
   * Joins from a Welcome. Throws MlsError when it is addressed to this key package but refused (garbage, other group id,
   * unknown signer or inviter, a member without valid binding): the key package stays usable. H-33, W-34
   */
  join(input: JoinInput): Promise<Joined>;

  /** Padded PrivateMessage(application) as MLSMessage. Persist the returned group before publishing. */
  encrypt(
    group: MlsGroup,
    plaintext: Uint8Array,
  ): Promise<{ readonly group: MlsGroup; readonly ciphertext: Uint8Array }>;

  /**
   * Throws MlsError only for malformed or tampered messages, and for one that is too far ahead: of MAX_FORWARD_MESSAGES, or with
   * `keepSkipped` of what can be skipped without losing a message of that sender that is still to come. The group given stays as
   * it was.
   */
  decrypt(
    group: MlsGroup,
    ciphertext: Uint8Array,
    now: number,
    options?: { readonly keepSkipped: boolean },
  ): Promise<Decrypted>;

  /**
   * Builds proposals, commit and welcome (§14.2). A removal of an unknown member is skipped; one of ourselves, an invalid
   * key package and an addition of a member that stays are errors (removal and addition of one identity are allowed: H-17).
   */
  createCandidate(group: MlsGroup, updates: readonly CommitInput[], now: number): Promise<OwnCandidate>;

  /** Verifies a candidate against a copy (§7.3, H-12). Never throws for what the bytes contain, never changes `group`. */
  stageCandidate(group: MlsGroup, candidate: RemoteCandidate, now: number): Promise<Staged>;

  /**
   * Installs a commit: `next` from a candidate that was made or staged on an earlier version of `current` at the same epoch.
   * Carries over the receive secrets that `current` used up meanwhile and starts their past-epoch window at `now`. H-31
   */
  merge(current: MlsGroup, next: MlsGroup, now: number): MlsGroup;

  /** Erases receive secrets of past epochs whose window is over; the same reference when there are none. */
  prune(group: MlsGroup, now: number): MlsGroup;

  /** When `prune` next has something to do, in ms; undefined if never. */
  nextPruneAt(group: MlsGroup): number | undefined;

  /** The same group as anybody may see it: tree and members, and nothing to read, send or follow a commit with. */
  withoutSecrets(group: MlsGroup): MlsGroup;

  /** MLS exporter (RFC 9420 section 8.5). */
  exportSecret(group: MlsGroup, label: string, context: Uint8Array, length: number): Promise<Uint8Array>;

  /** 32 bytes that are equal for all members in the same state of the same epoch. */
  epochAuthenticator(group: MlsGroup): Uint8Array;

  /** Ascending by leaf index. */
  members(group: MlsGroup): readonly MlsMember[];

  /** KeyPackageRef of a TLS KeyPackage; checks the encoding only. Throws MlsError. */
  keyPackageReferenceOf(bytes: Uint8Array): Promise<Uint8Array>;

  /** The epochs whose messages can still be read, ascending; the last is the present one. H-31 */
  readableEpochs(group: MlsGroup, now: number): readonly bigint[];

  /** Peeks at the untrusted outer type; malformed bytes are 'other'. */
  inspectKind(bytes: Uint8Array): MessageKind;

  /** The KeyPackageRefs that a Welcome names, unchecked; none for bytes that are no Welcome. */
  welcomeReferences(bytes: Uint8Array): readonly Uint8Array[];

  encodeParts(group: MlsGroup): MlsGroupParts;

  /** Throws MlsError when the parts are damaged or do not belong together. */
  decodeParts(parts: MlsGroupParts): MlsGroup;
}
