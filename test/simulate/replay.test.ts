/** One seed decides everything: a run can be had again, byte for byte. */
import { describe, expect, it } from 'vitest';
import { drawPlan } from './plan/draw.ts';
import { simulate } from './simulation.ts';

const plan = (seed: number) => drawPlan({ seed, members: { least: 4, most: 6 }, minutes: 1, realMls: 'all' });

describe('a simulation', () => {
  it('replays from its seed: every step, packet and write has the same bytes', async () => {
    const first = await simulate(plan(7));
    const second = await simulate(plan(7));
    expect(first.traceEntries).toBeGreaterThan(500);
    expect(second).toEqual(first);
  });

  it('is another one with another seed', async () => {
    const first = await simulate(plan(7));
    const other = await simulate(plan(8));
    expect(other.traceHash).not.toBe(first.traceHash);
  });
});
