/**
 * Verifies somebody else's candidate on a copy of the group: everything that MLS and H-12 demand, nothing installed. §7.3
 * Whether the committer was entitled, and whether the changes were approved, is for others to judge (§14.5).
 */
import { type ClientState } from 'ts-mls/clientState.js';
import type { Commit } from 'ts-mls/commit.js';
import { makeKeyPackageRef } from 'ts-mls/keyPackage.js';
import { unprotectPrivateMessage } from 'ts-mls/messageProtection.js';
import type { PrivateMessage } from 'ts-mls/privateMessage.js';
import { processPrivateMessage } from 'ts-mls/processMessages.js';
import type { Proposal } from 'ts-mls/proposal.js';
import { emptyPskIndex } from 'ts-mls/pskIndex.js';
import type { RatchetTree } from 'ts-mls/ratchetTree.js';
import { bytesToBase64 } from 'ts-mls/util/byteArray.js';
import { MAX_CANDIDATE_BYTES, MAX_CANDIDATE_PROPOSALS } from '../../../shared/limits.ts';
import type { MemberId } from '../../../shared/model/ids.ts';
import type { CommitAction, MlsGroup, RemoteCandidate, Staged } from './contract.ts';
import type { MlsEnvironment } from './environment.ts';
import { MlsError, orMlsError } from './errors.ts';
import { decodeFrame } from './framing.ts';
import { contentOf, fromClientState, makeGroup, toClientState } from './group.ts';
import { checkKeyPackage, notBeforeSeconds } from './keyPackage.ts';
import { boundMemberId, claimedMemberId, sameMemberAndKey } from './leaf.ts';
import { equalInConstantTime } from './provider/hash.ts';
import { checkPrivatePath, checkTree, leafAt } from './tree.ts';

type MembershipProposal = Extract<Proposal, { proposalType: 'add' | 'remove' }>;

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
  const commitMessage = messageFor(state, candidate.commit, 'commit');
  const { commit, committerLeaf } = await openCommit(environment, holding, commitMessage);
  const proposals = checkedProposals(commit, held);
  const committer = checkCommitter(state.ratchetTree, committerLeaf, commit);
  const own = state.privatePath.leafIndex;
  if (committerLeaf === own) throw new MlsError('Tampered', 'own commit');
  const actions = await actionsOf(environment, state.ratchetTree, proposals, now);
  const proposalSenders = [...held.values()].map(({ sender }) => sender);

  const selfRemoved = proposals.some(
    ({ proposal }) => proposal.proposalType === 'remove' && proposal.remove.removed === own,
  );
  // Removed and another put into the own leaf: the library would look for a key that we cannot have. So it only validates.
  const decision = selfRemoved ? 'reject' : 'accept';
  const processed = await processPrivateMessage(
    holding,
    commitMessage,
    emptyPskIndex,
    environment.suite,
    () => decision,
  );
  if (selfRemoved) return { kind: 'staged', next: undefined, committer, proposalSenders, actions, selfRemoved };
  if (processed.kind !== 'newState' || processed.actionTaken !== 'accept')
    throw new MlsError('Internal', 'commit not applied');
  const { newState } = processed;
  checkTree(newState.ratchetTree);
  const next = makeGroup(fromClientState(newState, checkPrivatePath(newState.ratchetTree, newState.privatePath)));
  return { kind: 'staged', next, committer, proposalSenders, actions, selfRemoved };
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
    const message = messageFor(state, bytes, 'proposal');
    const processed = await processPrivateMessage(holding, message, emptyPskIndex, environment.suite);
    holding = processed.newState;
    const reference = Object.keys(holding.unappliedProposals).find((key) => !held.has(key));
    const added = reference === undefined ? undefined : holding.unappliedProposals[reference];
    if (reference === undefined || added?.senderLeafIndex === undefined)
      throw new MlsError('Malformed', 'proposal twice');
    const { proposal } = added;
    if (proposal.proposalType !== 'add' && proposal.proposalType !== 'remove')
      throw new MlsError('Malformed', 'type of proposal');
    const sender = leafAt(state.ratchetTree, added.senderLeafIndex);
    if (sender === undefined) throw new MlsError('Tampered', 'sender');
    held.set(reference, { proposal, sender: claimedMemberId(sender) });
  }
  return { holding, held };
}

/** Decrypts and verifies the commit to see what the library's callback does not show: references and path. */
async function openCommit(
  environment: MlsEnvironment,
  state: ClientState,
  message: PrivateMessage,
): Promise<{ commit: Commit; committerLeaf: number }> {
  const { content } = await unprotectPrivateMessage(
    state.keySchedule.senderDataSecret,
    message,
    state.secretTree,
    state.ratchetTree,
    state.groupContext,
    state.clientConfig.keyRetentionConfig,
    environment.suite,
  );
  if (content.content.contentType !== 'commit' || content.content.sender.senderType !== 'member')
    throw new MlsError('Malformed', 'sender of commit');
  return { commit: content.content.commit, committerLeaf: content.content.sender.leafIndex };
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
function checkCommitter(tree: RatchetTree, committerLeaf: number, commit: Commit): MemberId {
  const current = leafAt(tree, committerLeaf);
  if (current === undefined) throw new MlsError('Tampered', 'committer');
  if (commit.path === undefined) throw new MlsError('Malformed', 'no path');
  if (!sameMemberAndKey(current, commit.path.leafNode)) throw new MlsError('Malformed', 'committer changed');
  return boundMemberId(commit.path.leafNode);
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
