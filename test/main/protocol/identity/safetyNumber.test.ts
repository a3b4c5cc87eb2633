/** The number that two people compare. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memberIdFromBytes, safetyNumberOf } from '../../../../main/protocol/identity/index.ts';

const device = fc
  .tuple(fc.uint8Array({ minLength: 20, maxLength: 20 }), fc.uint8Array({ minLength: 32, maxLength: 32 }))
  .map(([id, signatureKey]) => ({ memberId: memberIdFromBytes(id), signatureKey }));

describe('a safety number', () => {
  it('has 60 digits, and is the same on both sides', () => {
    fc.assert(
      fc.property(device, device, (ana, bo) => {
        const number = safetyNumberOf(ana, bo);
        expect(number).toMatch(/^[0-9]{60}$/);
        expect(safetyNumberOf(bo, ana)).toBe(number);
      }),
      { seed: 1, numRuns: 20 },
    );
  });

  it('is another one when a bit of either device or person is another', () => {
    fc.assert(
      fc.property(device, device, fc.integer({ min: 0, max: 255 }), (ana, bo, bit) => {
        const signatureKey = Uint8Array.from(bo.signatureKey);
        signatureKey[bit >> 3]! ^= 1 << (bit & 7);
        expect(safetyNumberOf(ana, { ...bo, signatureKey })).not.toBe(safetyNumberOf(ana, bo));
        expect(safetyNumberOf(ana, { ...bo, memberId: ana.memberId })).not.toBe(safetyNumberOf(ana, bo));
      }),
      { seed: 1, numRuns: 10 },
    );
  });

  it('does not change between versions: two people may have different ones', () => {
    const one = { memberId: memberIdFromBytes(new Uint8Array(20).fill(1)), signatureKey: new Uint8Array(32).fill(2) };
    const other = { memberId: memberIdFromBytes(new Uint8Array(20).fill(3)), signatureKey: new Uint8Array(32).fill(4) };
    expect(safetyNumberOf(one, other)).toBe('118933920714428195330256318663930233203954658672888409995404');
  });
});
