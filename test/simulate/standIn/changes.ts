/**
 * Membership changes as proposals and commits carry them, and the step to the next epoch that committer and followers share.
 * Must not know messages.
 */
import { MlsError, type CommitAction } from '../../../main/protocol/mls/index.ts';
import { MAX_CANDIDATE_PROPOSALS } from '../../../shared/limits.ts';
import { Reader, Writer } from './bytes.ts';
import { changedLeaves, checkUnique, NO_HISTORY, type GroupContent, type Leaves, type PublicState } from './group.ts';
import {
  checkKeyPackage,
  decodeKeyPackage,
  notBeforeSeconds,
  type KeyPackage,
  type LifetimeRule,
} from './keyPackage.ts';
import { digest, SECRET_BYTES } from './keys.ts';
import { readLeaf, type Leaf } from './leaf.ts';
import { enterEpoch, joinerSecretOf, makeContext, nextTranscript } from './schedule.ts';

export type Change =
  { readonly kind: 'add'; readonly keyPackage: KeyPackage } | { readonly kind: 'remove'; readonly leafIndex: number };

/** The commit secret, sealed to one member. */
export interface SealedShare {
  readonly leafIndex: number;
  readonly sealed: Uint8Array;
}

export interface CommitContent {
  /** By reference, in the order in which they apply. */
  readonly references: readonly Uint8Array[];
  /** The committer's leaf with a fresh key. */
  readonly leaf: Leaf;
  readonly fresh: Uint8Array;
  readonly shares: readonly SealedShare[];
}

export function encodeChange(change: Change): Uint8Array {
  return change.kind === 'add'
    ? new Writer().uint16(1).raw(change.keyPackage.bytes).finish()
    : new Writer().uint16(3).uint32(change.leafIndex).finish();
}

/** Throws MlsError Malformed. */
export function decodeChange(bytes: Uint8Array): Change {
  const reader = new Reader(bytes);
  switch (reader.uint16()) {
    case 1:
      return { kind: 'add', keyPackage: decodeKeyPackage(reader.rest()) };
    case 3: {
      const leafIndex = reader.uint32();
      reader.end();
      return { kind: 'remove', leafIndex };
    }
    default:
      throw new MlsError('Malformed', 'type of proposal');
  }
}

/** ProposalRef: names one proposal as one member signed it. */
export function referenceOf(signed: Uint8Array, signature: Uint8Array): Uint8Array {
  return digest('proposal reference', signed, signature);
}

export function encodeCommit({ references, leaf, fresh, shares }: CommitContent): Uint8Array {
  const writer = new Writer().uint32(references.length);
  for (const reference of references) writer.raw(reference);
  writer.raw(leaf.bytes).raw(fresh).uint32(shares.length);
  for (const { leafIndex, sealed } of shares) writer.uint32(leafIndex).raw(sealed);
  return writer.finish();
}

/** Throws MlsError Malformed. */
export function decodeCommit(bytes: Uint8Array): CommitContent {
  const reader = new Reader(bytes);
  const references = reader.list(() => reader.raw(SECRET_BYTES));
  const leaf = readLeaf(reader);
  const fresh = reader.raw(SECRET_BYTES);
  const shares = reader.list(() => ({ leafIndex: reader.uint32(), sealed: reader.raw(SECRET_BYTES) }));
  reader.end();
  return { references, leaf, fresh, shares };
}

/** Checks each change and says it as the contract does. Throws MlsError. H-10 */
export function actionOf(leaves: Leaves, change: Change, now: number, rule: LifetimeRule): CommitAction {
  if (change.kind === 'remove') {
    const memberId = leaves[change.leafIndex]?.memberId;
    if (memberId === undefined) throw new MlsError('Malformed', 'removes nobody');
    return { kind: 'remove', memberId };
  }
  const { keyPackage } = change;
  const memberId = checkKeyPackage(keyPackage, now, rule);
  return {
    kind: 'add',
    memberId,
    keyPackageReference: keyPackage.reference,
    notBeforeSeconds: notBeforeSeconds(keyPackage),
  };
}

/** The leaves after a commit, and who of them must be told its secret: all who stay but the committer. Throws MlsError. */
export function followingLeaves(
  leaves: Leaves,
  changes: readonly Change[],
  committer: number,
  renewed: Leaf,
): { leaves: Leaves; recipients: readonly { leafIndex: number; leaf: Leaf }[]; added: readonly KeyPackage[] } {
  if (changes.length > MAX_CANDIDATE_PROPOSALS) throw new MlsError('TooManyUpdates');
  const removed = new Set<number>();
  const added: KeyPackage[] = [];
  for (const change of changes) {
    if (change.kind === 'add') added.push(change.keyPackage);
    else if (removed.has(change.leafIndex)) throw new MlsError('Malformed', 'removed twice');
    else removed.add(change.leafIndex);
  }
  if (removed.has(committer)) throw new MlsError('Malformed', 'committer removed');
  const changed = changedLeaves(
    leaves,
    removed,
    added.map(({ leaf }) => leaf),
  );
  const recipients = leaves.flatMap((leaf, leafIndex) =>
    leaf === undefined || leafIndex === committer || removed.has(leafIndex) ? [] : [{ leafIndex, leaf }],
  );
  changed[committer] = renewed;
  checkUnique(changed);
  return { leaves: changed, recipients, added };
}

/** The public state that a commit leads to; its confirmation tag takes the secret. */
export function followingContext(
  { context, confirmationTag }: PublicState,
  leaves: Leaves,
  { signed, signature }: { readonly signed: Uint8Array; readonly signature: Uint8Array },
) {
  const transcript = nextTranscript(context.transcript, confirmationTag, signed, signature);
  return makeContext(context.groupId, context.epoch + 1n, leaves, transcript);
}

/** The next epoch at whoever knows the commit secret. */
export function followingEpoch(
  before: GroupContent,
  leaves: Leaves,
  context: ReturnType<typeof followingContext>,
  commitSecret: Uint8Array,
  privateKey: Uint8Array,
): { content: GroupContent; joinerSecret: Uint8Array } {
  const joinerSecret = joinerSecretOf(before.epoch.secrets.init, commitSecret, context);
  const { secrets, application, confirmationTag } = enterEpoch(joinerSecret, context, leaves);
  return {
    joinerSecret,
    content: {
      public: { context, leaves, confirmationTag },
      epoch: { secrets, leafIndex: before.epoch.leafIndex, privateKey, handshakeGeneration: 0 },
      application,
      history: NO_HISTORY,
    },
  };
}
