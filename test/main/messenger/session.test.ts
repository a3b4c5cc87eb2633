/** A profile at work ends when it is told to, whatever its store refuses meanwhile. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { runExchange } from '../../../main/messenger/catchUp/exchange.ts';
import { commitSteps } from '../../../main/messenger/commit.ts';
import { detailOfView } from '../../../main/messenger/detail.ts';
import type { Network, NetworkEvent } from '../../../main/messenger/ports/network.ts';
import type { Storage } from '../../../main/messenger/ports/storage.ts';
import { openSession, type Session } from '../../../main/messenger/session.ts';
import { createUser } from '../../../main/protocol/user/index.ts';
import { openStorage } from '../../../main/storage/index.ts';
import { STORAGE_RETRY_MS } from '../../../shared/limits.ts';
import { channelPair } from '../../simulate/world/channel.ts';
import { World, type Node } from '../protocol/support/world.ts';
import { contextOf, peerIdOf, TestClock, turn } from './catchUp/support.ts';

const directories: string[] = [];
afterEach(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true });
});

/** A store with everything that a node stored until now, and a hand on whether it takes more. */
function storeOf({ user, steps }: Node): { storage: Storage; control: { refuse: boolean; refused: number } } {
  const directory = mkdtempSync(join(tmpdir(), 'conclave-session-'));
  directories.push(directory);
  const real = openStorage({ file: join(directory, 'conclave.db'), key: new Uint8Array(32).fill(5), create: true });
  const control = { refuse: false, refused: 0 };
  const storage: Storage = {
    ...real,
    transaction(work) {
      if (!control.refuse) return real.transaction(work);
      control.refused += 1;
      throw new Error('disk full');
    },
  };
  const nameOf = (): undefined => undefined;
  const detail = { storage, user, nameOf, isOnline: () => false, wasAnnounced: () => false };
  const detailOf = (view: Parameters<typeof detailOfView>[0]) => detailOfView(view, detail);
  for (const step of steps) commitSteps([step], { storage, user, now: () => 1, nameOf, detailOf });
  return { storage, control };
}

/** A network that reaches nobody by itself. */
const quietNetwork = (node: Node): Network => ({
  start: () => Promise.resolve(),
  stop: () => Promise.resolve(),
  peerId: peerIdOf(node),
  listenAddresses: () => [],
  subscribe: () => undefined,
  unsubscribe: () => undefined,
  publish: () => Promise.resolve({ recipients: 0 }),
  topicPeers: () => [],
  connect: () => Promise.reject(new Error('nobody is there')),
  addKnownPeers: () => undefined,
  knownPeers: () => [],
  wake: () => undefined,
  offerInvite: () => Promise.reject(new Error('nobody is there')),
  openCatchUp: () => Promise.reject(new Error('nobody is there')),
  setProfile: () => undefined,
  setSharedMembers: () => undefined,
  peers: () => [],
  diagnostics: () => {
    throw new Error('nobody asks');
  },
});

async function sessionOf(node: Node, storage: Storage, clock: TestClock) {
  let tell: ((event: NetworkEvent) => void) | undefined;
  const { identity, mls, random, name } = node;
  const session: Session = await openSession({
    identity,
    storage,
    user: createUser({ identity, mls, random, displayName: name }),
    clock,
    logger: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
    emit: () => undefined,
    createNetwork: (onEvent) => {
      tell = onEvent;
      return Promise.resolve(quietNetwork(node));
    },
  });
  return { session, tell: (event: NetworkEvent): void => tell?.(event) };
}

describe('a session that is closed', () => {
  it('W-44 ends although the disk is full and what an exchange brought waits to be written', async () => {
    const world = new World({ seed: 'session' });
    const [ann, bob] = (await world.group(['ann', 'bob'])) as [Node, Node];
    await world.run(20_000);
    world.delivery = () => [];
    await world.say(ann, 'while bob was away');
    const clock = new TestClock(world, bob.random);
    const { storage, control } = storeOf(bob);
    const { session, tell } = await sessionOf(bob, storage, clock);

    control.refuse = true;
    const pair = channelPair((run) => setImmediate(run));
    const other = runExchange(pair.left, 'opener', peerIdOf(bob), contextOf(world, ann, clock, [ann, bob]));
    const ended = Promise.allSettled([other]);
    tell({ kind: 'catchUpOpened', from: peerIdOf(ann), channel: pair.right });
    for (let i = 0; i < 200; i += 1) await turn();
    expect(control.refused).toBeGreaterThan(0);

    let isClosed = false;
    const closing = session.close().then(() => {
      isClosed = true;
    });
    for (let retry = 0; retry < 3; retry += 1) {
      for (let i = 0; i < 50; i += 1) await turn();
      world.now += STORAGE_RETRY_MS;
      clock.fire();
    }
    for (let i = 0; i < 50; i += 1) await turn();
    expect(isClosed).toBe(true);
    await closing;
    // What was not written here is not lost: the other has it still.
    await ended;
    expect(ann.log.some((entry) => entry.kind === 'app')).toBe(true);
  });
});
