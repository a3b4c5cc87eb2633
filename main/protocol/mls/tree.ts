/**
 * The ratchet tree as a roster, and the checks that the library leaves out: unique identities and keys, size, bindings, and
 * that our private keys belong to the public ones.
 */
import type { LeafNode } from 'ts-mls/leafNode.js';
import type { PrivateKeyPath } from 'ts-mls/privateKeyPath.js';
import type { RatchetTree } from 'ts-mls/ratchetTree.js';
import { directPath, leafToNodeIndex, leafWidth, toLeafIndex } from 'ts-mls/treemath.js';
import { MAX_MEMBERS } from '../../../shared/limits.ts';
import type { MlsMember } from './contract.ts';
import { MlsError } from './errors.ts';
import { boundMemberId, claimedMemberId, isChecked } from './leaf.ts';
import { equalInConstantTime } from './provider/hash.ts';
import { privateKeyObject, rawPublicKeyOf } from './provider/keys.ts';
import type { MlsSuite } from './provider/provider.ts';

const rosters = new WeakMap<RatchetTree, readonly MlsMember[]>();

/** Members in the order of their leaves. */
export function membersOf(tree: RatchetTree): readonly MlsMember[] {
  const known = rosters.get(tree);
  if (known !== undefined) return known;
  const members: MlsMember[] = [];
  for (let leafIndex = 0; 2 * leafIndex < tree.length; leafIndex++) {
    const leaf = leafAt(tree, leafIndex);
    if (leaf !== undefined)
      members.push({ leafIndex, memberId: claimedMemberId(leaf), signatureKey: leaf.signaturePublicKey });
  }
  rosters.set(tree, members);
  return members;
}

export function leafAt(tree: RatchetTree, leafIndex: number): LeafNode | undefined {
  const node = tree[2 * leafIndex];
  return node?.nodeType === 'leaf' ? node.leaf : undefined;
}

/**
 * Refuses a tree in which an identity or key occurs twice, that is too big, or in which a leaf has no valid binding or an
 * extension that it does not say it knows. H-10
 * Throws MlsError GroupFull, DuplicateIdentity, DuplicateKey, InvalidBinding, InvalidCredential, UnsupportedKeyPackage.
 */
export async function checkTree(tree: RatchetTree, suite: Pick<MlsSuite, 'breathe'>): Promise<void> {
  if (tree.length > 2 * MAX_MEMBERS - 1) throw new MlsError('GroupFull');
  const identities = new Set<string>();
  const keys = new Set<string>();
  const addKey = (key: Uint8Array): void => {
    const name = Buffer.from(key.buffer, key.byteOffset, key.length).toString('latin1');
    if (keys.has(name)) throw new MlsError('DuplicateKey');
    keys.add(name);
  };
  // What costs nothing first: bindings of leaves that are new may take a millisecond each.
  for (const node of tree) {
    if (node?.nodeType === 'parent') addKey(node.parent.hpkePublicKey);
    if (node?.nodeType !== 'leaf') continue;
    const memberId = claimedMemberId(node.leaf);
    if (identities.has(memberId)) throw new MlsError('DuplicateIdentity');
    identities.add(memberId);
    addKey(node.leaf.hpkePublicKey);
    addKey(node.leaf.signaturePublicKey);
  }
  for (const node of tree) {
    if (node?.nodeType !== 'leaf') continue;
    if (!isChecked(node.leaf)) await suite.breathe();
    boundMemberId(node.leaf);
  }
}

/**
 * Our private keys that still belong to the tree, others forgotten. Every node above us that we are merged into must have
 * one: a committer that sent us a wrong path secret is found now, not at the next commit. RFC 9420 section 7.5, 12.4.3.1
 * Throws MlsError Tampered.
 */
export function checkPrivatePath(tree: RatchetTree, path: PrivateKeyPath): PrivateKeyPath {
  const own = leafToNodeIndex(toLeafIndex(path.leafIndex));
  const privateKeys: Record<number, Uint8Array> = {};
  for (const index of [own, ...directPath(own, leafWidth(tree.length))]) {
    const node = tree[index];
    if (node === undefined) continue;
    if (node.nodeType === 'parent' && node.parent.unmergedLeaves.includes(path.leafIndex)) continue;
    const publicKey = node.nodeType === 'parent' ? node.parent.hpkePublicKey : node.leaf.hpkePublicKey;
    const privateKey = path.privateKeys[index];
    if (
      privateKey === undefined ||
      !equalInConstantTime(publicKey, rawPublicKeyOf(privateKeyObject('X25519', privateKey)))
    )
      throw new MlsError('Tampered', 'path secret');
    privateKeys[index] = privateKey;
  }
  return { leafIndex: path.leafIndex, privateKeys };
}
