/** Comparison of byte strings. For public values only: it takes longer the more bytes agree. */

export function bytesEqual(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
