/** An exchange with somebody who is not who it says, not entitled to what it asks for, or does not keep to the rules. */
import { describe, expect, it } from 'vitest';
import type { Frames } from '../../../../main/messenger/catchUp/frames.ts';
import type { DirectChannel } from '../../../../main/messenger/ports/network.ts';
import { decodeCatchUpFrame, encodeCatchUpFrame, CatchUpKind } from '../../../../main/protocol/wire/index.ts';
import {
  CATCH_UP_HANDSHAKE_MS,
  CATCH_UP_LONGEST_MS,
  CATCH_UP_STALL_MS,
  MAX_HASHES_IN_EXCHANGE,
  MAX_HASHES_IN_FRAME,
  MAX_USELESS_PACKETS,
} from '../../../../shared/limits.ts';
import { CONVERSATION, texts, World, type Node, type Packet } from '../../protocol/support/world.ts';
import { exchange, hostileOpener, turn } from './support.ts';

const without =
  (...away: readonly Node[]) =>
  (packet: Packet, to: string): readonly number[] =>
    away.some(({ name }) => name === to || name === packet.from) ? [] : [5];

async function group(...names: string[]): Promise<{ world: World; nodes: Node[] }> {
  const world = new World({ seed: 'hostile exchange' });
  const nodes = await world.group(names);
  await world.run(20_000);
  return { world, nodes };
}

/** A channel whose frames are changed on their way out. */
const changing =
  (change: (bytes: Uint8Array) => Uint8Array) =>
  (channel: DirectChannel, side: 'opener' | 'taker'): DirectChannel =>
    side === 'opener' ? { ...channel, send: (frame) => channel.send(change(frame)) } : channel;

const statuses = async (pair: { opener: Promise<unknown>; taker: Promise<unknown> }): Promise<string[]> =>
  (await Promise.allSettled([pair.opener, pair.taker])).map(({ status }) => status);

describe('a proof of who somebody is', () => {
  it('counts only as its member made it for this exchange', async () => {
    const { world, nodes } = await group('ann', 'bob', 'cleo');
    const [ann, bob, cleo] = nodes as [Node, Node, Node];
    const forgeries: ((proof: { memberId: Uint8Array; signature: Uint8Array }) => object)[] = [
      // Somebody else's name, another signature, none at all, and one of another length.
      ({ signature }) => ({ memberId: Buffer.from(cleo.memberId.slice(2), 'hex'), signature }),
      ({ memberId, signature }) => ({ memberId, signature: signature.map((byte, i) => (i === 9 ? byte ^ 1 : byte)) }),
      () => ({}),
      ({ memberId, signature }) => ({ memberId: memberId.slice(1), signature }),
    ];
    for (const forge of forgeries) {
      const pair = exchange(
        world,
        ann,
        bob,
        changing((bytes) => {
          const { frame } = decodeCatchUpFrame(bytes);
          return frame.case === 'proof'
            ? encodeCatchUpFrame({ frame: { case: 'proof', value: forge(frame.value) } })
            : bytes;
        }),
      );
      expect(await statuses(pair)).toEqual(['rejected', 'rejected']);
    }
  });

  it('of an earlier exchange is worth nothing in the next', async () => {
    const { world, nodes } = await group('ann', 'bob');
    const [ann, bob] = nodes as [Node, Node];
    let kept: Uint8Array | undefined;
    const first = exchange(
      world,
      ann,
      bob,
      changing((bytes) => {
        if (decodeCatchUpFrame(bytes).frame.case === 'proof') kept = bytes;
        return bytes;
      }),
    );
    expect(await statuses(first)).toEqual(['fulfilled', 'fulfilled']);
    const again = exchange(
      world,
      ann,
      bob,
      changing((bytes) => (decodeCatchUpFrame(bytes).frame.case === 'proof' ? (kept ?? bytes) : bytes)),
    );
    expect(await statuses(again)).toEqual(['rejected', 'rejected']);
  });
});

describe('what somebody may have', () => {
  it('is nothing for who was never a member, whatever it says', async () => {
    const { world, nodes } = await group('ann', 'bob');
    const [ann, bob] = nodes as [Node, Node];
    await world.say(ann, 'for members');
    await world.run(1000);
    const stranger = world.node('stranger');
    const offer = { conversationId: CONVERSATION, readable: [epochOf(world, ann)], awaited: new Uint8Array() };
    const given = await ask(world, stranger, bob, [offer]);
    expect(given).toEqual([]);
  });

  it('ends for a member with the commit that removed it', async () => {
    const { world, nodes } = await group('ann', 'bob', 'cleo', 'dan');
    const [ann, bob, cleo, dan] = nodes as [Node, Node, Node, Node];
    world.delivery = without(dan);
    await world.say(ann, 'while dan is one of us');
    const { reply } = await world.input(ann, { kind: 'removeMember', memberId: dan.memberId });
    await world.run(100);
    for (const node of [bob, cleo])
      await world.input(node, { kind: 'vote', proposalId: reply.proposalId!, approve: true });
    await world.run(20_000);
    expect(world.view(ann).members).toHaveLength(3);
    await world.say(ann, 'after dan');
    await world.run(1000);
    const before = dan.log.length;
    const [first, second] = await Promise.all(Object.values(outcomesOf(exchange(world, dan, bob))));
    expect([first, second].every((outcome) => outcome !== undefined)).toBe(true);
    expect(dan.lifecycle.at(-1)).toMatchObject({ kind: 'Removed', cause: 'removed' });
    expect(texts(dan)).toEqual(['while dan is one of us']);
    expect(dan.log.slice(before).every(({ epoch }) => epoch <= 3)).toBe(true);
    // And to somebody who asks as if nothing had happened, too.
    const given = await ask(world, dan, bob, [
      { conversationId: CONVERSATION, readable: [epochOf(world, bob)], awaited: new Uint8Array() },
    ]);
    expect(given).toEqual([]);
  });

  it('begins for a joiner with its welcome', async () => {
    const { world, nodes } = await group('ann', 'bob');
    const [ann, bob] = nodes as [Node, Node];
    await world.say(ann, 'before eve');
    await world.run(1000);
    const eve = world.node('eve');
    await world.join(eve, world.invite(ann));
    await world.run(20_000);
    await world.say(ann, 'with eve');
    await world.run(1000);
    const readable = bob.log
      .filter((entry) => entry.kind === 'epoch')
      .map(({ epoch, branch }) => ({ epoch: BigInt(epoch), branch, count: 0, digest: new Uint8Array(16) }));
    const given = await ask(world, eve, bob, [
      { conversationId: CONVERSATION, readable: readable.slice(-3), awaited: new Uint8Array() },
    ]);
    const joined = world.view(eve).epoch;
    expect(given.length).toBeGreaterThan(0);
    expect(given.every(({ epoch }) => epoch >= joined)).toBe(true);
  });
});

/** The present epoch of a node, as an offer says it. */
function epochOf(world: World, node: Node) {
  const epoch = world.view(node).epoch;
  const branch = node.log.findLast((entry) => entry.kind === 'epoch')?.branch ?? new Uint8Array(16);
  return { epoch: BigInt(epoch), branch, count: 0, digest: new Uint8Array(16) };
}

function outcomesOf(pair: { opener: Promise<unknown>; taker: Promise<unknown> }) {
  return { opener: pair.opener, taker: pair.taker };
}

type Standing = { conversationId: string; readable: ReturnType<typeof epochOf>[]; awaited: Uint8Array };

/** Plays an opener that offers what it likes and has nothing; answers with the packets that it got. */
async function ask(
  world: World,
  hostile: Node,
  taker: Node,
  standings: Standing[],
): Promise<{ kind: CatchUpKind; epoch: number }[]> {
  const { frames } = await hostileOpener(world, hostile, taker);
  await frames.send({ case: 'offer', value: { standings } });
  await frames.expect('proof');
  await frames.expect('offer');
  await frames.send({ case: 'offer', value: {} });
  await frames.send({ case: 'listed', value: {} });
  await frames.send({ case: 'done', value: {} });
  const got: { kind: CatchUpKind; epoch: number }[] = [];
  for (;;) {
    const frame = await frames.receive();
    if (frame.case === 'done') return got;
    if (frame.case === 'packets')
      for (const _ of frame.value.payloads) got.push({ kind: frame.value.kind, epoch: Number(frame.value.epoch) });
  }
}

describe('a side that does not keep to the rules', () => {
  /** A hostile member of the group, up to where packets may come. */
  async function begun(): Promise<Awaited<ReturnType<typeof hostileOpener>> & { world: World; ann: Node; bob: Node }> {
    const { world, nodes } = await group('ann', 'bob');
    const [ann, bob] = nodes as [Node, Node];
    const side = await hostileOpener(world, ann, bob);
    await side.frames.send({
      case: 'offer',
      value: {
        standings: [{ conversationId: CONVERSATION, readable: [epochOf(world, ann)], awaited: new Uint8Array() }],
      },
    });
    await side.frames.expect('proof');
    await side.frames.expect('offer');
    await side.frames.send({ case: 'offer', value: {} });
    return { ...side, world, ann, bob };
  }

  it('is given up when it stops in the middle', async () => {
    const { world, taker, clock } = await begun();
    for (let i = 0; i < 50; i += 1) await turn();
    world.now += CATCH_UP_STALL_MS;
    clock.fire();
    await expect(taker).rejects.toThrow('no progress');
    expect(clock.waiting).toBeLessThanOrEqual(1);
  });

  it('is given up when it trickles the beginning', async () => {
    const { world, nodes } = await group('ann', 'bob');
    const [ann, bob] = nodes as [Node, Node];
    const side = await hostileOpener(world, ann, bob);
    world.now += CATCH_UP_HANDSHAKE_MS;
    side.clock.fire();
    await expect(side.taker).rejects.toThrow();
  });

  it('is given up when it goes on for ever, a little at a time', async () => {
    const { world, taker, frames, ann, clock } = await begun();
    const ended = taker.then(
      () => 'in order',
      (error: unknown) => String(error),
    );
    const epoch = BigInt(world.view(ann).epoch);
    const until = world.now + CATCH_UP_LONGEST_MS;
    while (world.now < until) {
      // Never so late that it would count as standing still.
      const hashes = [Uint8Array.from(Buffer.alloc(16, String(world.now)))];
      await frames.send({ case: 'hashes', value: { conversationId: CONVERSATION, epoch, hashes } });
      for (let i = 0; i < 20; i += 1) await turn();
      world.now += CATCH_UP_STALL_MS / 2;
      clock.fire();
    }
    expect(await ended).toContain('too long');
  });

  it('cannot fill the memory with lists', async () => {
    const { frames, taker, world, ann } = await begun();
    const hashes = Array.from({ length: MAX_HASHES_IN_FRAME }, (_, i) => Uint8Array.from(Buffer.alloc(16, `${i}`)));
    const flood = async (): Promise<void> => {
      for (let i = 0; i <= MAX_HASHES_IN_EXCHANGE; i += MAX_HASHES_IN_FRAME)
        await frames.send({
          case: 'hashes',
          value: { conversationId: CONVERSATION, epoch: BigInt(world.view(ann).epoch), hashes },
        });
    };
    await Promise.allSettled([flood()]);
    await expect(taker).rejects.toThrow('list');
  });

  it('cannot keep somebody busy with packets that are of no use', async () => {
    const { frames, taker, world, ann, bob } = await begun();
    await frames.send({ case: 'listed', value: {} });
    const epoch = BigInt(world.view(ann).epoch);
    let sent = 0;
    const flood = async (): Promise<void> => {
      for (; sent < 20 * MAX_USELESS_PACKETS; sent += 64) {
        const payloads = Array.from({ length: 64 }, () => Uint8Array.from([0, 1, 0, 2, ...ann.random(60)]));
        await frames.send({
          case: 'packets',
          value: { conversationId: CONVERSATION, epoch, kind: CatchUpKind.MESSAGES, payloads },
        });
      }
    };
    await Promise.allSettled([flood()]);
    await expect(taker).rejects.toThrow('no use');
    expect(texts(bob)).toEqual([]);
  });

  it('cannot bring packets of conversations that were not offered, nor frames out of order', async () => {
    const stray: Parameters<Frames['send']>[0][] = [
      { case: 'packets', value: { conversationId: 'zzzz', epoch: 1n, kind: CatchUpKind.MESSAGES } },
      { case: 'greeting', value: { version: 1 } },
      { case: 'offer', value: {} },
      { case: 'hashes', value: {} },
    ];
    for (const frame of stray) {
      const { frames, taker } = await begun();
      await frames.send({ case: 'listed', value: {} });
      await frames.send(frame);
      await expect(taker).rejects.toThrow();
    }
  });

  it('cannot bring bytes that are no frame', async () => {
    const { channel, taker } = await begun();
    await channel.send(Uint8Array.from([0xff, 0xff, 0xff]));
    await expect(taker).rejects.toMatchObject({ code: 'Malformed' });
  });

  it('with forged digests gets and takes only what it would anyway', async () => {
    const { world, nodes } = await group('ann', 'bob', 'cleo');
    const [ann, bob] = nodes as [Node, Node, Node];
    world.delivery = () => [];
    await world.say(bob, 'bob alone has this');
    const pair = exchange(
      world,
      ann,
      bob,
      changing((bytes) => {
        const { frame } = decodeCatchUpFrame(bytes);
        if (frame.case !== 'offer') return bytes;
        for (const { readable } of frame.value.standings)
          for (const each of readable)
            Object.assign(each, { count: 4_000_000_000, digest: new Uint8Array(16).fill(7) });
        return encodeCatchUpFrame({ frame });
      }),
    );
    expect(await statuses(pair)).toEqual(['fulfilled', 'fulfilled']);
    expect(texts(ann)).toEqual(['bob alone has this']);
    expect(world.view(ann).epochAuthenticator).toBe(world.view(bob).epochAuthenticator);
  });
});
