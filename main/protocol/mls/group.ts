/**
 * The group value: what this member knows of one MLS group at one epoch, in the pieces that change together.
 * The only place that converts to and from the library's state.
 */
import { type ClientState } from 'ts-mls/clientState.js';
import type { GroupContext } from 'ts-mls/groupContext.js';
import type { KeySchedule } from 'ts-mls/keySchedule.js';
import type { PrivateKeyPath } from 'ts-mls/privateKeyPath.js';
import type { RatchetTree } from 'ts-mls/ratchetTree.js';
import type { GenerationSecret, SecretTree } from 'ts-mls/secretTree.js';
import { leafWidth } from 'ts-mls/treemath.js';
import type { ConversationId } from '../../../shared/model/ids.ts';
import type { MlsGroup, MlsMember } from './contract.ts';
import { CLIENT_CONFIG, EMPTY, type MlsEnvironment } from './environment.ts';
import { MlsError } from './errors.ts';
import { BLANK_RATCHET } from './secretTree.ts';

/** Seen by every member. */
export interface PublicState {
  readonly groupContext: GroupContext;
  readonly ratchetTree: RatchetTree;
  readonly confirmationTag: Uint8Array;
}

/** Secrets that stay while chat flows. */
export interface EpochState {
  readonly keySchedule: KeySchedule;
  readonly privatePath: PrivateKeyPath;
  readonly handshake: Ratchets;
}

/** One ratchet a leaf, by leaf index; blank leaves have an empty one. */
export type Ratchets = readonly GenerationSecret[];

/** What is needed to read late messages of an epoch that is over. H-31 */
export interface PastEpoch {
  readonly groupContext: GroupContext;
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

/** A private field: the contents show up in no log, dump or JSON. */
class GroupValue implements MlsGroup {
  readonly conversationId: ConversationId;
  readonly epoch: bigint;
  readonly #content: GroupContent;

  constructor(content: GroupContent) {
    this.conversationId = new TextDecoder().decode(content.public.groupContext.groupId) as ConversationId;
    this.epoch = content.public.groupContext.epoch;
    this.#content = content;
  }

  static contentOf(group: MlsGroup): GroupContent {
    if (group instanceof GroupValue) return group.#content;
    throw new MlsError('ForeignValue', 'group');
  }
}

export function makeGroup(content: GroupContent): MlsGroup {
  return new GroupValue(content);
}

/** Throws MlsError ForeignValue for a group that was not made here. */
export function contentOf(group: MlsGroup): GroupContent {
  return GroupValue.contentOf(group);
}

/** The library's state with no proposal held and no past epoch: neither may ever be in it between two operations. */
export function toClientState(environment: MlsEnvironment, content: GroupContent): ClientState {
  return {
    groupContext: content.public.groupContext,
    ratchetTree: content.public.ratchetTree,
    confirmationTag: content.public.confirmationTag,
    keySchedule: content.epoch.keySchedule,
    privatePath: content.epoch.privatePath,
    secretTree: toSecretTree(content.epoch.handshake, content.application),
    signaturePrivateKey: environment.signatureKey.signKey,
    unappliedProposals: {},
    historicalReceiverData: new Map(),
    groupActiveState: { kind: 'active' },
    clientConfig: CLIENT_CONFIG,
  };
}

/** What a commit or a Welcome yields. */
export type NewEpoch = Pick<
  ClientState,
  'groupContext' | 'ratchetTree' | 'confirmationTag' | 'keySchedule' | 'secretTree'
>;

/** A new epoch out of the library's state: its history is empty until `merge`. `privatePath` is the checked one. */
export function fromClientState(state: NewEpoch, privatePath: PrivateKeyPath): GroupContent {
  const { groupContext, ratchetTree, confirmationTag, keySchedule, secretTree } = state;
  return {
    public: { groupContext, ratchetTree, confirmationTag },
    epoch: {
      keySchedule: usedSecrets(keySchedule),
      privatePath,
      handshake: ratchetsOf(secretTree, ratchetTree, 'handshake'),
    },
    application: ratchetsOf(secretTree, ratchetTree, 'application'),
    history: NO_HISTORY,
  };
}

/** The library's secret tree; nodes that are no leaf are never read once the ratchets exist. */
export function toSecretTree(handshake: Ratchets | undefined, application: Ratchets): SecretTree {
  const tree: SecretTree = [];
  for (const [leaf, ratchet] of application.entries()) {
    if (leaf > 0) tree.push({ handshake: BLANK_RATCHET, application: BLANK_RATCHET });
    tree.push({ handshake: handshake?.[leaf] ?? BLANK_RATCHET, application: ratchet });
  }
  return tree;
}

/** The same content after one leaf's chat ratchet moved. */
export function withRatchet(ratchets: Ratchets, secretTree: SecretTree, leafIndex: number): Ratchets {
  const moved = secretTree[2 * leafIndex]?.application;
  if (moved === undefined) throw new MlsError('Internal', 'ratchet');
  return ratchets.with(leafIndex, moved);
}

/** Handshake ratchets of a secret tree, blank where no member is. */
export function ratchetsOf(secretTree: SecretTree, tree: RatchetTree, kind: 'handshake' | 'application'): Ratchets {
  return Array.from({ length: leafWidth(tree.length) }, (_, leaf) =>
    tree[2 * leaf] === undefined ? BLANK_RATCHET : (secretTree[2 * leaf]?.[kind] ?? BLANK_RATCHET),
  );
}

/** External commits, PublicMessages and PSKs are not of this profile (§7.1): their secrets are forgotten at once. */
function usedSecrets(schedule: KeySchedule): KeySchedule {
  return { ...schedule, externalSecret: EMPTY, membershipKey: EMPTY, resumptionPsk: EMPTY };
}
