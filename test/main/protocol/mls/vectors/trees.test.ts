/** Vectors of the ratchet tree: its arithmetic, hashes, parent hashes, proposals and paths, through our own code. */
import { encode } from 'ts-mls/codec/tlsEncoder.js';
import type { GroupContext } from 'ts-mls/groupContext.js';
import type { PrivateKeyPath } from 'ts-mls/privateKeyPath.js';
import { decodeProposal } from 'ts-mls/proposal.js';
import { decodeRatchetTree, updateLeafNode, type RatchetTree } from 'ts-mls/ratchetTree.js';
import * as math from 'ts-mls/treemath.js';
import { decodeUpdatePath } from 'ts-mls/updatePath.js';
import { expect } from 'vitest';
import { applyChanges, isMembershipProposal } from '../../../../../main/protocol/mls/changes.ts';
import { resolutionOf } from '../../../../../main/protocol/mls/directPath.ts';
import { EMPTY } from '../../../../../main/protocol/mls/environment.ts';
import { followPath } from '../../../../../main/protocol/mls/followPath.ts';
import { createPath } from '../../../../../main/protocol/mls/path.ts';
import { deriveHpkeKeyPair } from '../../../../../main/protocol/mls/provider/hpke.ts';
import { deriveSecret } from '../../../../../main/protocol/mls/provider/labels.ts';
import { CIPHER_SUITE } from '../../../../../main/protocol/mls/provider/provider.ts';
import { checkReceivedTree } from '../../../../../main/protocol/mls/receivedTree.ts';
import { checkPrivatePath } from '../../../../../main/protocol/mls/tree.ts';
import { treeEncoder } from '../../../../../main/protocol/mls/treeEncoding.ts';
import { treeHashes, treeHashRoot } from '../../../../../main/protocol/mls/treeHash.ts';
import type { VectorFiles } from './entries.ts';
import { decoded, hex, ours, vectors } from './support.ts';

vectors('tree-math.json', 'the arithmetic that we use', (entry) => {
  const leaves = entry.n_leaves;
  expect(math.nodeWidth(leaves)).toBe(entry.n_nodes);
  expect(math.root(leaves)).toBe(entry.root);
  for (let index = 0; index < entry.n_nodes; index++) {
    const node = math.toNodeIndex(index);
    if (!math.isLeaf(node)) {
      expect(math.left(node)).toBe(entry.left[index]);
      expect(math.right(node)).toBe(entry.right[index]);
    }
    if (index === entry.root) continue;
    expect(math.parent(node, leaves)).toBe(entry.parent[index]);
    expect(math.sibling(node, leaves)).toBe(entry.sibling[index]);
  }
});

vectors('tree-validation.json', 'our tree hashes, resolutions and checks of a joiner', async (entry) => {
  const tree = decoded(decodeRatchetTree, entry.tree);
  expect(treeHashes(tree)).toEqual(entry.tree_hashes.map(hex));
  expect(tree.map((_, index) => resolutionOf(tree, index))).toEqual(entry.resolutions);
  await checkReceivedTree(tree, contextOf(entry.group_id, 0, treeHashRoot(tree)), ours);
  // A tree with another parent hash, or with a key that nobody vouches for, is refused.
  const index = tree.findIndex((node) => node?.nodeType === 'parent');
  const node = tree[index];
  if (node?.nodeType !== 'parent') return;
  for (const altered of [{ hpkePublicKey: hex('11'.repeat(32)) }, { parentHash: hex('22'.repeat(32)) }]) {
    const forged = tree.with(index, { nodeType: 'parent', parent: { ...node.parent, ...altered } });
    await expect(checkReceivedTree(forged, contextOf(entry.group_id, 0, treeHashRoot(forged)), ours)).rejects.toThrow();
  }
});

vectors('tree-operations.json', 'our changes of a tree', (entry) => {
  const before = decoded(decodeRatchetTree, entry.tree_before);
  expect(treeHashRoot(before)).toEqual(hex(entry.tree_hash_before));
  const proposal = decoded(decodeProposal, entry.proposal);
  let after: RatchetTree;
  if (isMembershipProposal(proposal)) after = applyChanges(before, -1, [proposal]).tree;
  else if (proposal.proposalType === 'update')
    after = updateLeafNode(before, proposal.update.leafNode, math.toLeafIndex(entry.proposal_sender));
  else throw new Error('a proposal of another type');
  expect(encode(treeEncoder)(after)).toEqual(hex(entry.tree_after));
  // From the tree before, and from nothing.
  expect(treeHashRoot(after.slice())).toEqual(hex(entry.tree_hash_after));
  expect(treeHashRoot(after, before)).toEqual(hex(entry.tree_hash_after));
});

vectors('treekem.json', 'our paths, followed and made', async (entry) => {
  const tree = decoded(decodeRatchetTree, entry.ratchet_tree);
  // The vectors encrypt in the context of `epoch`, which is the next one to us.
  const context = contextOf(entry.group_id, entry.epoch - 1, treeHashRoot(tree), entry.confirmed_transcript_hash);
  const members = entry.leaves_private.map((member) => ({ ...member, path: privatePathOf(tree, member) }));
  const follow = (path: PrivateKeyPath, sender: number, made: Parameters<typeof followPath>[3]) =>
    followPath(tree, tree, sender, made, [], path, context, ours);
  for (const { sender, update_path, commit_secret, tree_hash_after, path_secrets } of entry.update_paths) {
    const made = decoded(decodeUpdatePath, update_path);
    for (const { index, path } of members) {
      if (index === sender) continue;
      const followed = await follow(path, sender, made);
      expect(followed.commitSecret).toEqual(hex(commit_secret));
      expect(treeHashRoot(followed.tree)).toEqual(hex(tree_hash_after));
      // The secret that was for us belongs to the lowest key that we got.
      const secret = hex(path_secrets[index] ?? '');
      const { privateKey } = deriveHpkeKeyPair(deriveSecret(secret, 'node'));
      expect(Object.values(followed.privatePath.privateKeys)).toContainEqual(privateKey);
    }
  }
  for (const { index: sender, signature_priv: signKey } of members) {
    const made = await createPath(tree, tree, sender, [], context, hex(signKey), ours);
    for (const { index, path } of members) {
      if (index === sender) continue;
      const followed = await follow(path, sender, made.updatePath);
      expect(followed.commitSecret).toEqual(made.commitSecret);
      expect(treeHashRoot(followed.tree)).toEqual(treeHashRoot(made.tree));
    }
  }
});

function privatePathOf(
  tree: RatchetTree,
  member: VectorFiles['treekem.json']['leaves_private'][number],
): PrivateKeyPath {
  const privateKeys: Record<number, Uint8Array> = { [2 * member.index]: hex(member.encryption_priv) };
  for (const { node, path_secret } of member.path_secrets)
    privateKeys[node] = deriveHpkeKeyPair(deriveSecret(hex(path_secret), 'node')).privateKey;
  return checkPrivatePath(tree, { leafIndex: member.index, privateKeys });
}

function contextOf(groupId: string, epoch: number, treeHash: Uint8Array, transcript = ''): GroupContext {
  return {
    version: 'mls10',
    cipherSuite: CIPHER_SUITE,
    groupId: hex(groupId),
    epoch: BigInt(epoch),
    treeHash,
    confirmedTranscriptHash: transcript === '' ? EMPTY : hex(transcript),
    extensions: [],
  };
}
