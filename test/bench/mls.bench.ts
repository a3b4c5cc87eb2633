/**
 * MLS beside its peers, in one run: our service and the packages openmls-wasm and mls-ts, at several sizes and both shapes of
 * group. And what a group of ours costs to store and to restore, with a real encrypted database.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import type { MlsGroupPart } from '../../main/protocol/mls/index.ts';
import { openStorage } from '../../main/storage/index.ts';
import { median, milliseconds, percentile, printTable, sample } from './measure.ts';
import { at, MESSAGE_BYTES, OPERATIONS, PLAINTEXT, type Shape } from './mlsContender.ts';
import { conclave, CONVERSATION, pairIn, random } from './mlsOurs.ts';
import { loadPeers } from './mlsPeers.ts';

// Once: a second instance would take the memory of the first away.
const peers = await loadPeers();
const SIZES = [2, 16, 64, 128, 256];
const SHAPES: readonly Shape[] = ['many committers', 'one committer'];
const WRITES = 100;
const RESTORES = 10;

describe('MLS beside its peers', () => {
  it.each(SHAPES)('prints medians and 99th percentiles in ms, and our time divided by theirs: %s', async (shape) => {
    const rows: string[][] = [];
    for (const size of SIZES) {
      const ours = await conclave.measure(size, shape);
      const theirs = [];
      for (const peer of peers) theirs.push(await peer.measure(size, shape));
      for (const operation of OPERATIONS) {
        const own = ours[operation] ?? [];
        rows.push([
          String(size),
          operation,
          ...[ours, ...theirs].map((samples) => figures(samples[operation])),
          ...theirs.map((samples) => {
            const other = samples[operation];
            return other === undefined ? '-' : (median(own) / median(other)).toFixed(2);
          }),
        ]);
      }
    }
    const names = [conclave.name, ...peers.map(({ name }) => name)];
    printTable(
      `MLS, ${String(MESSAGE_BYTES)}-byte messages, ${shape}: median / 99th percentile in ms`,
      ['members', 'what', ...names, ...peers.map(({ name }) => `ratio to ${name}`)],
      rows,
    );
    for (const { name, cannot } of peers)
      for (const [operation, why] of Object.entries(cannot)) process.stdout.write(`${name}, ${operation}: ${why}\n`);
  });

  it.each(SHAPES)('prints what a group costs to store: %s', async (shape) => {
    const rows: string[][] = [];
    for (const size of SIZES) rows.push([String(size), ...(await storing(size, shape))]);
    printTable(
      `A group in the store, ${shape}: bytes; median / 99th percentile in ms`,
      ['members', ...PARTS, 'total', 'write after a message', 'write after a commit', 'restore'],
      rows,
    );
  });
});

const PARTS: readonly MlsGroupPart[] = ['tree', 'epoch', 'ratchets', 'history'];

/** Sizes of the parts; encoding and writing of what a message and a commit changed; reading and decoding. */
async function storing(size: number, shape: Shape): Promise<string[]> {
  const now = Date.now();
  const { first, second } = await pairIn(size, shape, now);
  const directory = mkdtempSync(join(tmpdir(), 'conclave-bench-'));
  const storage = openStorage({ file: join(directory, 'conclave.db'), key: random(32), create: true });
  try {
    storage.conversations.put({ conversationId: CONVERSATION, name: 'Bench', createdAt: now });
    let stored: Partial<Record<MlsGroupPart, Uint8Array>> = {};
    const persist = (): void => {
      const parts = first.service.encodeParts(first.group);
      const changed = PARTS.filter((name) => parts[name] !== stored[name]);
      storage.transaction(() => {
        storage.conversations.write(CONVERSATION, {
          parts: changed.map((name) => ({ name, bytes: parts[name] })),
          scores: [],
        });
      });
      stored = parts;
    };
    persist();
    const messages = await timed(
      WRITES,
      async () => {
        first.group = (await first.service.encrypt(first.group, PLAINTEXT)).group;
      },
      persist,
    );
    const memberId = second.identity.memberId;
    const candidate = await first.service.createCandidate(first.group, [{ kind: 'remove', memberId }], now);
    const before = first.group;
    const commits = await timed(
      RESTORES,
      async () => {
        // A new value each time: an encoding is kept with the value that it encodes.
        const { next } = await first.service.createCandidate(before, [{ kind: 'remove', memberId }], now);
        first.group = first.service.merge(candidate.base, next, now);
      },
      persist,
    );
    const sizes = PARTS.map((name) => stored[name]?.length ?? 0);
    const restores = await sample(RESTORES, 2, () => {
      const { parts } = storage.conversations.load(CONVERSATION);
      const bytes = (name: MlsGroupPart): Uint8Array => at([parts.get(name) ?? new Uint8Array()], 0);
      first.service.decodeParts({
        tree: bytes('tree'),
        epoch: bytes('epoch'),
        ratchets: bytes('ratchets'),
        history: bytes('history'),
      });
    });
    return [
      ...sizes.map(String),
      String(sizes.reduce((sum, bytes) => sum + bytes, 0)),
      figures(messages),
      figures(commits),
      figures(restores),
    ];
  } finally {
    storage.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Milliseconds of `work`, with `before` run before each and not counted. */
async function timed(rounds: number, before: () => Promise<void>, work: () => void): Promise<number[]> {
  const times: number[] = [];
  for (let round = -2; round < rounds; round += 1) {
    await before();
    const startedAt = performance.now();
    work();
    if (round >= 0) times.push(performance.now() - startedAt);
  }
  return times;
}

function figures(samples: readonly number[] | undefined): string {
  return samples === undefined ? '-' : `${milliseconds(median(samples))} / ${milliseconds(percentile(samples, 0.99))}`;
}
