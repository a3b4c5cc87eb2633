/**
 * From a leaf to the root: the nodes of a commit's path, and to whom each one's secret is encrypted.
 * RFC 9420 section 4.1.2. Must not know keys.
 */
import type { RatchetTree } from 'ts-mls/ratchetTree.js';
import {
  directPath,
  isLeaf,
  left,
  leafToNodeIndex,
  leafWidth,
  right,
  toLeafIndex,
  toNodeIndex,
} from 'ts-mls/treemath.js';

/** One level of a filtered direct path. */
export interface PathLevel {
  readonly nodeIndex: number;
  /** The child that is not on the way to the leaf. */
  readonly copath: number;
  /** The resolution of that child; never empty. */
  readonly resolution: readonly number[];
}

/** Bottom up; levels whose other side is empty are left out. */
export function filteredDirectPath(tree: RatchetTree, leafIndex: number): readonly PathLevel[] {
  const levels: PathLevel[] = [];
  let below: number = leafToNodeIndex(toLeafIndex(leafIndex));
  for (const nodeIndex of directPath(toNodeIndex(below), leafWidth(tree.length))) {
    const copath = below < nodeIndex ? right(nodeIndex) : left(nodeIndex);
    const resolution = resolutionOf(tree, copath);
    if (resolution.length > 0) levels.push({ nodeIndex, copath, resolution });
    below = nodeIndex;
  }
  return levels;
}

/** The nodes whose keys together reach everybody below a node. */
export function resolutionOf(tree: RatchetTree, nodeIndex: number): readonly number[] {
  const resolution: number[] = [];
  const visit = (index: number): void => {
    const node = tree[index];
    if (node !== undefined) {
      resolution.push(index);
      if (node.nodeType === 'parent') for (const leaf of node.parent.unmergedLeaves) resolution.push(2 * leaf);
    } else if (!isLeaf(toNodeIndex(index))) {
      visit(left(toNodeIndex(index)));
      visit(right(toNodeIndex(index)));
    }
  };
  visit(nodeIndex);
  return resolution;
}

export function isAbove(nodeIndex: number, leafIndex: number, tree: RatchetTree): boolean {
  return directPath(leafToNodeIndex(toLeafIndex(leafIndex)), leafWidth(tree.length)).includes(toNodeIndex(nodeIndex));
}

/** A copy with all nodes above a leaf blank. */
export function withBlankPath(tree: RatchetTree, leafIndex: number): RatchetTree {
  const copy = tree.slice();
  for (const index of directPath(leafToNodeIndex(toLeafIndex(leafIndex)), leafWidth(tree.length)))
    copy[index] = undefined;
  return copy;
}
