/**
 * The labelled derivations of RFC 9420 section 8, without a promise a hash: thousands of them make a commit.
 * Must not know groups.
 */
import { hkdfExpand, HASH_BYTES } from './hash.ts';

const EMPTY = new Uint8Array(0);

/** Labels of the path and the secret tree. */
const LABELS = {
  node: labelled('node'),
  path: labelled('path'),
  tree: labelled('tree'),
  handshake: labelled('handshake'),
  application: labelled('application'),
} as const;
type Label = keyof typeof LABELS;

function labelled(label: string): Uint8Array {
  return Buffer.from(`MLS 1.0 ${label}`, 'latin1');
}

/** ExpandWithLabel for the short labels and contexts above. RFC 9420 section 8 */
export function expandWithLabel(secret: Uint8Array, label: Label, context: Uint8Array, length: number): Uint8Array {
  const name = LABELS[label];
  if (context.length > 63) throw new RangeError('context length');
  // struct { uint16 length; opaque label<V>; opaque context<V>; }, both lengths in one byte.
  const info = new Uint8Array(4 + name.length + context.length);
  info[0] = length >> 8;
  info[1] = length & 0xff;
  info[2] = name.length;
  info.set(name, 3);
  info[3 + name.length] = context.length;
  info.set(context, 4 + name.length);
  return hkdfExpand(secret, info, length);
}

/** DeriveSecret. RFC 9420 section 8 */
export function deriveSecret(secret: Uint8Array, label: Label): Uint8Array {
  return expandWithLabel(secret, label, EMPTY, HASH_BYTES);
}
