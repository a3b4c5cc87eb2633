/** What has to hold in any number of seeds with faults and attacks, as a test asks it. Knows no fault. */
import { expect } from 'vitest';
import { runSeeds, type SeedsOptions } from './seeds.ts';

/** Of so many runs one may end without agreement. */
const APART_SHARE = 1 / 16;

/** Of so many runs one may end while a message is still missing somewhere. */
const SHORT_SHARE = 1 / 16;

/** Runs them; `exercised` names what must have happened in them. */
export async function keepPromises(
  { from, count, realMls }: Pick<SeedsOptions, 'from' | 'count' | 'realMls'>,
  exercised: readonly string[],
): Promise<void> {
  const members = { least: 3, most: 6 };
  const { broken, apart, short, counts } = await runSeeds({ from, count, members, minutes: 1, realMls });
  expect(broken).toEqual([]);
  expect(apart.length, apart.join('\n')).toBeLessThan(count * APART_SHARE);
  expect(short.length, short.join('\n')).toBeLessThan(count * SHORT_SHARE);
  for (const name of exercised) expect(counts.get(name) ?? 0, name).toBeGreaterThan(0);
}
