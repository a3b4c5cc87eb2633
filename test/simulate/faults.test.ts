/** Whole groups with every fault and every attack, one half of them. `npm run simulate` runs thousands. */
import { describe, it } from 'vitest';
import { keepPromises } from './run/promises.ts';

describe('simulated groups with faults and attacks', () => {
  it(
    'keep every promise of safety, and nearly all agree again and have every message',
    { timeout: 600_000 },
    async () => {
      await keepPromises({ from: 1001, count: 60, realMls: 'tenth' }, [
        'fault crash',
        'fault partition',
        'fault sleep',
        'phase reelection',
      ]);
    },
  );
});
