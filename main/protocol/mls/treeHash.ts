/**
 * Tree hashes (RFC 9420 section 7.8) of every node. Trees are values that share their nodes with the tree they were made from,
 * so a commit hashes the nodes above what it changed, and no others. Must not know what changed or why.
 */
import { encode } from 'ts-mls/codec/tlsEncoder.js';
import { parentNodeEncoder } from 'ts-mls/parentNode.js';
import type { RatchetTree } from 'ts-mls/ratchetTree.js';
import { encodeLeafNodeHashInput } from 'ts-mls/treeHash.js';
import { isLeaf, left, nodeToLeafIndex, right, rootFromNodeWidth, toNodeIndex } from 'ts-mls/treemath.js';
import { MlsError } from './errors.ts';
import { HASH_BYTES, sha256 } from './provider/hash.ts';

/** By node index, blank nodes included. */
export type TreeHashes = readonly Uint8Array[];

const PARENT = 2;
const encodeParentNode = encode(parentNodeEncoder);

/** Hashes by the tree that they are of; gone with it. A tree is never changed once it was hashed. */
const known = new WeakMap<RatchetTree, TreeHashes>();

/** `basis` is the tree that this one was made from: what both share is not hashed again. */
export function treeHashes(tree: RatchetTree, basis?: RatchetTree): TreeHashes {
  const cached = known.get(tree);
  if (cached !== undefined) return cached;
  const shared = basis === undefined ? undefined : { tree: basis, hashes: treeHashes(basis) };
  const hashes = Array.from<Uint8Array>({ length: tree.length });
  /** Whether everything at and below a node is what it was in `basis`. */
  const same = new Uint8Array(tree.length);
  const visit = (index: number, lower: readonly [number, number] | undefined): void => {
    const unchanged =
      shared !== undefined &&
      index < shared.tree.length &&
      tree[index] === shared.tree[index] &&
      (lower === undefined || (same[lower[0]] === 1 && same[lower[1]] === 1));
    const old = unchanged ? shared.hashes[index] : undefined;
    if (old !== undefined) same[index] = 1;
    hashes[index] =
      old ??
      (lower === undefined ? leafHash(tree, index) : parentHash(tree, index, hashes[lower[0]], hashes[lower[1]]));
  };
  for (let index = 0; index < tree.length; index += 2) visit(index, undefined);
  for (let half = 1; half < tree.length; half *= 2)
    for (let index = 2 * half - 1; index < tree.length; index += 4 * half) visit(index, [index - half, index + half]);
  known.set(tree, hashes);
  return hashes;
}

export function treeHashRoot(tree: RatchetTree, basis?: RatchetTree): Uint8Array {
  return at(treeHashes(tree, basis), rootFromNodeWidth(tree.length));
}

/**
 * The hash that a subtree had before `leaves` were added to the group: they are blank, and nothing lists them as unmerged.
 * RFC 9420 section 7.9
 */
export function treeHashWithout(tree: RatchetTree, subtree: number, leaves: ReadonlySet<number>): Uint8Array {
  const hashes = treeHashes(tree);
  const hashOf = (index: number): Uint8Array => {
    if (!containsAny(index, leaves)) return at(hashes, index);
    const node = toNodeIndex(index);
    if (isLeaf(node)) return leafHash([], index);
    const here = tree[index];
    const parent =
      here?.nodeType === 'parent'
        ? {
            ...here,
            parent: { ...here.parent, unmergedLeaves: here.parent.unmergedLeaves.filter((leaf) => !leaves.has(leaf)) },
          }
        : undefined;
    return hashOfParent(parent, hashOf(left(node)), hashOf(right(node)));
  };
  return hashOf(subtree);
}

/** Whether the subtree below a node has one of the leaves. */
function containsAny(index: number, leaves: ReadonlySet<number>): boolean {
  const level = 31 - Math.clz32((index ^ (index + 1)) >>> 0);
  const reach = 2 ** level - 1;
  for (const leaf of leaves) if (Math.abs(2 * leaf - index) <= reach) return true;
  return false;
}

function leafHash(tree: RatchetTree, index: number): Uint8Array {
  const node = tree[index];
  if (node?.nodeType === 'parent') throw new MlsError('Malformed', 'structure of the tree');
  return sha256(
    encodeLeafNodeHashInput({
      nodeType: 'leaf',
      leafIndex: nodeToLeafIndex(toNodeIndex(index)),
      leafNode: node?.leaf,
    }),
  );
}

function parentHash(
  tree: RatchetTree,
  index: number,
  leftHash: Uint8Array | undefined,
  rightHash: Uint8Array | undefined,
): Uint8Array {
  if (leftHash === undefined || rightHash === undefined) throw new MlsError('Internal', 'tree hash');
  return hashOfParent(tree[index], leftHash, rightHash);
}

/** struct { NodeType; optional<ParentNode>; opaque left_hash<V>; opaque right_hash<V>; } */
function hashOfParent(node: RatchetTree[number], leftHash: Uint8Array, rightHash: Uint8Array): Uint8Array {
  if (node?.nodeType === 'leaf') throw new MlsError('Malformed', 'structure of the tree');
  const parent = node === undefined ? new Uint8Array(0) : encodeParentNode(node.parent);
  const input = new Uint8Array(4 + parent.length + 2 * HASH_BYTES);
  input[0] = PARENT;
  input[1] = node === undefined ? 0 : 1;
  input.set(parent, 2);
  const hashesAt = 2 + parent.length;
  input[hashesAt] = HASH_BYTES;
  input.set(leftHash, hashesAt + 1);
  input[hashesAt + 1 + HASH_BYTES] = HASH_BYTES;
  input.set(rightHash, hashesAt + 2 + HASH_BYTES);
  return sha256(input);
}

function at(hashes: TreeHashes, index: number): Uint8Array {
  const hash = hashes[index];
  if (hash === undefined) throw new MlsError('Internal', 'tree hash');
  return hash;
}
