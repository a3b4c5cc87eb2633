/** Whole groups to whom nothing happens but what people do. */
import { describe, expect, it } from 'vitest';
import { runSeeds } from './run/seeds.ts';

describe('simulated groups without a fault', () => {
  it('agree on everything and have every message, whatever people do', { timeout: 600_000 }, async () => {
    const { broken, apart, short, counts } = await runSeeds({
      from: 1,
      count: 80,
      members: { least: 3, most: 8 },
      minutes: 1,
      realMls: 'tenth',
      calm: true,
    });
    expect(broken).toEqual([]);
    expect(apart).toEqual([]);
    expect(short).toEqual([]);
    expect(counts.get('messages acknowledged')).toBeGreaterThan(100);
    for (const name of [
      'act create',
      'act join',
      'act chat',
      'act remove',
      'act leave',
      'act voteNo',
      'act resetInvite',
    ])
      expect(counts.get(name) ?? 0, name).toBeGreaterThan(0);
  });
});
