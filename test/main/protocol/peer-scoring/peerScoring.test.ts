/** Scoring over the storage in memory passes the suites of both contracts. */
import { describe, expect, it } from 'vitest';
import {
  createInMemoryPeerScoreStorage,
  createPeerScoring,
  SCORE_DELTAS,
} from '../../../../main/protocol/peer-scoring/index.ts';
import { peerScoreStorageCompliance } from '../../../compliance/peer-score-storage.ts';
import { peerScoringCompliance } from '../../../compliance/peer-scoring.ts';
import { filled, vectors } from '../vectors.ts';

describe('the in-memory score storage', () => {
  peerScoreStorageCompliance(() => createInMemoryPeerScoreStorage());

  it('starts with what it is given', () => {
    expect(createInMemoryPeerScoreStorage([[filled(1), 3n]]).get(filled(1))).toBe(3n);
  });
});

describe('peer scoring over memory', () => {
  peerScoringCompliance((settings) => createPeerScoring({ storage: createInMemoryPeerScoreStorage(), ...settings }));

  it('R-260 the table is the one of the vectors, no more and no less', () => {
    const expected = Object.entries(vectors.score_deltas_v4).map(([event, delta]) => [event, BigInt(delta)]);
    expect(SCORE_DELTAS).toEqual(Object.fromEntries(expected));
  });

  it('two conversations never share a score', () => {
    const [one, other] = [1, 2].map(() =>
      createPeerScoring({ storage: createInMemoryPeerScoreStorage(), defaultScore: 100n, threshold: 0n }),
    );
    one?.addMember(filled(1));
    expect(other?.scoreFor(filled(1))).toBeUndefined();
  });
});
