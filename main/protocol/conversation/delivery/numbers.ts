/**
 * Sets of message numbers as stretches, in ascending order and never touching each other, and how they travel: how many are
 * lacking, how many are there, in turns, from number 1 on. Pure; knows no member.
 */
import type { Stretch } from './state.ts';

export const hasNumber = (have: readonly Stretch[], number: number): boolean =>
  have.some(([first, last]) => first <= number && number <= last);

export const highestOf = (have: readonly Stretch[]): number => have.at(-1)?.[1] ?? 0;

/** The set with one more number; the same set when it is there. */
export function withNumber(have: readonly Stretch[], number: number): readonly Stretch[] {
  if (hasNumber(have, number)) return have;
  const before = have.filter(([, last]) => last < number - 1);
  const after = have.filter(([first]) => first > number + 1);
  const touching = have.slice(before.length, have.length - after.length);
  const first = Math.min(number, ...touching.map((stretch) => stretch[0]));
  const last = Math.max(number, ...touching.map((stretch) => stretch[1]));
  return [...before, [first, last], ...after];
}

/** How many numbers above `from` and up to `top` are not in the set. */
export function countMissing(have: readonly Stretch[], from: number, top: number): number {
  const there = have.reduce((sum, [first, last]) => {
    const length = Math.min(last, top) - Math.max(first, from + 1) + 1;
    return sum + Math.max(0, length);
  }, 0);
  return Math.max(0, top - from - there);
}

/** As it travels; what is known to exist up to `top` ends the row. */
export function lengthsOf(have: readonly Stretch[], top: number): readonly number[] {
  const lengths: number[] = [];
  let end = 0;
  for (const [first, last] of have) {
    lengths.push(first - 1 - end, last - first + 1);
    end = last;
  }
  if (top > end) lengths.push(top - end);
  return lengths;
}

/** The set that a row stands for, and the highest number that it names; undefined for a row that goes beyond `limit`. */
export function setOf(
  lengths: readonly bigint[],
  limit: number,
): { readonly have: readonly Stretch[]; readonly top: number } | undefined {
  let have: readonly Stretch[] = [];
  let end = 0n;
  for (const [index, length] of lengths.entries()) {
    const first = end + 1n;
    end += length;
    if (end > BigInt(limit)) return undefined;
    const isThere = index % 2 === 1;
    // A stretch of nothing joins its neighbours.
    if (isThere && length > 0n) have = withStretch(have, [Number(first), Number(end)]);
  }
  return { have, top: Number(end) };
}

/** One more stretch after all others. */
function withStretch(have: readonly Stretch[], [first, last]: Stretch): readonly Stretch[] {
  const previous = have.at(-1);
  if (previous?.[1] === first - 1) return [...have.slice(0, -1), [previous[0], last]];
  return [...have, [first, last]];
}
