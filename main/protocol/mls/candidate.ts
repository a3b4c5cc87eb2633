/**
 * Our own commit candidate: which proposals, in which order, and what goes on at this epoch meanwhile. §14.2, §7.3
 */
import { createProposal } from 'ts-mls/createMessage.js';
import { makeKeyPackageRef } from 'ts-mls/keyPackage.js';
import { encodeMlsMessage } from 'ts-mls/message.js';
import type { Proposal } from 'ts-mls/proposal.js';
import type { RatchetTree } from 'ts-mls/ratchetTree.js';
import type { SecretTree } from 'ts-mls/secretTree.js';
import { MAX_CANDIDATE_PROPOSALS } from '../../../shared/limits.ts';
import type { MemberId } from '../../../shared/model/ids.ts';
import { buildCommit } from './commit.ts';
import type { CommitAction, CommitInput, MlsGroup, OwnCandidate } from './contract.ts';
import type { MlsEnvironment } from './environment.ts';
import { MlsError, orMlsError } from './errors.ts';
import { contentOf, fromClientState, makeGroup, ratchetsOf, toClientState, type GroupContent } from './group.ts';
import { checkKeyPackage, decodeKeyPackageBytes, notBeforeSeconds } from './keyPackage.ts';
import { checkTree, membersOf } from './tree.ts';

interface Step {
  readonly proposal: Proposal;
  readonly action: CommitAction;
}

/** See MlsService.createCandidate. */
export async function createCandidate(
  environment: MlsEnvironment,
  group: MlsGroup,
  updates: readonly CommitInput[],
  now: number,
): Promise<OwnCandidate> {
  const content = contentOf(group);
  const steps = await plan(environment, content.public.ratchetTree, updates, now);
  if (steps.length === 0) throw new MlsError('NoChanges');
  return orMlsError('Internal', async () => {
    let state = toClientState(environment, content);
    const proposals: Uint8Array[] = [];
    for (const { proposal } of steps) {
      await environment.suite.breathe();
      const created = await createProposal(state, false, proposal, environment.suite);
      proposals.push(encodeMlsMessage(created.message));
      state = created.newState;
    }
    const { commit, welcome, next, secretTree } = await buildCommit(state, environment.suite);
    await checkTree(next.ratchetTree, environment.suite);
    return {
      base: makeGroup(afterCandidate(content, secretTree)),
      next: makeGroup(fromClientState(next, next.privatePath)),
      proposals,
      commit,
      welcome,
      actions: steps.map(({ action }) => action),
    };
  });
}

/** This epoch goes on, but never again with the handshake keys that the candidate used. */
function afterCandidate(content: GroupContent, secretTree: SecretTree): GroupContent {
  return {
    ...content,
    epoch: { ...content.epoch, handshake: ratchetsOf(secretTree, content.public.ratchetTree, 'handshake') },
  };
}

async function plan(
  environment: MlsEnvironment,
  tree: RatchetTree,
  updates: readonly CommitInput[],
  now: number,
): Promise<readonly Step[]> {
  if (updates.length > MAX_CANDIDATE_PROPOSALS) throw new MlsError('TooManyUpdates');
  const removed = new Set<MemberId>();
  for (const update of updates) if (update.kind === 'remove') removed.add(update.memberId);
  if (removed.has(environment.identity.memberId)) throw new MlsError('OwnRemoval');
  const leaves = new Map(membersOf(tree).map((member) => [member.memberId, member.leafIndex]));
  const staying = new Set([...leaves.keys()].filter((memberId) => !removed.has(memberId)));
  const kept = membersOf(tree).filter(({ memberId }) => !removed.has(memberId));
  const keys = new Set(kept.map(({ signatureKey }) => Buffer.from(signatureKey).toString('base64')));
  const steps: Step[] = [];
  for (const update of updates) {
    switch (update.kind) {
      case 'remove': {
        const leaf = leaves.get(update.memberId);
        if (leaf === undefined) break; // Unknown, or named twice: skipped. §7.3
        leaves.delete(update.memberId);
        steps.push({ proposal: { proposalType: 'remove', remove: { removed: leaf } }, action: update });
        break;
      }
      case 'add': {
        await environment.suite.breathe();
        const keyPackage = decodeKeyPackageBytes(update.keyPackage);
        const memberId = await checkKeyPackage(keyPackage, environment.suite, now, 'announced');
        if (staying.has(memberId)) throw new MlsError('DuplicateIdentity');
        staying.add(memberId);
        const key = Buffer.from(keyPackage.leafNode.signaturePublicKey).toString('base64');
        if (keys.has(key)) throw new MlsError('DuplicateKey');
        keys.add(key);
        const keyPackageReference = await makeKeyPackageRef(keyPackage, environment.suite.hash);
        steps.push({
          proposal: { proposalType: 'add', add: { keyPackage } },
          action: { kind: 'add', memberId, keyPackageReference, notBeforeSeconds: notBeforeSeconds(keyPackage) },
        });
        break;
      }
      default:
        update satisfies never;
    }
  }
  return steps;
}
