/** A failing history is made short without losing what fails. */
import { describe, expect, it } from 'vitest';
import { drawPlan } from './plan/draw.ts';
import type { Plan } from './plan/plan.ts';
import { shrink } from './run/shrink.ts';

const plan = drawPlan({ seed: 3, members: { least: 8, most: 8 }, minutes: 5, realMls: 'none' });

describe('shrinking', () => {
  it('keeps just the events that the failure needs, in their order', async () => {
    const needed = [plan.events[5], plan.events[17], plan.events[40]];
    const fails = async ({ events }: Plan) => needed.every((event) => event !== undefined && events.includes(event));
    const shrunk = await shrink(plan, { fails, goOn: () => true });
    expect(shrunk.plan.events).toEqual(needed);
  });

  it('stops when it is told to, with what it has', async () => {
    let attempts = 0;
    const shrunk = await shrink(plan, {
      fails: async () => true,
      goOn: () => attempts++ < 6,
    });
    expect(shrunk.plan.events.length).toBeGreaterThan(1);
    expect(shrunk.plan.events.length).toBeLessThan(plan.events.length);
  });
});
