/**
 * The clock by which messages are ordered: a sender's time is never before what it has seen, so that an answer stands below what
 * it answers although clocks differ. The order, the same for everybody: by that time, then by message id. Knows no message.
 */
import { MAX_CLOCK_SKEW_MS } from '../../../../shared/limits.ts';
import type { Draft } from '../draft.ts';

/** The time of a line that we write now; the next one is later. */
export function stamp(draft: Draft): number {
  const { heard, chat } = draft.state;
  const latest = heard.reduce((time, { latestAt }) => Math.max(time, latestAt), chat.lastSentAt);
  const sentAt = Math.max(draft.now, latest + 1);
  draft.state.chat = { ...chat, lastSentAt: sentAt };
  return sentAt;
}

/** The time on a received message: not further ahead than a clock may be, or it would stand below all others for ever (H-22). */
export function clampedTime(sentAtMs: bigint, now: number): number {
  if (sentAtMs === 0n) return now;
  const latest = now + MAX_CLOCK_SKEW_MS;
  return sentAtMs > BigInt(latest) ? latest : Number(sentAtMs);
}
