/** The evidence of a SCORE_BELOW_THRESHOLD proposal: the score as a little-endian i64 (§16.1). */
import { WireError } from './errors.ts';

const BYTES = 8;

/** Throws WireError InvalidField when the score is no signed 64-bit integer. */
export function encodeScoreEvidence(score: bigint): Uint8Array {
  if (BigInt.asIntN(64, score) !== score) throw new WireError('InvalidField', 'score');
  const bytes = new Uint8Array(BYTES);
  new DataView(bytes.buffer).setBigInt64(0, score, true);
  return bytes;
}

/** Throws WireError Malformed unless there are exactly 8 bytes. */
export function decodeScoreEvidence(bytes: Uint8Array): bigint {
  if (bytes.length !== BYTES) throw new WireError('Malformed', 'score evidence');
  return new DataView(bytes.buffer, bytes.byteOffset, BYTES).getBigInt64(0, true);
}
