/** Our own commit candidate of the stand-in: proposals, commit with a fresh secret, welcome. §14.2, §7.3 */
import {
  MlsError,
  type CommitAction,
  type CommitInput,
  type MlsGroup,
  type OwnCandidate,
} from '../../../main/protocol/mls/index.ts';
import { MAX_CANDIDATE_PROPOSALS } from '../../../shared/limits.ts';
import type { MemberId } from '../../../shared/model/ids.ts';
import {
  actionOf,
  encodeChange,
  encodeCommit,
  followingContext,
  followingEpoch,
  followingLeaves,
  referenceOf,
  type Change,
} from './changes.ts';
import type { ContentType } from './frames.ts';
import { contentOf, makeGroup, membersOf, type GroupContent, type Leaves, type StandInEnvironment } from './group.ts';
import { decodeKeyPackage } from './keyPackage.ts';
import { generateEncryptionKey, SECRET_BYTES, sealTo } from './keys.ts';
import { checkBinding, makeLeaf } from './leaf.ts';
import { protect, signContent, signedContent } from './messages.ts';
import { handshakeKey } from './schedule.ts';
import { buildWelcome } from './welcome.ts';

interface Step {
  readonly change: Change;
  readonly action: CommitAction;
}

/** See MlsService.createCandidate. */
export function createCandidate(
  environment: StandInEnvironment,
  group: MlsGroup,
  updates: readonly CommitInput[],
  now: number,
): OwnCandidate {
  const content = contentOf(group);
  const steps = plan(environment, content.public.leaves, updates, now);
  if (steps.length === 0) throw new MlsError('NoChanges');
  const { random } = environment;
  const { context, leaves: leavesBefore } = content.public;
  const committer = content.epoch.leafIndex;
  let generation = content.epoch.handshakeGeneration;

  const proposals: Uint8Array[] = [];
  const references: Uint8Array[] = [];
  for (const { change } of steps) {
    const { signed, signature, seal } = handshake(environment, content, 'proposal', encodeChange(change));
    proposals.push(seal(generation++));
    references.push(referenceOf(signed, signature));
  }

  const key = generateEncryptionKey(random);
  const renewed = makeLeaf(
    environment,
    key.publicKey,
    { kind: 'commit' },
    { groupId: context.groupId, leafIndex: committer },
  );
  const changes = steps.map(({ change }) => change);
  const { leaves, recipients, added } = followingLeaves(leavesBefore, changes, committer, renewed);
  for (const leaf of leaves) if (leaf !== undefined) checkBinding(leaf);
  const commitSecret = random(SECRET_BYTES);
  const fresh = random(SECRET_BYTES);
  const shares = recipients.map(({ leafIndex, leaf }) => ({
    leafIndex,
    sealed: sealTo(leaf.encryptionName, leaf.encryptionKey, fresh, context.hash, commitSecret),
  }));
  const { signed, signature, seal } = handshake(
    environment,
    content,
    'commit',
    encodeCommit({ references, leaf: renewed, fresh, shares }),
  );
  const nextContext = followingContext(content.public, leaves, { signed, signature });
  const next = followingEpoch(content, leaves, nextContext, commitSecret, key.privateKey);
  return {
    base: makeGroup({ ...content, epoch: { ...content.epoch, handshakeGeneration: generation + 1 } }),
    next: makeGroup(next.content),
    proposals,
    commit: seal(generation, next.content.public.confirmationTag),
    welcome: added.length === 0 ? undefined : buildWelcome(environment, next.content, next.joinerSecret, added),
    actions: steps.map(({ action }) => action),
  };
}

/** A handshake message of ours: signed at once, encrypted when the confirmation tag is known. */
function handshake(
  environment: StandInEnvironment,
  group: GroupContent,
  contentType: ContentType,
  content: Uint8Array,
) {
  const { context } = group.public;
  const { leafIndex, secrets } = group.epoch;
  const signed = signedContent(context, contentType, leafIndex, content);
  const signature = signContent(environment.signatureKey, signed);
  const seal = (generation: number, confirmationTag?: Uint8Array): Uint8Array =>
    protect(environment.random, {
      context,
      contentType,
      senderDataSecret: secrets.senderData,
      key: handshakeKey(secrets, leafIndex, generation),
      leafIndex,
      generation,
      content,
      signature,
      ...(confirmationTag === undefined ? {} : { confirmationTag }),
    });
  return { signed, signature, seal };
}

function plan(
  { identity }: StandInEnvironment,
  leaves: Leaves,
  updates: readonly CommitInput[],
  now: number,
): readonly Step[] {
  if (updates.length > MAX_CANDIDATE_PROPOSALS) throw new MlsError('TooManyUpdates');
  const removed = new Set<MemberId>();
  for (const update of updates) if (update.kind === 'remove') removed.add(update.memberId);
  if (removed.has(identity.memberId)) throw new MlsError('OwnRemoval');
  const places = new Map(membersOf(leaves).map(({ memberId, leafIndex }) => [memberId, leafIndex]));
  const staying = new Set([...places.keys()].filter((memberId) => !removed.has(memberId)));
  const steps: Step[] = [];
  for (const update of updates) {
    if (update.kind === 'remove') {
      const leafIndex = places.get(update.memberId);
      if (leafIndex === undefined) continue; // Unknown, or named twice: skipped. §7.3
      places.delete(update.memberId);
      steps.push({ change: { kind: 'remove', leafIndex }, action: update });
      continue;
    }
    const change: Change = { kind: 'add', keyPackage: decodeKeyPackage(update.keyPackage) };
    const action = actionOf(leaves, change, now, 'announced');
    if (staying.has(action.memberId)) throw new MlsError('DuplicateIdentity');
    staying.add(action.memberId);
    steps.push({ change, action });
  }
  return steps;
}
