/**
 * Follows somebody else's path: checks it, opens the one secret that is for us, and derives the keys above.
 * RFC 9420 section 7.5 and 12.4.2. Must not know proposals.
 */
import type { GroupContext } from 'ts-mls/groupContext.js';
import { verifyLeafNodeSignature } from 'ts-mls/leafNode.js';
import type { PrivateKeyPath } from 'ts-mls/privateKeyPath.js';
import type { RatchetTree } from 'ts-mls/ratchetTree.js';
import { directPath, leafToNodeIndex, leafWidth, toLeafIndex } from 'ts-mls/treemath.js';
import type { UpdatePath } from 'ts-mls/updatePath.js';
import { filteredDirectPath, isAbove, type PathLevel } from './directPath.ts';
import { EMPTY } from './environment.ts';
import { MlsError } from './errors.ts';
import { encryptionKeyAt, pathInfo, putPath } from './path.ts';
import { equalInConstantTime } from './provider/hash.ts';
import { deriveHpkeKeyPair, hpkeOpen } from './provider/hpke.ts';
import { privateKeyObject } from './provider/keys.ts';
import { deriveSecret } from './provider/labels.ts';
import type { MlsSuite } from './provider/provider.ts';
import { leafAt } from './tree.ts';
import { treeHashRoot } from './treeHash.ts';

export interface FollowedPath {
  readonly tree: RatchetTree;
  readonly privatePath: PrivateKeyPath;
  readonly commitSecret: Uint8Array;
}

/** `tree` holds the changes of the commit already, `base` is what it was made from. Throws MlsError. */
export async function followPath(
  tree: RatchetTree,
  base: RatchetTree,
  committer: number,
  path: UpdatePath,
  joiners: readonly number[],
  own: PrivateKeyPath,
  groupContext: GroupContext,
  suite: MlsSuite,
): Promise<FollowedPath> {
  const levels = filteredDirectPath(tree, committer);
  const excluded = new Set(joiners.map((joiner) => 2 * joiner));
  checkShape(levels, path, excluded);
  checkNewKeys(tree, path);
  if (!(await verifyLeafNodeSignature(path.leafNode, groupContext.groupId, committer, suite.signature)))
    throw new MlsError('Tampered', 'signature of the path');
  const put = putPath(
    tree,
    base,
    committer,
    levels,
    path.nodes.map(({ hpkePublicKey }) => hpkePublicKey),
  );
  if (!equalInConstantTime(put.parentHash, path.leafNode.parentHash)) throw new MlsError('Tampered', 'parent hash');
  const changed = put.tree;
  changed[2 * committer] = { nodeType: 'leaf', leaf: path.leafNode };

  const position = levels.findIndex(({ nodeIndex }) => isAbove(nodeIndex, own.leafIndex, tree));
  const level = levels[position];
  if (level === undefined) throw new MlsError('Internal', 'common ancestor');
  const recipients = level.resolution.filter((recipient) => !excluded.has(recipient));
  const mine = recipients.findIndex((recipient) => own.privateKeys[recipient] !== undefined);
  const privateKey = own.privateKeys[recipients[mine] ?? -1];
  const box = path.nodes[position]?.encryptedPathSecret[mine];
  if (privateKey === undefined || box === undefined) throw new MlsError('Tampered', 'path secret');
  const info = pathInfo(suite, groupContext, treeHashRoot(changed, tree));
  let secret = hpkeOpen(info, privateKeyObject('X25519', privateKey), box.kemOutput, EMPTY, box.ciphertext);

  const renewed: Record<number, Uint8Array> = {};
  for (const { nodeIndex } of levels.slice(position)) {
    const pair = deriveHpkeKeyPair(deriveSecret(secret, 'node'));
    // A committer that sent us a wrong path secret is found now, not at the next commit.
    if (!equalInConstantTime(pair.publicKey, encryptionKeyAt(changed, nodeIndex)))
      throw new MlsError('Tampered', 'path secret');
    renewed[nodeIndex] = pair.privateKey;
    secret = deriveSecret(secret, 'path');
  }
  return { tree: changed, privatePath: keptPath(changed, base, own, renewed), commitSecret: secret };
}

/** One node for each level, one ciphertext for each recipient. RFC 9420 section 7.6 */
function checkShape(levels: readonly PathLevel[], { nodes }: UpdatePath, excluded: ReadonlySet<number>): void {
  const fits =
    nodes.length === levels.length &&
    levels.every(({ resolution }, position) => {
      const recipients = resolution.filter((recipient) => !excluded.has(recipient)).length;
      return nodes[position]?.encryptedPathSecret.length === recipients;
    });
  if (!fits) throw new MlsError('Malformed', 'path');
}

/** None of the path's keys is in the tree yet, that of the committer's present leaf included. RFC 9420 section 12.4.2 */
function checkNewKeys(tree: RatchetTree, { leafNode, nodes }: UpdatePath): void {
  const present = new Set<string>();
  for (const node of tree)
    if (node !== undefined)
      present.add(nameOf(node.nodeType === 'parent' ? node.parent.hpkePublicKey : node.leaf.hpkePublicKey));
  for (const { hpkePublicKey } of [leafNode, ...nodes])
    if (present.has(nameOf(hpkePublicKey))) throw new MlsError('DuplicateKey', 'path');
}

/** The keys that we still have and those just derived: exactly those of the nodes above us that we are merged into. */
function keptPath(
  tree: RatchetTree,
  base: RatchetTree,
  own: PrivateKeyPath,
  renewed: Readonly<Record<number, Uint8Array>>,
): PrivateKeyPath {
  const privateKeys: Record<number, Uint8Array> = {};
  const leaf = leafToNodeIndex(toLeafIndex(own.leafIndex));
  if (leafAt(tree, own.leafIndex) === undefined) throw new MlsError('Internal', 'own leaf');
  for (const index of [leaf, ...directPath(leaf, leafWidth(tree.length))]) {
    const node = tree[index];
    if (node === undefined) continue;
    if (node.nodeType === 'parent' && node.parent.unmergedLeaves.includes(own.leafIndex)) continue;
    const kept =
      base[index] !== undefined && equalInConstantTime(encryptionKeyAt(base, index), encryptionKeyAt(tree, index))
        ? own.privateKeys[index]
        : undefined;
    const privateKey = renewed[index] ?? kept;
    if (privateKey === undefined) throw new MlsError('Tampered', 'path secret');
    privateKeys[index] = privateKey;
  }
  return { leafIndex: own.leafIndex, privateKeys };
}

function nameOf(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.length).toString('latin1');
}
