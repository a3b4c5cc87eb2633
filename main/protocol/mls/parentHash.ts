/**
 * Parent hashes (RFC 9420 section 7.9): what ties each key of the tree to the commit that put it there.
 * Must not know keys or members.
 */
import { encodeParentHashInput } from 'ts-mls/parentHash.js';
import type { Node, RatchetTree } from 'ts-mls/ratchetTree.js';
import { isLeaf, left, right, toNodeIndex } from 'ts-mls/treemath.js';
import { resolutionOf } from './directPath.ts';
import { equalInConstantTime, sha256 } from './provider/hash.ts';
import { treeHashWithout } from './treeHash.ts';

/** The hash of a parent for the child on the other side of `siblingHash`. RFC 9420 section 7.9 */
export function parentHashOf(
  encryptionKey: Uint8Array,
  parentHash: Uint8Array,
  originalSiblingTreeHash: Uint8Array,
): Uint8Array {
  return sha256(encodeParentHashInput({ encryptionKey, parentHash, originalSiblingTreeHash }));
}

/**
 * Whether every parent is valid with respect to a node below it: one that names its hash, and that accounts for all of that
 * side but the leaves that were added since. RFC 9420 section 7.9.2
 */
export function parentHashesHold(tree: RatchetTree): boolean {
  return tree.every((node, index) => node?.nodeType !== 'parent' || hasValidChild(tree, index));
}

function hasValidChild(tree: RatchetTree, index: number): boolean {
  const node = tree[index];
  if (node?.nodeType !== 'parent') return false;
  const { hpkePublicKey, parentHash, unmergedLeaves } = node.parent;
  const unmerged = new Set(unmergedLeaves);
  const sides = [left(toNodeIndex(index)), right(toNodeIndex(index))] as const;
  return ([sides, [sides[1], sides[0]]] as const).some(([side, other]) => {
    const resolution = resolutionOf(tree, side);
    // All but the one node that names this parent must have come later.
    const merged = resolution.filter((below) => !isLeaf(toNodeIndex(below)) || !unmerged.has(below / 2));
    const [child] = merged;
    if (child === undefined || merged.length !== 1) return false;
    const named = parentHashNamedBy(tree[child]);
    if (named === undefined) return false;
    return equalInConstantTime(named, parentHashOf(hpkePublicKey, parentHash, treeHashWithout(tree, other, unmerged)));
  });
}

function parentHashNamedBy(node: Node | undefined): Uint8Array | undefined {
  if (node?.nodeType === 'parent') return node.parent.parentHash;
  return node?.leaf.leafNodeSource === 'commit' ? node.leaf.parentHash : undefined;
}
