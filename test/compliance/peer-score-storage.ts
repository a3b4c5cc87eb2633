/** What every PeerScoreStorage must do, whatever it is made of (§15.2). Call it inside a describe. */
import { beforeEach, expect, it } from 'vitest';
import fc from 'fast-check';
import type { PeerScoreStorage } from '../../main/protocol/peer-scoring/contract.ts';
import { filled } from '../main/protocol/vectors.ts';

/** The suite; `create` makes an empty storage for each test. */
export function peerScoreStorageCompliance(create: () => PeerScoreStorage): void {
  const [ann, ben] = [filled(1), filled(2)];
  let storage: PeerScoreStorage;
  beforeEach(() => {
    storage = create();
  });

  it('R-267 is empty at first', () => {
    expect(storage.all()).toEqual([]);
    expect(storage.get(ann)).toBeUndefined();
  });

  it('R-267 gives back what was set, the latest value of each member', () => {
    storage.set(ann, 100n);
    storage.set(ben, -7n);
    storage.set(ann, 90n);
    expect(storage.get(ann)).toBe(90n);
    expect(storage.get(ben)).toBe(-7n);
    expect(new Map(storage.all())).toEqual(
      new Map([
        [ann, 90n],
        [ben, -7n],
      ]),
    );
  });

  it('R-267 removing forgets one member, and an unknown member harmlessly', () => {
    storage.set(ann, 1n);
    storage.set(ben, 2n);
    storage.remove(ann);
    storage.remove(ann);
    expect(storage.get(ann)).toBeUndefined();
    expect(storage.all()).toEqual([[ben, 2n]]);
  });

  it('R-262 keeps the whole range of signed 64-bit integers', () => {
    for (const score of [0n, -1n, 1n, (1n << 63n) - 1n, -(1n << 63n), (1n << 53n) + 1n]) {
      storage.set(ann, score);
      expect(storage.get(ann)).toBe(score);
      expect(storage.all()).toEqual([[ann, score]]);
    }
  });

  it('R-267 behaves like a map under any sequence of operations', () => {
    const member = fc.integer({ min: 1, max: 4 }).map(filled);
    const operation = fc.oneof(
      fc.record({ kind: fc.constant('set' as const), member, score: fc.bigInt(-1000n, 1000n) }),
      fc.record({ kind: fc.constant('remove' as const), member }),
    );
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 20 }), (operations) => {
        const subject = create();
        const model = new Map(subject.all());
        for (const step of operations) {
          if (step.kind === 'set') {
            subject.set(step.member, step.score);
            model.set(step.member, step.score);
          } else {
            subject.remove(step.member);
            model.delete(step.member);
          }
        }
        expect(new Map(subject.all())).toEqual(model);
      }),
      { numRuns: 30 },
    );
  });
}
