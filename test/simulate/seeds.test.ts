/** Some hundred short simulations of whole groups, with every fault and every attack. `npm run simulate` runs thousands. */
import { describe, expect, it } from 'vitest';
import { runSeeds } from './run/seeds.ts';

const members = { least: 3, most: 8 };

describe('simulated groups', () => {
  it('agree on everything while nothing goes wrong, whatever people do', { timeout: 120_000 }, async () => {
    const { broken, apart, counts } = await runSeeds({
      from: 1,
      count: 100,
      members,
      minutes: 1,
      realMls: 'tenth',
      calm: true,
    });
    expect(broken).toEqual([]);
    expect(apart).toEqual([]);
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

  it(
    'keep every promise of safety through faults and attacks, and nearly all agree again',
    { timeout: 240_000 },
    async () => {
      const count = 200;
      const { broken, apart, counts } = await runSeeds({ from: 1001, count, members, minutes: 1, realMls: 'tenth' });
      expect(broken).toEqual([]);
      // What a partition or a lost decision leaves behind is mended by catching up over a direct protocol, which is not there yet.
      expect(apart.length, apart.join('\n')).toBeLessThan(count / 8);
      for (const name of [
        'fault crash',
        'fault partition',
        'fault sleep',
        'copies drop',
        'copies corrupt',
        'phase reelection',
      ])
        expect(counts.get(name) ?? 0, name).toBeGreaterThan(0);
    },
  );
});
