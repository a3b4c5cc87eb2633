/** Scores in memory: for tests, and as the working copy inside a step. Knows nothing about what a score means. */
import type { MemberId } from '../../../shared/model/ids.ts';
import type { MemberScore, PeerScoreStorage } from './contract.ts';

/** A storage that starts with the given scores and lasts as long as the object. */
export function createInMemoryPeerScoreStorage(initial: Iterable<MemberScore> = []): PeerScoreStorage {
  const scores = new Map<MemberId, bigint>(initial);
  return {
    get: (memberId) => scores.get(memberId),
    set: (memberId, score) => {
      scores.set(memberId, score);
    },
    remove: (memberId) => {
      scores.delete(memberId);
    },
    all: () => [...scores],
  };
}
