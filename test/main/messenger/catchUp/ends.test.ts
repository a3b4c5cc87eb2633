/**
 * How an exchange ends with somebody who means it ill: in the middle of two others, with an end kept open, with more than may come.
 * Each is given up with a reason, and what came before it is whole or not there.
 */
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { runExchange } from '../../../../main/messenger/catchUp/exchange.ts';
import type { DirectChannel } from '../../../../main/messenger/ports/network.ts';
import { encodeCanonical } from '../../../../main/protocol/wire/codec.ts';
import { CatchUpFrameSchema } from '../../../../main/protocol/wire/generated/conclave/v1/catch_up_pb.js';
import { CatchUpKind, decodeCatchUpFrame } from '../../../../main/protocol/wire/index.ts';
import {
  CATCH_UP_STALL_MS,
  MAX_CHANNEL_BACKLOG_BYTES,
  MAX_HASHES_IN_EXCHANGE,
  MAX_MESSAGE_TEXT_BYTES,
  MAX_PACKETS_IN_FRAME,
  MAX_PACKET_BYTES,
  MAX_TOPIC_PACKET_BYTES,
} from '../../../../shared/limits.ts';
import type { PeerId } from '../../../../shared/model/ids.ts';
import { channelPair } from '../../../simulate/world/channel.ts';
import { CONVERSATION, texts, World, type Node } from '../../protocol/support/world.ts';
import { contextOf, hostileOpener, TestClock, turn } from './support.ts';

const turns = async (count: number): Promise<void> => {
  for (let i = 0; i < count; i += 1) await turn();
};

async function pair(): Promise<{ world: World; ann: Node; bob: Node }> {
  const world = new World({ seed: 'ends' });
  const [ann, bob] = (await world.group(['ann', 'bob'])) as [Node, Node];
  await world.run(20_000);
  world.delivery = () => [];
  return { world, ann, bob };
}

/** Ann means it ill: her frames are in the test's hands, from where packets may come. */
async function begun({ world, ann, bob }: { world: World; ann: Node; bob: Node }) {
  const side = await hostileOpener(world, ann, bob);
  const epoch = BigInt(world.view(ann).epoch);
  const branch = ann.log.findLast((entry) => entry.kind === 'epoch')?.branch ?? new Uint8Array(16);
  const readable = [{ epoch, branch, count: 0, digest: new Uint8Array(16) }];
  await side.frames.send({
    case: 'offer',
    value: { standings: [{ conversationId: CONVERSATION, readable, awaited: new Uint8Array() }] },
  });
  await side.frames.expect('proof');
  await side.frames.expect('offer');
  await side.frames.send({ case: 'offer', value: {} });
  let end: string | undefined;
  side.taker.then(
    () => (end = 'in order'),
    (error: unknown) => (end = String(error)),
  );
  const packets = (...payloads: Uint8Array[]) => ({
    conversationId: CONVERSATION,
    epoch,
    kind: CatchUpKind.MESSAGES,
    payloads,
  });
  return { ...side, epoch, packets, end: () => end };
}

/** Bytes of a frame that nobody of ours would encode. */
const bytesOf = (frame: MessageInitShape<typeof CatchUpFrameSchema>['frame']): Uint8Array =>
  encodeCanonical(CatchUpFrameSchema, create(CatchUpFrameSchema, { ...(frame === undefined ? {} : { frame }) }));

/** What one of them wrote last, as it is kept for others. */
function lastWritten(node: Node): Uint8Array {
  const found = node.log.findLast((entry) => entry.kind === 'app');
  if (found === undefined) throw new Error('nothing is kept');
  return found.payload;
}

describe('somebody in the middle', () => {
  it('cannot show on to others the proof that a member made for it', async () => {
    const { world, ann, bob } = await pair();
    await world.say(bob, 'for members');
    const clock = new TestClock(world, ann.random);
    const middle = 'peer-middle' as PeerId;
    const [toAnn, toBob] = [channelPair((run) => setImmediate(run)), channelPair((run) => setImmediate(run))];
    const fromBob: string[] = [];
    /** Hands on every frame as it is; whoever breaks off breaks off both. */
    const handOn = async (from: DirectChannel, to: DirectChannel, note: (bytes: Uint8Array) => void): Promise<void> => {
      for (let bytes = await from.receive(); bytes !== undefined; bytes = await from.receive()) {
        note(bytes);
        await to.send(bytes);
      }
    };
    const noteKind = (bytes: Uint8Array): void => void fromBob.push(String(decodeCatchUpFrame(bytes).frame.case));
    const handing = [handOn(toAnn.right, toBob.left, () => undefined), handOn(toBob.left, toAnn.right, noteKind)].map(
      (work) =>
        work.catch((error: unknown) => {
          for (const { right } of [toAnn, toBob]) right.abort(error instanceof Error ? error : new Error('gone'));
        }),
    );
    const ends = await Promise.allSettled([
      runExchange(toAnn.left, 'opener', middle, contextOf(world, ann, clock, [ann, bob])),
      runExchange(toBob.right, 'taker', middle, contextOf(world, bob, clock, [ann, bob])),
    ]);
    await Promise.all(handing);
    expect(ends.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(ends.map((end) => (end.status === 'rejected' ? String(end.reason) : ''))).toContainEqual(
      expect.stringContaining('a forged proof'),
    );
    // Not even which groups bob is in was said.
    expect(fromBob).toEqual(['greeting']);
    expect(texts(ann)).toEqual([]);
  });
});

describe('an end that is kept open', () => {
  it('is no end in order when a side stops talking before it said that it is done; what came is whole', async () => {
    const people = await pair();
    const { world, ann, bob } = people;
    await world.say(ann, 'one');
    const { frames, channel, packets, taker } = await begun(people);
    await frames.send({ case: 'listed', value: {} });
    await frames.send({ case: 'packets', value: packets(lastWritten(ann)) });
    // It still reads, as if there was more to come for it.
    await channel.close();
    await expect(taker).rejects.toThrow('ended early');
    expect(texts(bob)).toEqual(['one']);
    expect(world.view(bob).epochAuthenticator).toBe(world.view(ann).epochAuthenticator);
  });

  it('holds nobody up who has more to give than a side that does not read any more takes', async () => {
    const people = await pair();
    const { world, ann, bob } = people;
    const text = 'x'.repeat(MAX_MESSAGE_TEXT_BYTES);
    for (let sent = 0; sent < 2 * MAX_CHANNEL_BACKLOG_BYTES; sent += text.length) await world.say(bob, text);
    const { frames, clock, end } = await begun(people);
    await frames.send({ case: 'listed', value: {} });
    await frames.send({ case: 'done', value: {} });
    await turns(50);
    expect(end()).toBeUndefined();
    world.now += CATCH_UP_STALL_MS;
    clock.fire();
    await turns(10);
    expect(end()).toContain('no progress');
    expect(clock.waiting).toBe(0);
    expect(texts(ann)).toEqual([]);
  });

  it('is cut off after everything was said, and what was said counts', async () => {
    for (const isTalking of [false, true]) {
      const people = await pair();
      const { world, ann, bob } = people;
      await world.say(ann, 'one');
      const { frames, channel, packets, clock, end, taker } = await begun(people);
      await frames.send({ case: 'listed', value: {} });
      await frames.send({ case: 'packets', value: packets(lastWritten(ann)) });
      await frames.send({ case: 'done', value: {} });
      await turns(50);
      expect(end()).toBeUndefined();
      if (isTalking) await frames.send({ case: 'packets', value: packets(Uint8Array.of(1)) });
      else {
        world.now += CATCH_UP_STALL_MS;
        clock.fire();
      }
      await turns(50);
      expect(end()).toBe('in order');
      expect(await taker).toMatchObject({ useful: 1, them: ann.memberId });
      expect(texts(bob)).toEqual(['one']);
      // Neither a timer nor an open end is left behind.
      expect(clock.waiting).toBe(0);
      await expect(channel.send(Uint8Array.of(1))).rejects.toThrow();
    }
  });
});

describe('more than may come', () => {
  it('in one frame, or in one packet of it, ends the exchange, and nothing of that frame is taken', async () => {
    const people = await pair();
    const { world, ann, bob } = people;
    await world.say(ann, 'one');
    const good = lastWritten(ann);
    const frames: ((packets: (...payloads: Uint8Array[]) => object) => object)[] = [
      (packets) => packets(good, ...Array.from({ length: MAX_PACKETS_IN_FRAME }, (_, i) => Uint8Array.of(i))),
      (packets) => packets(good, new Uint8Array(MAX_TOPIC_PACKET_BYTES + 1)),
      (packets) => packets(),
    ];
    for (const frame of frames) {
      const side = await begun(people);
      await side.frames.send({ case: 'listed', value: {} });
      await side.channel.send(bytesOf({ case: 'packets', value: frame(side.packets) }));
      await expect(side.taker).rejects.toThrow();
      expect(texts(bob)).toEqual([]);
    }
    // The same packet alone is what it always was.
    const { frames: again, channel, packets, taker } = await begun(people);
    await again.send({ case: 'listed', value: {} });
    await again.send({ case: 'packets', value: packets(good) });
    await again.send({ case: 'done', value: {} });
    await channel.close();
    expect(await taker).toMatchObject({ useful: 1 });
    expect(texts(bob)).toEqual(['one']);
  });

  it('of a packet than a conversation takes is a counted drop, and changes nothing', async () => {
    const people = await pair();
    const { world, bob } = people;
    const counted = (): number => Object.values(world.view(bob).counters).reduce((sum, count) => sum + count, 0);
    const [before, { epoch, epochAuthenticator }] = [counted(), world.view(bob)];
    const { frames, channel, packets, taker } = await begun(people);
    await frames.send({ case: 'listed', value: {} });
    await frames.send({ case: 'packets', value: packets(new Uint8Array(MAX_PACKET_BYTES + 1)) });
    await frames.send({ case: 'done', value: {} });
    await channel.close();
    expect(await taker).toMatchObject({ useful: 0 });
    expect(counted()).toBe(before + 1);
    expect(world.view(bob)).toMatchObject({ epoch, epochAuthenticator });
  });

  it('of words that cost nothing ends the exchange: enough without end, lists without names', async () => {
    const people = await pair();
    const stray = await begun(people);
    await stray.frames.send({ case: 'listed', value: {} });
    await stray.frames.send({ case: 'enough', value: { conversationId: 'x' } });
    await expect(stray.taker).rejects.toThrow('enough of nothing');

    const twice = await begun(people);
    await twice.frames.send({ case: 'listed', value: {} });
    for (let i = 0; i < 2; i += 1)
      await Promise.allSettled([twice.frames.send({ case: 'enough', value: { conversationId: CONVERSATION } })]);
    await expect(twice.taker).rejects.toThrow('enough of nothing');

    const empty = await begun(people);
    const flood = async (): Promise<void> => {
      for (let i = 0; i <= MAX_HASHES_IN_EXCHANGE; i += 1)
        await empty.frames.send({ case: 'hashes', value: { conversationId: CONVERSATION, epoch: empty.epoch } });
    };
    await Promise.allSettled([flood()]);
    await expect(empty.taker).rejects.toThrow('list');
  });
});
