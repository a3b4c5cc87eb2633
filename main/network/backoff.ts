/**
 * How long to wait before a peer is dialled again, and how often something may happen.
 * Pure arithmetic over a time and a random number that are handed in.
 */
import { REDIAL_FIRST_MS, REDIAL_LONGEST_MS } from '../../shared/limits.ts';

/**
 * Wait in ms after `failures` dials in a row that failed: doubles from REDIAL_FIRST_MS up to REDIAL_LONGEST_MS, of which a
 * random half to whole is taken so that a LAN does not redial in step. `random` is in [0, 1).
 */
export function redialDelay(failures: number, random: number): number {
  const doublings = Math.min(Math.max(0, failures), 30);
  const whole = Math.min(REDIAL_LONGEST_MS, REDIAL_FIRST_MS * 2 ** doublings);
  return Math.round(whole * (0.5 + random / 2));
}

/** Something that may happen `burst` times at once and then once every `refillMs`. */
export interface TokenBucket {
  /** Takes one token; false when none is left. */
  take(now: number): boolean;
}

/** Makes a bucket that is full. A clock that steps back adds nothing. */
export function createTokenBucket(burst: number, refillMs: number): TokenBucket {
  let tokens = burst;
  let filledAt: number | undefined;
  return {
    take(now) {
      if (filledAt !== undefined) tokens = Math.min(burst, tokens + Math.max(0, now - filledAt) / refillMs);
      filledAt = now;
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
  };
}

/** One bucket per key, for at most `maxKeys` keys; the longest unused goes first. */
export function createRateLimiter(
  burst: number,
  refillMs: number,
  maxKeys: number,
): { take(key: string, now: number): boolean } {
  const buckets = new Map<string, TokenBucket>();
  return {
    take(key, now) {
      const bucket = buckets.get(key) ?? createTokenBucket(burst, refillMs);
      buckets.delete(key);
      buckets.set(key, bucket);
      if (buckets.size > maxKeys) {
        const oldest = buckets.keys().next();
        if (oldest.done !== true) buckets.delete(oldest.value);
      }
      return bucket.take(now);
    },
  };
}
