/**
 * Verifies somebody else's candidate on a copy of the group: everything that MLS and H-12 demand, nothing installed. §7.3
 * Whether the committer was entitled, and whether the changes were approved, is for others to judge (§14.5).
 */
import { nextEpochContext, type ClientState } from 'ts-mls/clientState.js';
import type { Commit } from 'ts-mls/commit.js';
import {
  verifyConfirmationTag,
  type FramedContentAuthDataCommit,
  type FramedContentCommit,
} from 'ts-mls/framedContent.js';
import { makeKeyPackageRef } from 'ts-mls/keyPackage.js';
import { initializeEpoch } from 'ts-mls/keySchedule.js';
import { unprotectPrivateMessage } from 'ts-mls/messageProtection.js';
import type { PrivateMessage } from 'ts-mls/privateMessage.js';
import { processPrivateMessage } from 'ts-mls/processMessages.js';
import { emptyPskIndex } from 'ts-mls/pskIndex.js';
import type { RatchetTree } from 'ts-mls/ratchetTree.js';
import type { UpdatePath } from 'ts-mls/updatePath.js';
import { bytesToBase64 } from 'ts-mls/util/byteArray.js';
import { MAX_CANDIDATE_BYTES, MAX_CANDIDATE_PROPOSALS } from '../../../shared/limits.ts';
import type { MemberId } from '../../../shared/model/ids.ts';
import { applyChanges, isMembershipProposal, type MembershipProposal } from './changes.ts';
import type { CommitAction, MlsGroup, RemoteCandidate, Staged } from './contract.ts';
import type { MlsEnvironment } from './environment.ts';
import { MlsError, orMlsError } from './errors.ts';
import { followPath, type FollowedPath } from './followPath.ts';
import { decodeFrame } from './framing.ts';
import { contentOf, fromClientState, makeGroup, toClientState, type NewEpoch } from './group.ts';
import { checkKeyPackage, notBeforeSeconds } from './keyPackage.ts';
import { boundMemberId, claimedMemberId, sameMemberAndKey } from './leaf.ts';
import { equalInConstantTime } from './provider/hash.ts';
import { createSecretTree } from './secretTree.ts';
import { checkTree, leafAt } from './tree.ts';
import { treeHashRoot } from './treeHash.ts';

interface HeldProposal {
  readonly proposal: MembershipProposal;
  readonly sender: MemberId;
}

/** See MlsService.stageCandidate. */
export async function stageCandidate(
  environment: MlsEnvironment,
  group: MlsGroup,
  candidate: RemoteCandidate,
  now: number,
): Promise<Staged> {
  const state = toClientState(environment, contentOf(group));
  try {
    return await orMlsError('Tampered', () => stage(environment, state, candidate, now));
  } catch (error) {
    if (error instanceof MlsError) return { kind: 'aborted', reason: error.message };
    throw error;
  }
}

async function stage(
  environment: MlsEnvironment,
  state: ClientState,
  candidate: RemoteCandidate,
  now: number,
): Promise<Staged> {
  checkSizes(candidate);
  const { holding, held } = await holdProposals(environment, state, candidate.proposals);
  const opened = await openCommit(environment, holding, messageFor(state, candidate.commit, 'commit'));
  const { commit, committerLeaf } = opened;
  const proposals = checkedProposals(commit, held);
  const { committer, path } = checkCommitter(state.ratchetTree, committerLeaf, commit);
  const own = state.privatePath.leafIndex;
  if (committerLeaf === own) throw new MlsError('Tampered', 'own commit');
  const actions = await actionsOf(environment, state.ratchetTree, proposals, now);
  const proposalSenders = [...held.values()].map(({ sender }) => sender);
  const changes = applyChanges(
    state.ratchetTree,
    committerLeaf,
    proposals.map(({ proposal }) => proposal),
  );
  const selfRemoved = proposals.some(
    ({ proposal }) => proposal.proposalType === 'remove' && proposal.remove.removed === own,
  );
  // Whoever is removed can open no secret of the path, not even where another was put into the own leaf: it only validates.
  if (selfRemoved) {
    await checkTree(changes.tree, environment.suite);
    return { kind: 'staged', next: undefined, committer, proposalSenders, actions, selfRemoved };
  }
  const followed = await followPath(
    changes.tree,
    state.ratchetTree,
    committerLeaf,
    path,
    changes.added.map(({ leafIndex }) => leafIndex),
    state.privatePath,
    state.groupContext,
    environment.suite,
  );
  await checkTree(followed.tree, environment.suite);
  const epoch = await nextEpoch(environment, state, opened, followed, treeHashRoot(followed.tree, changes.tree));
  const next = makeGroup(fromClientState(epoch, followed.privatePath));
  return { kind: 'staged', next, committer, proposalSenders, actions, selfRemoved };
}

/** The secrets of the epoch that the commit leads to, confirmed by its tag. RFC 9420 section 8 */
async function nextEpoch(
  { suite }: MlsEnvironment,
  state: ClientState,
  { content, auth }: OpenedCommit,
  { tree, commitSecret }: FollowedPath,
  treeHash: Uint8Array,
): Promise<NewEpoch> {
  const groupContext = await nextEpochContext(
    state.groupContext,
    'mls_private_message',
    content,
    auth.signature,
    treeHash,
    state.confirmationTag,
    suite.hash,
  );
  const secrets = await initializeEpoch(
    state.keySchedule.initSecret,
    commitSecret,
    groupContext,
    new Uint8Array(suite.kdf.size),
    suite.kdf,
  );
  const { keySchedule, encryptionSecret } = secrets;
  const { confirmationTag } = auth;
  const { confirmedTranscriptHash } = groupContext;
  if (!(await verifyConfirmationTag(keySchedule.confirmationKey, confirmationTag, confirmedTranscriptHash, suite.hash)))
    throw new MlsError('Tampered', 'confirmation tag');
  const secretTree = createSecretTree(tree, encryptionSecret);
  for (const secret of [commitSecret, encryptionSecret, secrets.joinerSecret, secrets.welcomeSecret]) secret.fill(0);
  return { groupContext, ratchetTree: tree, confirmationTag, keySchedule, secretTree };
}

function checkSizes({ proposals, commit }: RemoteCandidate): void {
  if (proposals.length === 0 || proposals.length > MAX_CANDIDATE_PROPOSALS) throw new MlsError('TooManyUpdates');
  const total = proposals.reduce((bytes, proposal) => bytes + proposal.length, commit.length);
  if (total > MAX_CANDIDATE_BYTES) throw new MlsError('TooLarge', 'candidate');
}

/** A PrivateMessage of this group, this epoch and this kind. Throws MlsError. */
function messageFor(state: ClientState, bytes: Uint8Array, kind: 'proposal' | 'commit'): PrivateMessage {
  const message = decodeFrame(bytes, MAX_CANDIDATE_BYTES);
  if (message.wireformat !== 'mls_private_message' || message.privateMessage.contentType !== kind)
    throw new MlsError('Malformed', 'wrong kind of message');
  const { groupId, epoch } = message.privateMessage;
  if (!equalInConstantTime(groupId, state.groupContext.groupId)) throw new MlsError('Malformed', 'another group');
  if (epoch !== state.groupContext.epoch) throw new MlsError('Malformed', 'another epoch');
  return message.privateMessage;
}

/** Verifies each proposal; the returned state holds these and no others. The map is in the order of the bundle. */
async function holdProposals(environment: MlsEnvironment, state: ClientState, bundle: readonly Uint8Array[]) {
  let holding = state;
  const held = new Map<string, HeldProposal>();
  for (const bytes of bundle) {
    await environment.suite.breathe();
    const message = messageFor(state, bytes, 'proposal');
    const processed = await processPrivateMessage(holding, message, emptyPskIndex, environment.suite);
    holding = processed.newState;
    const reference = Object.keys(holding.unappliedProposals).find((key) => !held.has(key));
    const added = reference === undefined ? undefined : holding.unappliedProposals[reference];
    if (reference === undefined || added?.senderLeafIndex === undefined)
      throw new MlsError('Malformed', 'proposal twice');
    const { proposal } = added;
    if (!isMembershipProposal(proposal)) throw new MlsError('Malformed', 'type of proposal');
    const sender = leafAt(state.ratchetTree, added.senderLeafIndex);
    if (sender === undefined) throw new MlsError('Tampered', 'sender');
    held.set(reference, { proposal, sender: claimedMemberId(sender) });
  }
  return { holding, held };
}

/** A commit whose signature was verified. */
interface OpenedCommit {
  readonly content: FramedContentCommit;
  readonly auth: FramedContentAuthDataCommit;
  readonly commit: Commit;
  readonly committerLeaf: number;
}

async function openCommit(
  environment: MlsEnvironment,
  state: ClientState,
  message: PrivateMessage,
): Promise<OpenedCommit> {
  const { content: authenticated } = await unprotectPrivateMessage(
    state.keySchedule.senderDataSecret,
    message,
    state.secretTree,
    state.ratchetTree,
    state.groupContext,
    state.clientConfig.keyRetentionConfig,
    environment.suite,
  );
  const { content, auth } = authenticated;
  if (content.contentType !== 'commit' || auth.contentType !== 'commit' || content.sender.senderType !== 'member')
    throw new MlsError('Malformed', 'sender of commit');
  return { content, auth, commit: content.commit, committerLeaf: content.sender.leafIndex };
}

/** The commit names each proposal of the bundle once, by reference, and nothing else. In the commit's order. H-12 */
function checkedProposals(commit: Commit, held: ReadonlyMap<string, HeldProposal>): readonly HeldProposal[] {
  const named = new Set<string>();
  const proposals = commit.proposals.map((entry) => {
    if (entry.proposalOrRefType !== 'reference') throw new MlsError('Malformed', 'proposal by value');
    const reference = bytesToBase64(entry.reference);
    const proposal = held.get(reference);
    if (proposal === undefined || named.has(reference)) throw new MlsError('Malformed', 'reference');
    named.add(reference);
    return proposal;
  });
  if (proposals.length !== held.size) throw new MlsError('Malformed', 'proposal not committed');
  return proposals;
}

/** The committer renews its keys and stays who it is. H-12, H-10 */
function checkCommitter(
  tree: RatchetTree,
  committerLeaf: number,
  { path }: Commit,
): { committer: MemberId; path: UpdatePath } {
  const current = leafAt(tree, committerLeaf);
  if (current === undefined) throw new MlsError('Tampered', 'committer');
  if (path === undefined) throw new MlsError('Malformed', 'no path');
  if (!sameMemberAndKey(current, path.leafNode)) throw new MlsError('Malformed', 'committer changed');
  return { committer: boundMemberId(path.leafNode), path };
}

async function actionsOf(
  environment: MlsEnvironment,
  tree: RatchetTree,
  proposals: readonly HeldProposal[],
  now: number,
): Promise<readonly CommitAction[]> {
  const actions: CommitAction[] = [];
  for (const { proposal } of proposals) {
    if (proposal.proposalType === 'remove') {
      const leaf = leafAt(tree, proposal.remove.removed);
      if (leaf === undefined) throw new MlsError('Malformed', 'removes nobody');
      actions.push({ kind: 'remove', memberId: claimedMemberId(leaf) });
    } else {
      await environment.suite.breathe();
      const { keyPackage } = proposal.add;
      const memberId = await checkKeyPackage(keyPackage, environment.suite, now, 'committed');
      actions.push({
        kind: 'add',
        memberId,
        keyPackageReference: await makeKeyPackageRef(keyPackage, environment.suite.hash),
        notBeforeSeconds: notBeforeSeconds(keyPackage),
      });
    }
  }
  return actions;
}
