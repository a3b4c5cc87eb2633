/** The stand-in's group value: what this member knows of one group at one epoch, in the pieces that change together. */
import { MlsError, type MlsGroup, type MlsMember } from '../../../main/protocol/mls/index.ts';
import type { Random } from '../../../main/protocol/random.ts';
import { MAX_MEMBERS } from '../../../shared/limits.ts';
import type { ConversationId } from '../../../shared/model/ids.ts';
import type { Leaf, LeafOwner } from './leaf.ts';
import type { EpochSecrets, GroupContext, Ratchets } from './schedule.ts';

/** Who we are. */
export interface StandInEnvironment extends LeafOwner {
  readonly random: Random;
}

/** By leaf index; undefined where nobody is. The last one is somebody. */
export type Leaves = readonly (Leaf | undefined)[];

export interface PublicState {
  readonly context: GroupContext;
  readonly leaves: Leaves;
  readonly confirmationTag: Uint8Array;
}

export interface EpochState {
  readonly secrets: EpochSecrets;
  readonly leafIndex: number;
  /** Of our leaf's encryption key. */
  readonly privateKey: Uint8Array;
  /** Handshake keys of ours that are used up. */
  readonly handshakeGeneration: number;
}

/** What is needed to read late messages of an epoch that is over. H-31 */
export interface PastEpoch {
  readonly context: GroupContext;
  readonly senderDataSecret: Uint8Array;
  readonly members: readonly MlsMember[];
  readonly application: Ratchets;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

export interface GroupContent {
  readonly public: PublicState;
  readonly epoch: EpochState;
  readonly application: Ratchets;
  /** Newest first. */
  readonly history: readonly PastEpoch[];
}

/** Shared by all groups without a past, so that its stored form is one and the same. */
export const NO_HISTORY: readonly PastEpoch[] = [];

class StandInGroup implements MlsGroup {
  readonly conversationId: ConversationId;
  readonly epoch: bigint;
  readonly #content: GroupContent;

  constructor(content: GroupContent) {
    this.conversationId = new TextDecoder().decode(content.public.context.groupId) as ConversationId;
    this.epoch = content.public.context.epoch;
    this.#content = content;
  }

  static contentOf(group: MlsGroup): GroupContent {
    if (group instanceof StandInGroup) return group.#content;
    throw new MlsError('ForeignValue', 'group');
  }
}

export function makeGroup(content: GroupContent): MlsGroup {
  return new StandInGroup(content);
}

/** Throws MlsError ForeignValue for a group that was not made here. */
export function contentOf(group: MlsGroup): GroupContent {
  return StandInGroup.contentOf(group);
}

const rosters = new WeakMap<Leaves, readonly MlsMember[]>();

/** Members in the order of their leaves. */
export function membersOf(leaves: Leaves): readonly MlsMember[] {
  const known = rosters.get(leaves);
  if (known !== undefined) return known;
  const members = leaves.flatMap((leaf, leafIndex) =>
    leaf === undefined ? [] : [{ leafIndex, memberId: leaf.memberId, signatureKey: leaf.signatureKey }],
  );
  rosters.set(leaves, members);
  return members;
}

/** Removals first, then additions, each into the leftmost empty place. RFC 9420 section 12.4.2 */
export function changedLeaves(
  leaves: Leaves,
  removed: ReadonlySet<number>,
  added: readonly Leaf[],
): (Leaf | undefined)[] {
  const next: (Leaf | undefined)[] = leaves.map((leaf, index) => (removed.has(index) ? undefined : leaf));
  let place = 0;
  for (const leaf of added) {
    while (next[place] !== undefined) place += 1;
    next[place] = leaf;
  }
  while (next.length > 0 && next.at(-1) === undefined) next.pop();
  return next;
}

/** Throws MlsError GroupFull, DuplicateIdentity or DuplicateKey. H-10 */
export function checkUnique(leaves: Leaves): void {
  if (leaves.length > MAX_MEMBERS) throw new MlsError('GroupFull');
  const identities = new Set<string>();
  const keys = new Set<string>();
  let members = 0;
  for (const leaf of leaves) {
    if (leaf === undefined) continue;
    members += 1;
    identities.add(leaf.memberId);
    keys.add(leaf.signatureName).add(leaf.encryptionName);
  }
  if (identities.size !== members) throw new MlsError('DuplicateIdentity');
  if (keys.size !== 2 * members) throw new MlsError('DuplicateKey');
}
