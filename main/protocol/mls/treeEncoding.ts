/**
 * The TLS encoding of a ratchet tree (RFC 9420 section 12.4.3.3), node by node: a tree shares most nodes with the tree before it,
 * and a node is encoded once. Must not know what the bytes are for.
 */
import type { BufferEncoder } from 'ts-mls/codec/tlsEncoder.js';
import { lengthEncoder } from 'ts-mls/codec/variableLength.js';
import { encodeNode, type Node, type RatchetTree } from 'ts-mls/ratchetTree.js';

const BLANK = 0;
const PRESENT = 1;

/** Encodings by the node that they are of; gone with it. A node never changes. */
const encodings = new WeakMap<Node, Uint8Array>();

/** optional<Node> ratchet_tree<V>, without the blank nodes at its end. */
export const treeEncoder: BufferEncoder<RatchetTree> = (tree) => {
  const nodes = tree.slice(0, tree.findLastIndex((node) => node !== undefined) + 1).map(encodingOf);
  const length = nodes.reduce((bytes, node) => bytes + 1 + (node?.length ?? 0), 0);
  const [prefixLength, writePrefix] = lengthEncoder(length);
  return [
    prefixLength + length,
    (offset, buffer) => {
      writePrefix(offset, buffer);
      const bytes = new Uint8Array(buffer, offset + prefixLength, length);
      let position = 0;
      for (const node of nodes) {
        bytes[position] = node === undefined ? BLANK : PRESENT;
        if (node !== undefined) bytes.set(node, position + 1);
        position += 1 + (node?.length ?? 0);
      }
    },
  ];
};

function encodingOf(node: Node | undefined): Uint8Array | undefined {
  if (node === undefined) return undefined;
  const known = encodings.get(node);
  if (known !== undefined) return known;
  const bytes = encodeNode(node);
  encodings.set(node, bytes);
  return bytes;
}
