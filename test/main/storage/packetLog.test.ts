/** Packets that are kept for members who were away: by epoch and branch, each once, bounded in bytes and time. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { LogEntry } from '../../../main/protocol/conversation/contract.ts';
import { openDatabase } from '../../../main/storage/open.ts';
import { conversationRepository } from '../../../main/storage/conversationRepository.ts';
import { migrations } from '../../../main/storage/migrations/index.ts';
import { packetLogRepository } from '../../../main/storage/packetLogRepository.ts';
import { scoreRepository } from '../../../main/storage/scoreRepository.ts';
import { MAX_TOPIC_PACKET_BYTES, PACKET_LOG_MS, PACKET_LOG_SWEEP_MS } from '../../../shared/limits.ts';
import { join } from 'node:path';
import { alice, bob, conversation, conversationId, key, newStore, temporaryDirectory } from './support.ts';

const hash = (name: string): Uint8Array => Uint8Array.from(createHash('sha256').update(name).digest().subarray(0, 16));
const bytes = (name: string): Uint8Array => new TextEncoder().encode(name);
const app = (epoch: number, name: string): LogEntry => ({ kind: 'app', epoch, hash: hash(name), payload: bytes(name) });
const commit = (epoch: number, name: string): LogEntry => ({ ...app(epoch, name), kind: 'commit' }) as LogEntry;
const welcome = (epoch: number, name: string): LogEntry => ({ ...app(epoch, name), kind: 'welcome' }) as LogEntry;
const epoch = (number: number, branch = `branch ${number}`): LogEntry => ({
  kind: 'epoch',
  epoch: number,
  branch: hash(branch),
  members: [alice, bob],
});

const id = conversationId();
const names = (rows: readonly { readonly payload: Uint8Array }[]): string[] =>
  rows.map(({ payload }) => Buffer.from(payload).toString());

function storeWith(entries: readonly LogEntry[]) {
  const store = newStore();
  store.conversations.put(conversation());
  for (const entry of entries) store.packetLog.put(id, entry, 1);
  return store;
}

/** The log alone, with a limit of its own. */
function logWith(maxBytes: number) {
  const database = openDatabase({ file: join(temporaryDirectory(), 'log.db'), key, create: true }, migrations);
  conversationRepository(database, scoreRepository(database), () => undefined).put(conversation());
  return packetLogRepository(database, maxBytes);
}

describe('the packets that are kept', () => {
  it('come back by epoch, messages in the order in which they came, page by page, each once', () => {
    const store = storeWith([
      epoch(0),
      app(0, 'one'),
      app(0, 'two'),
      app(0, 'one'),
      commit(0, 'end'),
      epoch(1),
      app(1, 'x'),
      app(0, 'three'),
    ]);
    const first = store.packetLog.messages(id, 0, { limit: 2 });
    expect(names(first)).toEqual(['one', 'two']);
    const { position } = first.at(-1)!;
    expect(names(store.packetLog.messages(id, 0, { after: position, limit: 2 }))).toEqual(['three']);
    expect(new Set(store.packetLog.hashes(id, 0))).toEqual(new Set(['one', 'two', 'three'].map(hash)));
    expect(store.packetLog.commit(id, 0)).toEqual({ hash: hash('end'), payload: bytes('end') });
    expect(store.packetLog.commit(id, 1)).toBeUndefined();
    expect(store.packetLog.epoch(id, 1)).toEqual({ branch: hash('branch 1'), members: [alice, bob] });
    expect(store.packetLog.epoch(id, 2)).toBeUndefined();
  });

  it('of a branch that was given up go with everything after it, and the better commit takes the place', () => {
    const store = storeWith([epoch(0), app(0, 'kept'), commit(0, 'worse'), epoch(1, 'worse'), app(1, 'lost')]);
    store.packetLog.put(id, welcome(1, 'into the worse one'), 1);
    store.packetLog.put(id, commit(0, 'better'), 1);
    store.packetLog.put(id, epoch(1, 'better'), 1);
    expect(store.packetLog.commit(id, 0)?.payload).toEqual(bytes('better'));
    expect(store.packetLog.epoch(id, 1)?.branch).toEqual(hash('better'));
    expect(store.packetLog.hashes(id, 1)).toEqual([]);
    expect(store.packetLog.welcomes(id)).toEqual([]);
    expect(names(store.packetLog.messages(id, 0, { limit: 9 }))).toEqual(['kept']);
  });

  it('of a branch that was left go with the commit that led there, and what was before stays', () => {
    const store = storeWith([epoch(0), app(0, 'kept'), commit(0, 'left'), epoch(1), app(1, 'lost'), epoch(2)]);
    store.packetLog.dropFrom(id, 1);
    expect(store.packetLog.commit(id, 0)).toBeUndefined();
    expect([0, 1, 2].map((number) => store.packetLog.epoch(id, number) !== undefined)).toEqual([true, false, false]);
    expect(names(store.packetLog.messages(id, 0, { limit: 9 }))).toEqual(['kept']);
    expect(store.packetLog.hashes(id, 1)).toEqual([]);
  });

  it('of a commit can be written again, with more that justifies it, and nothing else changes', () => {
    const store = storeWith([epoch(0), commit(0, 'c'), epoch(1), app(1, 'x')]);
    store.packetLog.put(id, { kind: 'commit', epoch: 0, hash: hash('c'), payload: bytes('c, attested') }, 1);
    expect(store.packetLog.commit(id, 0)?.payload).toEqual(bytes('c, attested'));
    expect(store.packetLog.hashes(id, 1)).toHaveLength(1);
  });

  it('that welcome somebody come newest first', () => {
    const store = storeWith([epoch(0), welcome(0, 'a'), welcome(1, 'b'), welcome(1, 'c')]);
    expect(store.packetLog.welcomes(id).map((packet) => Buffer.from(packet).toString())).toEqual(['c', 'b', 'a']);
  });

  it('go with the state and with the conversation', () => {
    for (const go of ['deleteState', 'delete'] as const) {
      const store = storeWith([epoch(0), app(0, 'x')]);
      store.conversations[go](id);
      expect(store.packetLog.hashes(id, 0)).toEqual([]);
      expect(store.packetLog.epoch(id, 0)).toBeUndefined();
    }
  });

  it('do not last when their transaction does not', () => {
    const store = storeWith([epoch(0)]);
    const fail = (): void =>
      store.transaction(() => {
        store.packetLog.put(id, app(0, 'x'), 1);
        throw new Error('the step failed');
      });
    expect(fail).toThrow('the step failed');
    expect(store.packetLog.hashes(id, 0)).toEqual([]);
  });

  it('are refused over the size of a packet', () => {
    const store = storeWith([epoch(0)]);
    const large = new Uint8Array(MAX_TOPIC_PACKET_BYTES + 1);
    expect(() => store.packetLog.put(id, { kind: 'app', epoch: 0, hash: hash('x'), payload: large }, 1)).toThrow(
      expect.objectContaining({ code: 'TOO_LARGE' }),
    );
  });
});

describe('the bounds of what is kept', () => {
  it('let the oldest go when there are too many bytes, and who was a member in epochs of which nothing is left', () => {
    const log = logWith(100_000);
    const large = (number: number): LogEntry => ({
      kind: 'app',
      epoch: number,
      hash: hash(`large ${number}`),
      payload: new Uint8Array(1000),
    });
    for (let number = 0; number < 400; number += 1) {
      log.put(id, epoch(number), 1);
      log.put(id, large(number), 1);
      log.put(id, commit(number, `end ${number}`), 1);
    }
    expect(log.hashes(id, 0)).toEqual([]);
    expect(log.commit(id, 0)).toBeUndefined();
    expect(log.epoch(id, 0)).toBeUndefined();
    expect(log.hashes(id, 399)).toHaveLength(1);
    expect(log.epoch(id, 399)).toBeDefined();
    const kept = Array.from({ length: 400 }, (_, number) => log.hashes(id, number).length);
    // What is left is the end, without a gap.
    expect(kept.slice(kept.indexOf(1))).not.toContain(0);
    expect(kept.filter((count) => count === 1).length).toBeLessThanOrEqual(100);
    expect(kept.filter((count) => count === 1).length).toBeGreaterThan(5);
  });

  it('let go what is older than two weeks, but never who is a member now', () => {
    const store = storeWith([epoch(0), app(0, 'old'), commit(0, 'end'), epoch(1), app(1, 'old too')]);
    const late = PACKET_LOG_MS + PACKET_LOG_SWEEP_MS;
    store.packetLog.put(id, app(1, 'new'), late);
    expect(store.packetLog.hashes(id, 0)).toEqual([]);
    expect(store.packetLog.epoch(id, 0)).toBeUndefined();
    expect(store.packetLog.hashes(id, 1)).toEqual([hash('new')]);
    expect(store.packetLog.epoch(id, 1)?.members).toEqual([alice, bob]);
  });
});
