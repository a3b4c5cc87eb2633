/** Steps that are committed together leave behind what they leave one by one, whichever of them share a transaction. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { commitSteps } from '../../../main/messenger/commit.ts';
import { detailOfView } from '../../../main/messenger/detail.ts';
import type { Storage } from '../../../main/messenger/ports/storage.ts';
import { openStorage } from '../../../main/storage/index.ts';
import { CONVERSATION, World, type Node } from '../protocol/support/world.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

function newStorage(): Storage {
  const directory = mkdtempSync(join(tmpdir(), 'conclave-batches-'));
  const storage = openStorage({ file: join(directory, 'conclave.db'), key: new Uint8Array(32).fill(5), create: true });
  closing.push(() => {
    storage.close();
    rmSync(directory, { recursive: true });
  });
  return storage;
}

/** What a store holds after all steps of a node, `size` in each transaction. */
function storedOf({ user, steps }: Node, size: number) {
  const storage = newStorage();
  const nameOf = (): undefined => undefined;
  const detail = { storage, user, nameOf, isOnline: () => false, wasAnnounced: () => false };
  const context = {
    storage,
    user,
    now: () => 1,
    nameOf,
    detailOf: (view: Parameters<typeof detailOfView>[0]) => detailOfView(view, detail),
  };
  for (let from = 0; from < steps.length; from += size) commitSteps(steps.slice(from, from + size), context);
  const { parts, scores } = storage.conversations.load(CONVERSATION);
  return {
    parts: new Map([...parts].sort(([a], [b]) => (a < b ? -1 : 1))),
    scores: new Map(scores),
    messages: storage.messages.list(CONVERSATION, { limit: 200 }).map(({ text, status }) => [text, status]),
    journal: storage.journal.list(CONVERSATION, { limit: 200 }),
  };
}

describe('steps that are committed together', () => {
  it('leave the state, messages and journal of steps that are committed one by one', async () => {
    const world = new World();
    const [alice, bob, carol] = (await world.group(['Alice', 'Bob', 'Carol'])) as [Node, Node, Node];
    for (let line = 0; line < 6; line += 1) await world.say(line % 2 === 0 ? alice : bob, `line ${line}`);
    await world.run(10_000);
    await world.input(carol, { kind: 'leave' });
    await world.run(60_000);
    expect(alice.steps.length).toBeGreaterThan(20);
    const single = storedOf(alice, 1);
    expect(single.parts.size).toBeGreaterThan(3);
    expect(single.messages.length).toBeGreaterThan(6);
    for (const size of [2, 3, 7, alice.steps.length]) expect(storedOf(alice, size)).toEqual(single);
  });

  it('leave nothing of a conversation that one of them ended, and all of it when somebody came back', async () => {
    const world = new World();
    const [alice, bob] = (await world.group(['Alice', 'Bob'])) as [Node, Node];
    await world.input(bob, { kind: 'leave' });
    await world.run(60_000);
    expect(storedOf(bob, bob.steps.length)).toEqual(storedOf(bob, 1));
    expect(storedOf(bob, 1).parts.size).toBe(0);
    await world.join(bob, world.invite(alice));
    await world.run(60_000);
    const single = storedOf(bob, 1);
    expect(single.parts.size).toBeGreaterThan(3);
    for (const size of [2, 5, bob.steps.length]) expect(storedOf(bob, size)).toEqual(single);
  });
});
