/**
 * The first message keys of an epoch (RFC 9420 section 9): from the encryption secret down to the leaves that have a member.
 * The library derives ratchets for every node of the tree, most of which nobody can ever use. Must not know messages.
 */
import type { RatchetTree } from 'ts-mls/ratchetTree.js';
import type { GenerationSecret, SecretTree } from 'ts-mls/secretTree.js';
import { isLeaf, left, right, rootFromNodeWidth, toNodeIndex } from 'ts-mls/treemath.js';
import { EMPTY } from './environment.ts';
import { HASH_BYTES } from './provider/hash.ts';
import { deriveSecret, expandWithLabel } from './provider/labels.ts';

/** Of a leaf without a member, and of nodes that are no leaf. */
export const BLANK_RATCHET: GenerationSecret = { secret: EMPTY, generation: 0, unusedGenerations: {} };

const BLANK_NODE = { handshake: BLANK_RATCHET, application: BLANK_RATCHET };
const LEFT = Buffer.from('left', 'latin1');
const RIGHT = Buffer.from('right', 'latin1');

/** In the library's shape. Secrets of inner nodes are overwritten as soon as both children are known. */
export function createSecretTree(tree: RatchetTree, encryptionSecret: Uint8Array): SecretTree {
  const secrets: SecretTree = tree.map(() => BLANK_NODE);
  const visit = (index: number, secret: Uint8Array): void => {
    const node = toNodeIndex(index);
    if (!isLeaf(node)) {
      const [below, beside] = [left(node), right(node)];
      if (hasMember(tree, below)) visit(below, expandWithLabel(secret, 'tree', LEFT, HASH_BYTES));
      if (hasMember(tree, beside)) visit(beside, expandWithLabel(secret, 'tree', RIGHT, HASH_BYTES));
    } else if (tree[index] !== undefined) {
      secrets[index] = {
        handshake: { ...BLANK_RATCHET, secret: deriveSecret(secret, 'handshake') },
        application: { ...BLANK_RATCHET, secret: deriveSecret(secret, 'application') },
      };
    }
    secret.fill(0);
  };
  visit(rootFromNodeWidth(tree.length), Uint8Array.from(encryptionSecret));
  return secrets;
}

function hasMember(tree: RatchetTree, index: number): boolean {
  const node = toNodeIndex(index);
  if (tree[index] !== undefined) return true;
  return !isLeaf(node) && (hasMember(tree, left(node)) || hasMember(tree, right(node)));
}
