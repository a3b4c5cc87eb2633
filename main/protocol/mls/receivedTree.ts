/**
 * The ratchet tree of a Welcome, verified as RFC 9420 section 12.4.3.1 demands of a joiner.
 *
 * The library's own check cannot be used: it wants every node up to the root to list the same unmerged leaves, where the
 * RFC speaks of the nodes between leaf and parent only (section 7.9). It would keep people out of groups of eight and more.
 */
import { extensionsSupportedByCapabilities } from 'ts-mls/extension.js';
import type { GroupContext } from 'ts-mls/groupContext.js';
import { verifyLeafNodeSignature, verifyLeafNodeSignatureKeyPackage, type LeafNode } from 'ts-mls/leafNode.js';
import type { RatchetTree } from 'ts-mls/ratchetTree.js';
import { directPath, leafToNodeIndex, leafWidth, toLeafIndex, toNodeIndex } from 'ts-mls/treemath.js';
import { MlsError } from './errors.ts';
import { parentHashesHold } from './parentHash.ts';
import { equalInConstantTime } from './provider/hash.ts';
import type { MlsSuite } from './provider/provider.ts';
import { treeHashRoot } from './treeHash.ts';

/** Throws MlsError WelcomeRefused. Identities, bindings and unique keys are for `checkTree`. */
export async function checkReceivedTree(tree: RatchetTree, groupContext: GroupContext, suite: MlsSuite): Promise<void> {
  checkStructure(tree);
  if (!equalInConstantTime(groupContext.treeHash, treeHashRoot(tree)))
    throw new MlsError('WelcomeRefused', 'tree hash');
  if (!parentHashesHold(tree)) throw new MlsError('WelcomeRefused', 'parent hash');
  for (const [index, node] of tree.entries()) {
    if (node?.nodeType !== 'leaf') continue;
    await suite.breathe();
    if (!extensionsSupportedByCapabilities(node.leaf.extensions, node.leaf.capabilities))
      throw new MlsError('WelcomeRefused', 'extension of a leaf');
    if (!(await isSigned(node.leaf, groupContext.groupId, index / 2, suite)))
      throw new MlsError('WelcomeRefused', 'signature of a leaf');
  }
}

function checkStructure(tree: RatchetTree): void {
  for (const [index, node] of tree.entries()) {
    if (node === undefined) continue;
    if ((node.nodeType === 'leaf') !== (index % 2 === 0)) throw new MlsError('WelcomeRefused', 'structure of the tree');
    if (node.nodeType === 'parent') checkUnmerged(tree, index, node.parent.unmergedLeaves);
  }
}

/** Each is a member below this node, once, and every key between the two lists it as well. RFC 9420 section 7.9 */
function checkUnmerged(tree: RatchetTree, parent: number, unmerged: readonly number[]): void {
  if (new Set(unmerged).size !== unmerged.length) throw new MlsError('WelcomeRefused', 'unmerged leaf twice');
  for (const leafIndex of unmerged) {
    const leaf = leafToNodeIndex(toLeafIndex(leafIndex));
    if (leaf >= tree.length || tree[leaf] === undefined) throw new MlsError('WelcomeRefused', 'unmerged leaf is blank');
    const above = directPath(leaf, leafWidth(tree.length));
    const position = above.indexOf(toNodeIndex(parent));
    if (position < 0) throw new MlsError('WelcomeRefused', 'unmerged leaf is elsewhere');
    for (const index of above.slice(0, position)) {
      const between = tree[index];
      if (between?.nodeType === 'parent' && !between.parent.unmergedLeaves.includes(leafIndex))
        throw new MlsError('WelcomeRefused', 'unmerged leaf is merged below');
    }
  }
}

function isSigned(leaf: LeafNode, groupId: Uint8Array, leafIndex: number, { signature }: MlsSuite) {
  return leaf.leafNodeSource === 'key_package'
    ? verifyLeafNodeSignatureKeyPackage(leaf, signature)
    : verifyLeafNodeSignature(leaf, groupId, leafIndex, signature);
}
