/** Members with reproducible keys and the few steps that every MLS test repeats. */
import { createHash } from 'node:crypto';
import type { Random } from '../../../../main/protocol/random.ts';

/** A deterministic stream: SHA-256 of seed and counter. */
export function seededRandom(seed: number | string): Random {
  let counter = 0;
  return (length) => {
    const bytes = new Uint8Array(length);
    for (let offset = 0; offset < length; offset += 32)
      bytes.set(createHash('sha256').update(`${seed}/${counter++}`).digest().subarray(0, length - offset), offset);
    return bytes;
  };
}
