/** Sets of message numbers and how they travel. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  countMissing,
  hasNumber,
  highestOf,
  lengthsOf,
  setOf,
  withNumber,
} from '../../../../../main/protocol/conversation/delivery/numbers.ts';
import type { Stretch } from '../../../../../main/protocol/conversation/delivery/state.ts';

const seed = 20_260_501;
const LIMIT = 60;
const numbers = fc.array(fc.integer({ min: 1, max: LIMIT }), { maxLength: 40 });
const setWith = (all: readonly number[]): readonly Stretch[] => all.reduce<readonly Stretch[]>(withNumber, []);

describe('a set of message numbers', () => {
  it('holds exactly what was put in, in whatever order and however often', () => {
    fc.assert(
      fc.property(numbers, (all) => {
        const have = setWith(all);
        for (let number = 1; number <= LIMIT; number += 1) expect(hasNumber(have, number)).toBe(all.includes(number));
        expect(setWith(all.toReversed())).toEqual(have);
        // Ascending and never touching: one form for one set.
        for (const [index, [first, last]] of have.entries()) {
          expect(first).toBeLessThanOrEqual(last);
          if (index > 0) expect(first).toBeGreaterThan((have[index - 1]?.[1] ?? 0) + 1);
        }
      }),
      { seed },
    );
  });

  it('knows how many are missing between two numbers', () => {
    fc.assert(
      fc.property(numbers, fc.nat(LIMIT), fc.nat(LIMIT), (all, from, top) => {
        const wanted = Array.from({ length: LIMIT }, (_, index) => index + 1).filter(
          (number) => number > from && number <= top && !all.includes(number),
        );
        expect(countMissing(setWith(all), from, top)).toBe(wanted.length);
      }),
      { seed },
    );
  });

  it('travels as it is, with the highest number that is known', () => {
    fc.assert(
      fc.property(numbers, fc.nat(LIMIT), (all, known) => {
        const have = setWith(all);
        const top = Math.max(known, highestOf(have));
        expect(setOf(lengthsOf(have, top).map(BigInt), LIMIT)).toEqual({ have, top });
      }),
      { seed },
    );
  });

  it('is read from any row that a stranger may write, in its one form, or refused beyond what exists', () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), { maxLength: 33 }), (lengths) => {
        const read = setOf(lengths, LIMIT);
        const total = lengths.reduce((sum, length) => sum + length, 0n);
        expect(read === undefined).toBe(total > BigInt(LIMIT));
        if (read === undefined) return;
        const all = Array.from({ length: LIMIT }, (_, index) => index + 1).filter((number) =>
          hasNumber(read.have, number),
        );
        expect(read.have).toEqual(setWith(all));
      }),
      { seed },
    );
    fc.assert(
      fc.property(fc.array(fc.bigInt({ min: 0n, max: 4n }), { maxLength: 33 }), (lengths) => {
        const read = setOf(lengths, 1000);
        const all = Array.from({ length: 200 }, (_, index) => index + 1).filter((number) =>
          hasNumber(read?.have ?? [], number),
        );
        expect(read?.have).toEqual(setWith(all));
      }),
      { seed },
    );
  });
});
