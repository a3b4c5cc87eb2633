/** Damaged files: a store opens with everything in it, or is refused and left as it is. It never loses rows silently. */
import { copyFileSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { StorageError } from '../../../main/storage/index.ts';
import { conversation, conversationId, digest, message, open, temporaryDirectory } from './support.ts';

/** So few that the log of a crash holds all of them: it begins anew when it is long. */
const ROWS = 60;

/** A small generator of pseudo-random numbers (mulberry32), so that a failure can be played again. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

function flip(file: string, position: number, mask: number): void {
  const content = readFileSync(file);
  content[position] = content[position]! ^ mask;
  writeFileSync(file, content);
}

/** The number of messages when the store opens, else the problem; a refused file must not have changed. */
function outcomeOf(file: string): number | string {
  const files = [file, `${file}-wal`].filter((name) => statSync(name, { throwIfNoEntry: false }) !== undefined);
  const before = files.map(digest);
  try {
    const store = open(file, { create: true });
    const newest = store.messages.latest(conversationId());
    const count = store.messages.countUnread(conversationId(), conversation().name as never);
    expect(newest).toEqual(message(count - 1));
    store.close();
    return count;
  } catch (error) {
    expect(error).toBeInstanceOf(StorageError);
    expect(files.map(digest)).toEqual(before);
    return (error as StorageError).problem;
  }
}

describe('a damaged store', () => {
  let whole: string;
  let crashed: string;

  beforeEach(() => {
    whole = join(temporaryDirectory(), 'conclave.db');
    crashed = join(temporaryDirectory(), 'conclave.db');
    open(whole).close();
    const store = open(whole);
    store.conversations.put(conversation());
    for (let index = 0; index < ROWS; index += 1) store.messages.insert(message(index));
    // What a crash at this moment leaves: a file, and a log with all of the rows.
    for (const suffix of ['', '-wal']) copyFileSync(`${whole}${suffix}`, `${crashed}${suffix}`);
    store.close();
  });

  it('opens with everything when nothing is damaged, also after a crash', () => {
    expect(outcomeOf(whole)).toBe(ROWS);
    expect(outcomeOf(crashed)).toBe(ROWS);
  });

  it('is refused for any flipped byte of its file', { timeout: 30_000 }, () => {
    const random = seeded(20261121);
    const copy = join(temporaryDirectory(), 'conclave.db');
    const size = statSync(whole).size;
    // Header, first page, every kind of place in between, and the last byte.
    const places = [0, 15, 16, 100, 4095, size - 1, ...Array.from({ length: 14 }, () => random(size))];
    for (const place of places) {
      copyFileSync(whole, copy);
      flip(copy, place, 1 << random(8));
      expect([place, outcomeOf(copy)]).toEqual([place, place < 4096 ? 'wrongKeyOrNotADatabase' : 'damaged']);
    }
  });

  it('is refused for any truncation of its file', { timeout: 30_000 }, () => {
    const random = seeded(7);
    const copy = join(temporaryDirectory(), 'conclave.db');
    const size = statSync(whole).size;
    const lengths = [0, 1, 4095, 4096, 8192, size - 4096, size - 1, ...Array.from({ length: 13 }, () => random(size))];
    for (const length of lengths) {
      copyFileSync(whole, copy);
      truncateSync(copy, length);
      expect([length, typeof outcomeOf(copy)]).toEqual([length, 'string']);
    }
  });

  it('is refused for a flipped byte in the log of a crash, where that would lose transactions', () => {
    const random = seeded(99);
    const frame = 4096 + 24;
    const size = statSync(`${crashed}-wal`).size;
    // The end of the log is left out: damage there cannot be told from a write that the crash cut off.
    const places = [0, 9, 17, 31, 32, 40, 52, ...Array.from({ length: 13 }, () => random(size - 16 * frame))];
    for (const place of places) {
      const copy = join(temporaryDirectory(), 'conclave.db');
      for (const suffix of ['', '-wal']) copyFileSync(`${crashed}${suffix}`, `${copy}${suffix}`);
      flip(`${copy}-wal`, place, 1 << random(8));
      expect([place, outcomeOf(copy)]).toEqual([place, 'damaged']);
    }
  });

  it('opens with whole transactions only when the end of the log is cut off or garbage', () => {
    const random = seeded(3);
    const frame = 4096 + 24;
    const size = statSync(`${crashed}-wal`).size;
    for (let round = 0; round < 6; round += 1) {
      const copy = join(temporaryDirectory(), 'conclave.db');
      for (const suffix of ['', '-wal']) copyFileSync(`${crashed}${suffix}`, `${copy}${suffix}`);
      const place = size - 1 - random(3 * frame);
      if (round % 2 === 0) truncateSync(`${copy}-wal`, place);
      else writeFileSync(`${copy}-wal`, Buffer.concat([readFileSync(`${copy}-wal`), Buffer.alloc(random(9000), 0x5a)]));
      const count = outcomeOf(copy);
      expect(count).toBeGreaterThan(ROWS - 4);
      if (round % 2 === 1) expect(count).toBe(ROWS);
    }
  });
});
