/** The doors of the peer-scoring folder; everything else in it is private. */
export type {
  MemberScore,
  PeerScoreStorage,
  PeerScoringPlugin,
  ScoreCrossing,
  ScoreDeltas,
  ScoreEventKind,
  ScoreOp,
  ScoreSnapshot,
} from './contract.ts';
export { SCORE_DELTAS } from './deltas.ts';
export { createInMemoryPeerScoreStorage } from './inMemoryStorage.ts';
export { createPeerScoring, type PeerScoringOptions } from './peerScoring.ts';
