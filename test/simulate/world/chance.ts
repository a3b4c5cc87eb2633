/**
 * Everything that is random in a simulation, made from names under one seed: bytes for cryptography, and dice for the world. Knows no
 * other source of randomness.
 */
import { createHash } from 'node:crypto';
import type { Random } from '../../../main/protocol/random.ts';

const BLOCK_BYTES = 32;

/** A stream of bytes: SHA-256 of the name and a counter. */
export function byteStream(name: string): Random {
  let counter = 0;
  return (length) => {
    const bytes = new Uint8Array(length);
    for (let offset = 0; offset < length; offset += BLOCK_BYTES) {
      const block = createHash('sha256').update(`${name}/${counter++}`).digest();
      bytes.set(block.subarray(0, Math.min(BLOCK_BYTES, length - offset)), offset);
    }
    return bytes;
  };
}

/** Small numbers and choices: the sfc32 generator, begun from a hash of the name. */
export class Dice {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(name: string) {
    const hash = createHash('sha256').update(name).digest();
    this.#a = hash.readInt32LE(0);
    this.#b = hash.readInt32LE(4);
    this.#c = hash.readInt32LE(8);
  }

  /** At least 0, less than 1. */
  next(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    return (sum >>> 0) / 2 ** 32;
  }

  /** A whole number from `low` to `high`, both possible. */
  whole(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  pick<Value>(values: readonly Value[]): Value {
    const value = values[Math.floor(this.next() * values.length)];
    if (value === undefined) throw new RangeError('nothing to pick from');
    return value;
  }

  /** `count` different values in a random order; all of them when there are fewer. */
  some<Value>(values: readonly Value[], count: number): Value[] {
    const rest = [...values];
    const chosen: Value[] = [];
    while (chosen.length < count && rest.length > 0) {
      const [value] = rest.splice(Math.floor(this.next() * rest.length), 1);
      if (value !== undefined) chosen.push(value);
    }
    return chosen;
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.whole(0, 255));
  }
}
