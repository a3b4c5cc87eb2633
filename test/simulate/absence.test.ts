/** Whole groups with every fault and every attack, the other half; here we look that people were away for long. */
import { describe, it } from 'vitest';
import { keepPromises } from './run/promises.ts';

describe('simulated groups some of whose members are away for long', () => {
  it(
    'keep every promise of safety, and nearly all agree again and have every message',
    { timeout: 600_000 },
    async () => {
      await keepPromises({ from: 2001, count: 60, realMls: 'none' }, [
        'fault away asleep',
        'fault away off',
        'fault lost',
        'fault diskFull',
        'copies drop',
        'copies corrupt',
        'messages acknowledged',
      ]);
    },
  );
});
