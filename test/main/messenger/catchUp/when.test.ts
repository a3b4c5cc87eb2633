/** When exchanges are made and with whom: who opens, how often, how many, and how a joiner finds the welcome that it missed. */
import { describe, expect, it } from 'vitest';
import type { ConversationId, PeerId } from '../../../../shared/model/ids.ts';
import { createCatchUp, type CatchUp } from '../../../../main/messenger/catchUp/index.ts';
import {
  CATCH_UP_PAUSE_MS,
  CATCH_UP_WAIT_MS,
  MAX_CATCH_UP_DOUBLINGS,
  MAX_EXCHANGES_EACH_WAY,
} from '../../../../shared/limits.ts';
import { channelPair } from '../../../simulate/world/channel.ts';
import { CONVERSATION, texts, World, type Node } from '../../protocol/support/world.ts';
import { contextOf, peerIdOf, TestClock, turn } from './support.ts';

interface Desk {
  readonly node: Node;
  readonly catchUp: CatchUp;
  readonly opened: PeerId[];
  readonly caughtUp: { readonly conversationId: ConversationId; readonly whole: boolean }[];
}

/** People whose nodes hand each other channels; `broken`: whose channels nobody takes. */
function desks(world: World, nodes: readonly Node[], broken: readonly Node[] = []) {
  const clock = new TestClock(world, nodes[0]!.random);
  const all = new Map<PeerId, Desk>();
  for (const node of nodes) {
    const opened: PeerId[] = [];
    const caughtUp: Desk['caughtUp'][number][] = [];
    const own = peerIdOf(node);
    const catchUp = createCatchUp({
      ...contextOf(world, node, clock, nodes),
      network: {
        peerId: own,
        topicPeers: () => [...all.keys()].filter((peerId) => peerId !== own),
        openCatchUp: async (peerId) => {
          opened.push(peerId);
          const other = all.get(peerId);
          if (other === undefined || broken.includes(other.node)) throw new Error('nobody takes it');
          const pair = channelPair((run) => setImmediate(run));
          other.catchUp.opened(own, pair.right);
          return pair.left;
        },
      },
      logger: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
      caughtUp: (conversationId, _them, whole) => caughtUp.push({ conversationId, whole }),
    });
    all.set(own, { node, catchUp, opened, caughtUp });
  }
  const deskOf = (node: Node): Desk => all.get(peerIdOf(node))!;
  return {
    clock,
    deskOf,
    /** Tells one that the other is connected. */
    meet(node: Node, other: Node): void {
      const view = { peerId: peerIdOf(other), memberId: other.memberId, addresses: [], connected: true };
      deskOf(node).catchUp.peerUpdated(view);
    },
    /** Lets so much time pass, a second at a time, with all that follows. */
    async pass(ms: number): Promise<void> {
      for (let left = ms; left >= 0; left -= 1000) {
        clock.fire();
        for (let i = 0; i < 60; i += 1) await turn();
        if (left > 0) world.now += Math.min(left, 1000);
      }
      clock.fire();
    },
  };
}

async function group(...names: string[]): Promise<{ world: World; nodes: Node[] }> {
  const world = new World({ seed: 'when' });
  const nodes = await world.group(names);
  await world.run(20_000);
  return { world, nodes };
}

describe('an exchange when two members connect', () => {
  it('is opened by the one with the smaller id, once, and ends at both as caught up', async () => {
    const { world, nodes } = await group('ann', 'bob');
    const [ann, bob] = nodes as [Node, Node];
    world.delivery = () => [];
    await world.say(bob, 'while ann was away');
    const { deskOf, meet, pass } = desks(world, nodes);
    for (let i = 0; i < 3; i += 1) {
      meet(bob, ann);
      meet(ann, bob);
    }
    await pass(CATCH_UP_WAIT_MS + 2000);
    expect(deskOf(ann).opened).toEqual([peerIdOf(bob)]);
    expect(deskOf(bob).opened).toEqual([]);
    expect(texts(ann)).toEqual(['while ann was away']);
    for (const node of nodes) expect(deskOf(node).caughtUp).toEqual([{ conversationId: CONVERSATION, whole: true }]);
  });

  it('is opened by the other when nothing comes', async () => {
    const { world, nodes } = await group('ann', 'bob');
    const [ann, bob] = nodes as [Node, Node];
    const { deskOf, meet, pass } = desks(world, nodes);
    meet(bob, ann);
    await pass(CATCH_UP_WAIT_MS - 2000);
    expect(deskOf(bob).opened).toEqual([]);
    await pass(4000);
    expect(deskOf(bob).opened).toEqual([peerIdOf(ann)]);
    expect(deskOf(ann).caughtUp).toHaveLength(1);
  });

  it('is not made with somebody who shares no group', async () => {
    const { world, nodes } = await group('ann', 'bob');
    const stranger = world.node('zoe');
    const { deskOf, meet, pass } = desks(world, [...nodes, stranger]);
    meet(nodes[0]!, stranger);
    await pass(60_000);
    expect(deskOf(nodes[0]!).opened).toEqual([]);
  });

  it('that fails is tried again after longer and longer pauses, and not for ever', async () => {
    const { world, nodes } = await group('ann', 'bob');
    const [ann, bob] = nodes as [Node, Node];
    const { deskOf, meet, pass, clock } = desks(world, nodes, [bob]);
    meet(ann, bob);
    await pass(CATCH_UP_PAUSE_MS);
    expect(deskOf(ann).opened).toHaveLength(1);
    await pass(CATCH_UP_PAUSE_MS * 2 ** (MAX_CATCH_UP_DOUBLINGS + 2));
    expect(deskOf(ann).opened).toHaveLength(1 + MAX_CATCH_UP_DOUBLINGS);
    expect(clock.waiting).toBe(0);
    // A new connection is a new beginning.
    deskOf(ann).catchUp.peerLost(peerIdOf(bob));
    meet(ann, bob);
    await pass(1000);
    expect(deskOf(ann).opened).toHaveLength(2 + MAX_CATCH_UP_DOUBLINGS);
  });
});

describe('a conversation that lacks something', () => {
  it('asks a member again, but not more often than after a pause', async () => {
    const { world, nodes } = await group('ann', 'bob');
    const [ann, bob] = nodes as [Node, Node];
    const { deskOf, meet, pass } = desks(world, nodes);
    meet(ann, bob);
    await pass(1000);
    for (let i = 0; i < 20; i += 1) {
      deskOf(ann).catchUp.ask(CONVERSATION);
      await pass(500);
    }
    expect(deskOf(ann).opened.length).toBeGreaterThan(1);
    expect(deskOf(ann).opened.length).toBeLessThanOrEqual(1 + Math.ceil(20_000 / CATCH_UP_PAUSE_MS));
  });
});

describe('peers that open many exchanges', () => {
  it('get one each, and a few in all', async () => {
    const { world, nodes } = await group('ann', 'bob');
    const [ann] = nodes as [Node];
    const { deskOf } = desks(world, nodes);
    const channels = Array.from({ length: 3 * MAX_EXCHANGES_EACH_WAY }, (_, i) => {
      const pair = channelPair((run) => setImmediate(run));
      // Two channels of every peer.
      deskOf(ann).catchUp.opened(`peer-${Math.floor(i / 2)}` as PeerId, pair.right);
      return pair;
    });
    for (let i = 0; i < 20; i += 1) await turn();
    expect(channels.filter((pair) => !pair.isBroken())).toHaveLength(MAX_EXCHANGES_EACH_WAY);
    await deskOf(ann).catchUp.close();
    expect(channels.every((pair) => pair.isBroken())).toBe(true);
  });
});

describe('a joiner that was away when it was let in', () => {
  it('finds its welcome at any member that listens, and is a member', async () => {
    const { world, nodes } = await group('ann', 'bob', 'cleo');
    const [ann, bob] = nodes as [Node, Node, Node];
    const dan = world.node('dan');
    await world.join(dan, world.invite(ann));
    // It goes as soon as it has asked.
    world.delivery = (packet, to) => (to === 'dan' || (packet.from === 'dan' && world.now > START_OF_AWAY) ? [] : [5]);
    const START_OF_AWAY = world.now + 10;
    await world.run(30_000);
    expect(world.view(ann).members).toHaveLength(4);
    expect(world.view(dan).phase).toBe('pendingJoin');
    await world.say(ann, 'welcome, whenever you come');
    await world.run(100);
    // Whoever made the welcome is gone; bob only heard it.
    const { deskOf, meet, pass } = desks(world, [bob, dan]);
    deskOf(dan).catchUp.topicPeers(CONVERSATION, [peerIdOf(bob)]);
    await pass(2000);
    expect(world.view(dan).phase).toBe('working');
    expect(world.view(dan).epochAuthenticator).toBe(world.view(bob).epochAuthenticator);
    // And as a member it gets what was said since.
    deskOf(dan).catchUp.sharesChanged();
    meet(dan, bob);
    deskOf(dan).catchUp.ask(CONVERSATION);
    await pass(3 * CATCH_UP_PAUSE_MS);
    expect(texts(dan)).toEqual(['welcome, whenever you come']);
  });
});
