/** What every PeerScoringPlugin must do (§15.2), over whatever storage. Call it inside a describe. */
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import type { PeerScoringPlugin, ScoreDeltas, ScoreEventKind } from '../../main/protocol/peer-scoring/contract.ts';
import { filled, vectors } from '../main/protocol/vectors.ts';

export interface PeerScoringSettings {
  readonly defaultScore: bigint;
  readonly threshold: bigint;
  /** Absent: the implementation's own table. */
  readonly deltas?: ScoreDeltas;
}

const MAX = (1n << 63n) - 1n;
const MIN = -(1n << 63n);
const [ann, ben, cleo] = [filled(1), filled(2), filled(3)];

const table = (deltas: Readonly<Record<string, number>>): ScoreDeltas =>
  Object.fromEntries(Object.entries(deltas).map(([event, delta]) => [event, BigInt(delta)]));

/** The suite; `create` makes an empty component for each test. */
export function peerScoringCompliance(create: (settings: PeerScoringSettings) => PeerScoringPlugin): void {
  const fresh = (settings: Partial<PeerScoringSettings> = {}): PeerScoringPlugin =>
    create({ defaultScore: 100n, threshold: 0n, ...settings });

  describe('members', () => {
    it('R-261 a new member has the default score, without an event', () => {
      const scoring = fresh();
      expect(scoring.addMember(ann)).toEqual([]);
      expect(scoring.scoreFor(ann)).toBe(100n);
      expect(scoring.scoreFor(ben)).toBeUndefined();
    });

    it('R-261 adding a member twice resets its score', () => {
      const scoring = fresh();
      scoring.addMember(ann);
      scoring.applyOp({ memberId: ann, event: 'SuccessfulCommit' });
      expect(scoring.addMember(ann)).toEqual([]);
      expect(scoring.scoreFor(ann)).toBe(100n);
    });

    it.each([-1n, 0n])('R-261 a default of %s, at or under the threshold, tells of a crossing down', (defaultScore) => {
      expect(fresh({ defaultScore }).addMember(ann)).toEqual([
        { kind: 'ThresholdCrossedDown', memberId: ann, score: defaultScore },
      ]);
    });

    it('R-261 removing forgets, again and again', () => {
      const scoring = fresh();
      scoring.addMember(ann);
      scoring.removeMember(ann);
      scoring.removeMember(ann);
      expect(scoring.scoreFor(ann)).toBeUndefined();
      expect(scoring.allMembersWithScores()).toEqual([]);
    });

    it('R-261 setDefaultScore counts for members added later only', () => {
      const scoring = fresh();
      scoring.addMember(ann);
      scoring.setDefaultScore(7n);
      scoring.addMember(ben);
      expect(scoring.defaultScore()).toBe(7n);
      expect(scoring.allMembersWithScores()).toEqual([
        [ann, 100n],
        [ben, 7n],
      ]);
    });
  });

  describe('operations', () => {
    it.each(Object.entries(vectors.score_deltas_v4))('R-260 %s is worth %i points', (event, delta) => {
      const scoring = fresh();
      scoring.addMember(ann);
      scoring.applyOp({ memberId: ann, event: event as ScoreEventKind });
      expect(scoring.scoreFor(ann)).toBe(100n + BigInt(delta));
    });

    it.each(vectors.score_runs.map((run, index) => [index, run] as const))(
      'R-260 R-263 run %i of the vectors, which uses the table of 3.0.0, gives its scores and crossings',
      (_index, run) => {
        const scoring = fresh({
          defaultScore: BigInt(run.start),
          threshold: BigInt(run.threshold),
          deltas: table(vectors.score_deltas_v3),
        });
        scoring.addMember(ann);
        for (const step of run.steps) {
          const crossings = scoring.applyOp({ memberId: ann, event: step.event as ScoreEventKind });
          expect(scoring.scoreFor(ann)).toBe(BigInt(step.score));
          expect(crossings.map((crossing) => crossing.kind)).toEqual(step.crossing === null ? [] : [step.crossing]);
        }
      },
    );

    it('R-262 an operation on an untracked member does nothing and adds nobody', () => {
      const scoring = fresh();
      expect(scoring.applyOp({ memberId: ann, event: 'BrokenCommit' })).toEqual([]);
      expect(scoring.allMembersWithScores()).toEqual([]);
    });

    it('R-262 an event that is missing from the table counts nothing', () => {
      const scoring = fresh({ deltas: {} });
      scoring.addMember(ann);
      expect(scoring.applyOp({ memberId: ann, event: 'BrokenCommit' })).toEqual([]);
      expect(scoring.scoreFor(ann)).toBe(100n);
    });

    it('R-262 scores stay within 64 bits at both ends', () => {
      const scoring = fresh();
      scoring.applySnapshot({
        diverged: [
          [ann, MAX - 3n],
          [ben, MIN + 3n],
        ],
      });
      scoring.applyOps([
        { memberId: ann, event: 'SuccessfulCommit' },
        { memberId: ben, event: 'BrokenCommit' },
      ]);
      expect(scoring.scoreFor(ann)).toBe(MAX);
      expect(scoring.scoreFor(ben)).toBe(MIN);
    });

    it('R-263 a crossing down is told once, not again while below; coming back is told once', () => {
      const scoring = fresh();
      scoring.addMember(ann);
      const down = { memberId: ann, event: 'BrokenCommit' } as const;
      const up = { memberId: ann, event: 'EmergencyYesCreator' } as const;
      expect(scoring.applyOp(down)).toEqual([]);
      expect(scoring.applyOp(down)).toEqual([{ kind: 'ThresholdCrossedDown', memberId: ann, score: 0n }]);
      expect(scoring.applyOp(down)).toEqual([]);
      expect(scoring.applyOps([up, up])).toEqual([]);
      expect(scoring.applyOp(up)).toEqual([{ kind: 'ThresholdCrossedUp', memberId: ann, score: 10n }]);
      expect(scoring.applyOp(up)).toEqual([]);
    });

    it('R-264 a batch tells of each crossing inside it, in order', () => {
      const scoring = fresh({ defaultScore: 10n });
      scoring.addMember(ann);
      scoring.addMember(ben);
      expect(
        scoring.applyOps([
          { memberId: ann, event: 'MisbehavingCommit' },
          { memberId: ben, event: 'BrokenCommit' },
          { memberId: ann, event: 'HonestCommitAttempt' },
          { memberId: ann, event: 'MisbehavingCommit' },
        ]),
      ).toEqual([
        { kind: 'ThresholdCrossedDown', memberId: ann, score: 0n },
        { kind: 'ThresholdCrossedDown', memberId: ben, score: -40n },
        { kind: 'ThresholdCrossedUp', memberId: ann, score: 5n },
        { kind: 'ThresholdCrossedDown', memberId: ann, score: -5n },
      ]);
    });

    it('R-264 a batch is the same as its operations one by one', () => {
      const op = fc.record({
        memberId: fc.constantFrom(ann, ben, cleo),
        event: fc.constantFrom(...(Object.keys(vectors.score_deltas_v4) as ScoreEventKind[])),
      });
      fc.assert(
        fc.property(fc.array(op, { maxLength: 30 }), (ops) => {
          const [batch, single] = [fresh({ defaultScore: 40n }), fresh({ defaultScore: 40n })];
          for (const scoring of [batch, single]) {
            for (const member of [ann, ben]) {
              scoring.removeMember(member);
              scoring.addMember(member);
            }
          }
          const together = batch.applyOps(ops);
          expect(together).toEqual(ops.flatMap((each) => single.applyOp(each)));
          expect(batch.allMembersWithScores()).toEqual(single.allMembersWithScores());
          // Crossings of one member alternate, beginning with one down.
          for (const member of [ann, ben]) {
            const kinds = together.filter((crossing) => crossing.memberId === member).map((crossing) => crossing.kind);
            expect(kinds).toEqual(
              kinds.map((_, index) => (index % 2 === 0 ? 'ThresholdCrossedDown' : 'ThresholdCrossedUp')),
            );
          }
        }),
        { numRuns: 50 },
      );
    });
  });

  describe('snapshots', () => {
    it('R-265 a snapshot holds only scores that differ from the default', () => {
      const scoring = fresh();
      scoring.addMember(ann);
      scoring.addMember(ben);
      scoring.applyOp({ memberId: ben, event: 'SuccessfulCommit' });
      expect(scoring.snapshot()).toEqual({ diverged: [[ben, 110n]] });
    });

    it('R-265 applying a snapshot tells only of real crossings, a repeat of none', () => {
      const scoring = fresh();
      scoring.addMember(ann);
      scoring.addMember(ben);
      const snapshot = {
        diverged: [
          [ann, -5n],
          [ben, 60n],
        ],
      } as const;
      expect(scoring.applySnapshot(snapshot)).toEqual([{ kind: 'ThresholdCrossedDown', memberId: ann, score: -5n }]);
      expect(scoring.applySnapshot(snapshot)).toEqual([]);
      expect(scoring.applySnapshot({ diverged: [[ann, 1n]] })).toEqual([
        { kind: 'ThresholdCrossedUp', memberId: ann, score: 1n },
      ]);
    });

    it('R-265 an unknown member is added, and told of when it starts below', () => {
      const scoring = fresh();
      expect(
        scoring.applySnapshot({
          diverged: [
            [ann, 5n],
            [ben, 0n],
          ],
        }),
      ).toEqual([{ kind: 'ThresholdCrossedDown', memberId: ben, score: 0n }]);
      expect(scoring.scoreFor(ann)).toBe(5n);
    });

    it('R-265 a snapshot carries every score over to an empty component', () => {
      const scores = fc.dictionary(fc.constantFrom('1', '2', '3', '4'), fc.bigInt(MIN, MAX));
      fc.assert(
        fc.property(scores, (values) => {
          const [from, to] = [fresh(), fresh()];
          for (const [key, score] of Object.entries(values)) {
            from.applySnapshot({ diverged: [[filled(Number(key)), score]] });
          }
          to.applySnapshot(from.snapshot());
          for (const [key, score] of Object.entries(values)) {
            if (score !== 100n) expect(to.scoreFor(filled(Number(key)))).toBe(score);
          }
        }),
        { numRuns: 30 },
      );
    });
  });

  describe('threshold', () => {
    it('R-266 changing the threshold changes who is below and tells nobody', () => {
      const scoring = fresh();
      scoring.addMember(ann);
      scoring.addMember(ben);
      scoring.applyOp({ memberId: ben, event: 'SuccessfulCommit' });
      expect(scoring.membersBelowThreshold()).toEqual([]);
      scoring.setThreshold(100n);
      expect(scoring.threshold()).toBe(100n);
      expect(scoring.membersBelowThreshold()).toEqual([ann]);
    });

    it('R-281 a score equal to the threshold is below, one point more is not', () => {
      const scoring = fresh({ threshold: 50n });
      scoring.applySnapshot({
        diverged: [
          [ann, 50n],
          [ben, 51n],
        ],
      });
      expect(scoring.membersBelowThreshold()).toEqual([ann]);
    });
  });
}
