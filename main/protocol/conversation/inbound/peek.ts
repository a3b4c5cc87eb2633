/** The epoch that an MLSMessage(PrivateMessage) claims, read without opening it (RFC 9420 section 6). Trusts nothing. */

const MLS10 = 1;
const PRIVATE_MESSAGE = 2;

/** Undefined when the bytes are no PrivateMessage of MLS 1.0. */
export function claimedEpoch(bytes: Uint8Array): bigint | undefined {
  if (bytes.length < 6) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint16(0) !== MLS10 || view.getUint16(2) !== PRIVATE_MESSAGE) return undefined;
  // The group id is a vector with a variable-size length (RFC 9420 section 2.1.2); ids of at most 64 bytes use one or two.
  const first = view.getUint8(4);
  const size = first >> 6;
  if (size > 1) return undefined;
  const length = size === 0 ? first : ((first & 0x3f) << 8) | view.getUint8(5);
  const offset = 5 + size + length;
  return offset + 8 <= bytes.length ? view.getBigUint64(offset) : undefined;
}
