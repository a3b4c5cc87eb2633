/**
 * The path of a commit: new keys from the committer's leaf to the root (RFC 9420 section 7.4 to 7.6), made here, followed in
 * followPath.ts. The library's own functions hash the whole tree again and again, and derive one secret too many where the
 * node below the root is the last of the path. Must not know proposals.
 */
import type { HPKECiphertext } from 'ts-mls/hpkeCiphertext.js';
import { encode } from 'ts-mls/codec/tlsEncoder.js';
import { varLenDataEncoder } from 'ts-mls/codec/variableLength.js';
import { groupContextEncoder, type GroupContext } from 'ts-mls/groupContext.js';
import { signLeafNodeCommit, type LeafNodeCommit } from 'ts-mls/leafNode.js';
import type { RatchetTree } from 'ts-mls/ratchetTree.js';
import type { UpdatePath } from 'ts-mls/updatePath.js';
import { filteredDirectPath, withBlankPath, type PathLevel } from './directPath.ts';
import { EMPTY } from './environment.ts';
import { MlsError } from './errors.ts';
import { parentHashOf } from './parentHash.ts';
import { HASH_BYTES } from './provider/hash.ts';
import { deriveHpkeKeyPair, hpkeInfo, hpkeSeal, type HpkeInfo } from './provider/hpke.ts';
import { deriveSecret } from './provider/labels.ts';
import type { MlsSuite } from './provider/provider.ts';
import { leafAt } from './tree.ts';
import { treeHashes, treeHashRoot } from './treeHash.ts';

export interface NewPath {
  readonly tree: RatchetTree;
  readonly updatePath: UpdatePath;
  /** Path secrets by node, for the joiners below it. */
  readonly pathSecrets: ReadonlyMap<number, Uint8Array>;
  /** Raw private keys of the committer's leaf and of every node above it. */
  readonly privateKeys: Readonly<Record<number, Uint8Array>>;
  readonly commitSecret: Uint8Array;
}

/**
 * `tree` holds the changes of the commit already, `base` is what it was made from. The path is not encrypted to `joiners`: the
 * Welcome brings them their secrets.
 */
export async function createPath(
  tree: RatchetTree,
  base: RatchetTree,
  leafIndex: number,
  joiners: readonly number[],
  groupContext: GroupContext,
  signKey: Uint8Array,
  suite: MlsSuite,
): Promise<NewPath> {
  const current = leafAt(tree, leafIndex);
  if (current === undefined) throw new MlsError('Internal', 'own leaf');
  const levels = filteredDirectPath(tree, leafIndex);
  const leafSecret = suite.random(HASH_BYTES);
  const leafKey = deriveHpkeKeyPair(deriveSecret(leafSecret, 'node'));
  const privateKeys: Record<number, Uint8Array> = { [2 * leafIndex]: leafKey.privateKey };
  const pathSecrets = new Map<number, Uint8Array>();
  const publicKeys: Uint8Array[] = [];
  let secret = leafSecret;
  for (const { nodeIndex } of levels) {
    secret = deriveSecret(secret, 'path');
    pathSecrets.set(nodeIndex, secret);
    const pair = deriveHpkeKeyPair(deriveSecret(secret, 'node'));
    privateKeys[nodeIndex] = pair.privateKey;
    publicKeys.push(pair.publicKey);
  }
  const { tree: changed, parentHash } = putPath(tree, base, leafIndex, levels, publicKeys);
  const leafNode = await signLeafNodeCommit(
    {
      ...leafFieldsOf(current),
      leafNodeSource: 'commit',
      hpkePublicKey: leafKey.publicKey,
      parentHash,
      groupId: groupContext.groupId,
      leafIndex,
    },
    signKey,
    suite.signature,
  );
  changed[2 * leafIndex] = { nodeType: 'leaf', leaf: leafNode };

  const info = pathInfo(suite, groupContext, treeHashRoot(changed, tree));
  const excluded = new Set(joiners.map((joiner) => 2 * joiner));
  const nodes: UpdatePath['nodes'] = [];
  for (const [position, { nodeIndex, resolution }] of levels.entries()) {
    const pathSecret = pathSecrets.get(nodeIndex) ?? EMPTY;
    const encryptedPathSecret: HPKECiphertext[] = [];
    for (const recipient of resolution) {
      if (excluded.has(recipient)) continue;
      await suite.breathe();
      const { enc, ct } = hpkeSeal(info, encryptionKeyAt(tree, recipient), EMPTY, pathSecret, suite.random);
      encryptedPathSecret.push({ kemOutput: enc, ciphertext: ct });
    }
    nodes.push({ hpkePublicKey: publicKeys[position] ?? EMPTY, encryptedPathSecret });
  }
  return {
    tree: changed,
    updatePath: { leafNode, nodes },
    pathSecrets,
    privateKeys,
    // Also where nobody else is left: then it follows the leaf's own secret, and the member just removed cannot compute it.
    commitSecret: deriveSecret(secret, 'path'),
  };
}

/**
 * A copy of the tree with new keys on the path, tied together by their parent hashes, top down; and the parent hash that the
 * leaf must name. RFC 9420 section 7.9
 */
export function putPath(
  tree: RatchetTree,
  base: RatchetTree,
  leafIndex: number,
  levels: readonly PathLevel[],
  publicKeys: readonly Uint8Array[],
): { tree: RatchetTree; parentHash: Uint8Array } {
  const hashes = treeHashes(tree, base);
  const changed = withBlankPath(tree, leafIndex);
  let parentHash: Uint8Array = EMPTY;
  for (const [position, { nodeIndex, copath }] of [...levels.entries()].reverse()) {
    const hpkePublicKey = publicKeys[position];
    const siblingHash = hashes[copath];
    if (hpkePublicKey === undefined || siblingHash === undefined) throw new MlsError('Internal', 'path');
    changed[nodeIndex] = { nodeType: 'parent', parent: { hpkePublicKey, parentHash, unmergedLeaves: [] } };
    parentHash = parentHashOf(hpkePublicKey, parentHash, siblingHash);
  }
  return { tree: changed, parentHash };
}

/** The context that path secrets are encrypted in: the next epoch's, before its transcript. RFC 9420 section 7.6 */
export function pathInfo(suite: MlsSuite, groupContext: GroupContext, treeHash: Uint8Array): HpkeInfo {
  const context = encode(groupContextEncoder)({ ...groupContext, treeHash, epoch: groupContext.epoch + 1n });
  return hpkeInfo(suite.aead, Buffer.concat([PATH_LABEL, encode(varLenDataEncoder)(context)]));
}

const PATH_LABEL = encode(varLenDataEncoder)(Buffer.from('MLS 1.0 UpdatePathNode', 'latin1'));

export function encryptionKeyAt(tree: RatchetTree, nodeIndex: number): Uint8Array {
  const node = tree[nodeIndex];
  if (node === undefined) throw new MlsError('Internal', 'blank node');
  return node.nodeType === 'parent' ? node.parent.hpkePublicKey : node.leaf.hpkePublicKey;
}

/** What stays when a leaf renews its key. */
function leafFieldsOf({
  extensions,
  capabilities,
  credential,
  signaturePublicKey,
}: Pick<LeafNodeCommit, 'extensions' | 'capabilities' | 'credential' | 'signaturePublicKey'>) {
  return { extensions, capabilities, credential, signaturePublicKey };
}
