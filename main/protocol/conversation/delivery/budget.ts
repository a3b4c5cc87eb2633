/**
 * How many bytes acknowledgements may take: a burst for a quiet group, a lasting rate, and a share of the chat beside them, so that they stay under a twentieth of what a busy group says. Knows bytes only.
 */
import {
  ACKNOWLEDGE_BURST_BYTES,
  ACKNOWLEDGE_BYTES_PER_SECOND,
  ACKNOWLEDGE_LARGE_GROUP,
  ACKNOWLEDGE_SHARE,
} from '../../../../shared/limits.ts';
import type { Draft } from '../draft.ts';
import { members } from '../roster.ts';
import { changeMemory, memoryOf } from './reach.ts';

function ratePerMs(draft: Draft): number {
  const share = Math.max(1, ACKNOWLEDGE_LARGE_GROUP / Math.max(1, members(draft).length));
  return (ACKNOWLEDGE_BYTES_PER_SECOND * share) / 1000;
}

export function creditOf(draft: Draft): number {
  const { credit } = memoryOf(draft);
  const passed = Math.max(0, draft.now - credit.at);
  return Math.min(ACKNOWLEDGE_BURST_BYTES, credit.bytes + passed * ratePerMs(draft));
}

/** A packet of chat came or went. */
export function earn(draft: Draft, bytes: number): void {
  const earned = (bytes * ACKNOWLEDGE_SHARE) / Math.max(1, members(draft).length);
  changeMemory(draft, { credit: { bytes: creditOf(draft) + earned, at: draft.now } });
}

export function spend(draft: Draft, bytes: number): void {
  changeMemory(draft, { credit: { bytes: creditOf(draft) - bytes, at: draft.now } });
}

/** When there is credit for so many bytes, ms. */
export function affordableAt(draft: Draft, bytes: number): number {
  const lacking = Math.min(bytes, ACKNOWLEDGE_BURST_BYTES) - creditOf(draft);
  return lacking <= 0 ? draft.now : draft.now + Math.ceil(lacking / ratePerMs(draft));
}
