/** Waits between dials, and limits of how often something may happen. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRateLimiter, createTokenBucket, redialDelay } from '../../../main/network/backoff.ts';
import { REDIAL_FIRST_MS, REDIAL_LONGEST_MS } from '../../../shared/limits.ts';

const fraction = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('the wait before a redial', () => {
  it('is never shorter than half the first wait, never longer than the cap', () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), fraction, (failures, random) => {
        const wait = redialDelay(failures, random);
        expect(wait).toBeGreaterThanOrEqual(REDIAL_FIRST_MS / 2);
        expect(wait).toBeLessThanOrEqual(REDIAL_LONGEST_MS);
      }),
    );
  });

  it('grows with each failure for the same luck, until the cap', () => {
    fc.assert(
      fc.property(fc.nat(100), fraction, (failures, random) => {
        expect(redialDelay(failures + 1, random)).toBeGreaterThanOrEqual(redialDelay(failures, random));
      }),
    );
    expect([0, 1, 2, 3, 6, 7].map((failures) => redialDelay(failures, 0))).toEqual([
      250, 500, 1_000, 2_000, 15_000, 15_000,
    ]);
  });
});

describe('a token bucket', () => {
  it('gives its burst at once and then one at each refill', () => {
    const bucket = createTokenBucket(3, 1_000);
    expect([1, 2, 3, 4].map(() => bucket.take(0))).toEqual([true, true, true, false]);
    expect(bucket.take(999)).toBe(false);
    expect(bucket.take(1_000)).toBe(true);
    expect(bucket.take(1_000)).toBe(false);
  });

  it('never gives more than burst plus refills, whatever the times, even when the clock steps back', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 500 }), { maxLength: 200 }), (steps) => {
        const bucket = createTokenBucket(5, 1_000);
        let now = 0;
        const taken = steps.filter((step) => bucket.take((now += step))).length;
        expect(taken).toBeLessThanOrEqual(5 + now / 1_000);
      }),
    );
    const bucket = createTokenBucket(1, 1_000);
    expect(bucket.take(10_000)).toBe(true);
    expect(bucket.take(0)).toBe(false);
  });
});

describe('a rate limiter', () => {
  it('limits each key by itself and forgets the longest unused key first', () => {
    const limiter = createRateLimiter(1, 1_000, 2);
    expect(limiter.take('a', 0)).toBe(true);
    expect(limiter.take('b', 0)).toBe(true);
    expect(limiter.take('a', 0)).toBe(false);
    expect(limiter.take('c', 0)).toBe(true);
    expect(limiter.take('a', 0)).toBe(false);
    expect(limiter.take('b', 0)).toBe(true);
  });
});
