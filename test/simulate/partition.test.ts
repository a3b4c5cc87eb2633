/** A group that is cut in two for ten minutes, lives on in both halves, and is one group again afterwards. */
import { describe, expect, it } from 'vitest';
import { friendsPreset } from '../../shared/api/settings.ts';
import type { Event, Plan } from './plan/plan.ts';
import { simulate } from './simulation.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const CUT_AT = 2 * MINUTE;
const CUT_FOR = 10 * MINUTE;
const HERE = [0, 1, 2, 3, 8];

/** Ten people: eight are members before the cut, one comes on either side, one is removed on either side, and all talk. */
function plan(seed: number): Plan {
  const early: Event[] = [1, 2, 3, 4, 5, 6, 7].map((who) => ({ at: who * 6 * SECOND, kind: 'join', who, inviter: 0 }));
  const chat: Event[] = Array.from({ length: 60 }, (_, index) => ({
    at: MINUTE + index * 14 * SECOND,
    kind: 'chat',
    who: (index * 3) % 8,
  }));
  const events: Event[] = [
    { at: 0, kind: 'create', who: 0 },
    ...early,
    { at: CUT_AT, kind: 'partition', parts: [HERE], forMs: CUT_FOR },
    { at: CUT_AT + MINUTE, kind: 'join', who: 8, inviter: 1 },
    { at: CUT_AT + 2 * MINUTE, kind: 'join', who: 9, inviter: 5 },
    { at: CUT_AT + 4 * MINUTE, kind: 'remove', who: 1, target: 3 },
    { at: CUT_AT + 5 * MINUTE, kind: 'remove', who: 4, target: 7 },
    ...chat,
  ];
  return {
    seed: `ten minutes apart ${seed}`,
    people: 10,
    hostile: [],
    tempers: Array.from({ length: 10 }, () => ({ yes: 1, no: 0, patience: 0.1 })),
    rules: {
      ...friendsPreset,
      consensusTimeoutMs: 30 * SECOND,
      proposalExpirationMs: MINUTE,
      removalLivenessCriteriaYes: true,
    },
    realMls: false,
    lastsMs: CUT_AT + CUT_FOR + MINUTE,
    events: events.sort((left, right) => left.at - right.at),
  };
}

describe('a group that is cut in two for ten minutes, with joins, removals and talk on both sides', () => {
  it.each([1, 2, 3])(
    'is one group again, with every message at everybody, once (%i)',
    { timeout: 300_000 },
    async (seed) => {
      const { violations, shortfalls, counts } = await simulate(plan(seed));
      expect(violations).toEqual([]);
      expect(shortfalls).toEqual([]);
      expect(counts['fault partition']).toBe(1);
      expect(counts['act remove']).toBe(2);
      expect(counts['messages acknowledged']).toBeGreaterThan(50);
    },
  );
});
