/** Padding of chat: the length on the wire tells the step, not the text. §7.1 [H] */
import type { PaddingConfig } from 'ts-mls/paddingConfig.js';
import { PADDING_LARGE_STEP_BYTES, PADDING_SMALL_BYTES, PADDING_STEP_BYTES } from '../../../shared/limits.ts';

/** The length that a plaintext of `length` bytes is made to look like: the next step, at least one. */
export function paddedLength(length: number): number {
  const step = length <= PADDING_SMALL_BYTES ? PADDING_STEP_BYTES : PADDING_LARGE_STEP_BYTES;
  return Math.max(1, Math.ceil(length / step)) * step;
}

/**
 * MLS's own zero padding (RFC 9420 section 6.3.1) for a plaintext of `length` bytes. The length prefix of the plaintext grows
 * with it, so that is evened out too: all texts of a step give messages of one length.
 */
export function applicationPadding(length: number): PaddingConfig {
  const target = paddedLength(length);
  return { kind: 'alwaysPad', paddingLength: target + prefixLength(target) - length - prefixLength(length) };
}

/** Bytes of the variable-length prefix. RFC 9420 section 2.1.2 */
function prefixLength(length: number): number {
  return length < 0x40 ? 1 : length < 0x4000 ? 2 : 4;
}
