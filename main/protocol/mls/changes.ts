/**
 * Applies the membership changes of a commit to a tree: removals first, then additions, each into the leftmost free leaf.
 * RFC 9420 section 12.4.2. Must not know who proposed what.
 */
import type { KeyPackage } from 'ts-mls/keyPackage.js';
import type { Proposal } from 'ts-mls/proposal.js';
import { addLeafNode, removeLeafNode, type RatchetTree } from 'ts-mls/ratchetTree.js';
import { nodeToLeafIndex, toLeafIndex } from 'ts-mls/treemath.js';
import { MlsError } from './errors.ts';
import { leafAt } from './tree.ts';

/** The only proposals of this profile. §7.1 */
export type MembershipProposal = Extract<Proposal, { proposalType: 'add' | 'remove' }>;

export interface AddedLeaf {
  readonly leafIndex: number;
  readonly keyPackage: KeyPackage;
}

export function isMembershipProposal(proposal: Proposal): proposal is MembershipProposal {
  return proposal.proposalType === 'add' || proposal.proposalType === 'remove';
}

/**
 * Whether the key packages are good, and the result too, is for others to check. Throws MlsError Malformed for a removal of
 * nobody, of the committer, or of one leaf twice. RFC 9420 section 12.2
 */
export function applyChanges(
  tree: RatchetTree,
  committer: number,
  proposals: readonly MembershipProposal[],
): { tree: RatchetTree; added: readonly AddedLeaf[] } {
  let changed = tree;
  const removed = new Set<number>();
  for (const proposal of proposals) {
    if (proposal.proposalType !== 'remove') continue;
    const leaf = proposal.remove.removed;
    if (leaf === committer) throw new MlsError('Malformed', 'removes the committer');
    if (removed.has(leaf) || leafAt(tree, leaf) === undefined) throw new MlsError('Malformed', 'removes nobody');
    removed.add(leaf);
    changed = removeLeafNode(changed, toLeafIndex(leaf));
  }
  const added: AddedLeaf[] = [];
  for (const proposal of proposals) {
    if (proposal.proposalType !== 'add') continue;
    const { keyPackage } = proposal.add;
    const [next, nodeIndex] = addLeafNode(changed, keyPackage.leafNode);
    changed = next;
    added.push({ leafIndex: nodeToLeafIndex(nodeIndex), keyPackage });
  }
  return { tree: changed, added };
}
