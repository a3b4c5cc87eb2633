/** Catch-up channels between real nodes on loopback: order, pace, ends, limits, and peers that break the rules. */
import { noise } from '@chainsafe/libp2p-noise';
import { yamux } from '@chainsafe/libp2p-yamux';
import { identify } from '@libp2p/identify';
import { tcp } from '@libp2p/tcp';
import { multiaddr } from '@multiformats/multiaddr';
import { createLibp2p } from 'libp2p';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../main/clock.ts';
import { framesOver } from '../../main/messenger/catchUp/frames.ts';
import type { DirectChannel } from '../../main/messenger/ports/network.ts';
import { CATCH_UP_PROTOCOL } from '../../main/network/catchUp.ts';
import {
  CATCH_UP_BURST,
  MAX_CHANNEL_BACKLOG_BYTES,
  MAX_CHANNEL_FRAME_BYTES,
  MAX_STREAM_WINDOW_BYTES,
} from '../../shared/limits.ts';
import { eventually, realClock, startNetwork } from '../main/network/support.ts';
import type { TestNetwork } from '../main/network/support.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});
async function start(options: Parameters<typeof startNetwork>[0] = {}): Promise<TestNetwork> {
  const made = await startNetwork(options);
  cleanups.push(() => made.network.stop());
  return made;
}

const address = (node: TestNetwork): string => node.network.listenAddresses()[0]!;
const counter = (node: TestNetwork, name: string): number => node.network.diagnostics().counters[name] ?? 0;
const frame = (i: number, length: number): Uint8Array => new Uint8Array(length).fill(i % 251);

interface Ends {
  readonly a: TestNetwork;
  readonly b: TestNetwork;
  readonly opener: DirectChannel;
  readonly taker: DirectChannel;
}

async function channel(): Promise<Ends> {
  const [a, b] = [await start(), await start()];
  await a.network.connect(address(b));
  const opener = await a.network.openCatchUp(b.network.peerId);
  const { from, channel: taker } = await b.waitFor('catchUpOpened');
  expect(from).toBe(a.network.peerId);
  return { a, b, opener, taker };
}

async function receiveAll(end: DirectChannel): Promise<Uint8Array[]> {
  const frames: Uint8Array[] = [];
  for (let next = await end.receive(); next !== undefined; next = await end.receive()) frames.push(next);
  return frames;
}

/** A libp2p node that is none of ours, connected to `a`. */
async function foreigner(a: TestNetwork) {
  const node = await createLibp2p({
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { identify: identify() },
  });
  cleanups.push(() => node.stop());
  return node.dial(multiaddr(address(a)));
}

describe('a catch-up channel', () => {
  it('carries frames of every size in order, both ways at once, and ends on both sides', async () => {
    const { opener, taker } = await channel();
    const sizes = [0, 1, 3, 1_000, 65_536, MAX_CHANNEL_FRAME_BYTES, 2, MAX_CHANNEL_FRAME_BYTES, 7];
    const sendAll = async (end: DirectChannel): Promise<void> => {
      for (const [i, size] of sizes.entries()) await end.send(frame(i, size));
      await end.close();
    };
    const [atOpener, atTaker] = await Promise.all([
      receiveAll(opener),
      receiveAll(taker),
      sendAll(opener),
      sendAll(taker),
    ]);
    for (const received of [atOpener, atTaker]) {
      expect(received.map(({ length }) => length)).toEqual(sizes);
      for (const [i, bytes] of received.entries()) expect(bytes.every((byte) => byte === i % 251)).toBe(true);
    }
  });

  it('lets a fast sender wait for a slow reader, with a bounded number of bytes between them', async () => {
    const { opener, taker } = await channel();
    const size = 64 * 1024;
    const total = 200;
    let sent = 0;
    const sending = (async () => {
      for (; sent < total; sent += 1) await opener.send(frame(sent, size));
      await opener.close();
    })();
    // Once quick, so that the window grows; then not at all.
    for (let i = 0; i < 60; i += 1) expect((await taker.receive())?.[0]).toBe(i % 251);
    let last = -1;
    await eventually(() => {
      const stands = sent === last;
      last = sent;
      return stands;
    }, 'the sender waits');
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(sent).toBeLessThan(total);
    expect((sent - 60) * size).toBeLessThan(MAX_STREAM_WINDOW_BYTES + 4 * MAX_CHANNEL_BACKLOG_BYTES);
    const rest = await receiveAll(taker);
    expect(rest.map((bytes) => bytes[0])).toEqual(Array.from({ length: total - 60 }, (_, i) => (i + 60) % 251));
    await sending;
  });

  it('is over on both sides when both ended, and not for who hears more after its own end', async () => {
    const { opener, taker } = await channel();
    const [first, second] = [framesOver(opener, systemClock), framesOver(taker, systemClock)];
    const closing = first.close();
    await second.send({ case: 'enough', value: { conversationId: 'a' } });
    await expect(closing).rejects.toThrow('after the end');
    const both = await channel();
    await Promise.all([both.opener, both.taker].map((end) => framesOver(end, systemClock).close()));
  });

  it('tells both sides when one gives it up', async () => {
    const { opener, taker } = await channel();
    const waiting = taker.receive();
    opener.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow();
    await expect(opener.receive()).rejects.toThrow('enough');
    await expect(opener.send(frame(0, 1))).rejects.toThrow('enough');
    await expect(taker.send(frame(0, 1))).rejects.toThrow();
  });

  it('wakes a sender and a reader that wait when the other node stops', async () => {
    const { b, opener } = await channel();
    const reading = opener.receive();
    const sending = (async () => {
      for (;;) await opener.send(frame(0, 65_536));
    })();
    const ended = Promise.allSettled([reading, sending]);
    await b.network.stop();
    const [read, write] = await ended;
    expect(write.status).toBe('rejected');
    expect(read.status === 'rejected' || read.value === undefined).toBe(true);
  });

  it('refuses to send a frame over the limit', async () => {
    const { opener } = await channel();
    await expect(opener.send(frame(0, MAX_CHANNEL_FRAME_BYTES + 1))).rejects.toMatchObject({ code: 'TOO_LARGE' });
  });

  it('opens to connected peers that speak the protocol only', async () => {
    const [a, b] = [await start(), await start()];
    await expect(a.network.openCatchUp(b.network.peerId)).rejects.toMatchObject({ code: 'NETWORK' });
    const connection = await foreigner(a);
    await eventually(() => a.network.peers().some(({ connected }) => connected), 'the foreigner');
    const [stock] = a.network.peers();
    await expect(a.network.openCatchUp(stock!.peerId)).rejects.toMatchObject({ code: 'NETWORK' });
    await connection.close();
  });
});

describe('a peer that breaks the rules of a channel', () => {
  it('ends it with a frame over the limit, before the bytes of that frame came', async () => {
    const a = await start();
    const connection = await foreigner(a);
    const stream = await connection.newStream(CATCH_UP_PROTOCOL);
    const { channel: taker } = await a.waitFor('catchUpOpened');
    stream.send(Uint8Array.from([0, 0, 0, 2, 7, 7, 0xff, 0xff, 0xff, 0xff]));
    expect(await taker.receive()).toEqual(Uint8Array.from([7, 7]));
    await expect(taker.receive()).rejects.toThrow('longer');
    await expect(taker.send(frame(0, 1))).rejects.toThrow();
  });

  it('is not believed when it ends in the middle of a frame', async () => {
    const a = await start();
    const connection = await foreigner(a);
    const stream = await connection.newStream(CATCH_UP_PROTOCOL);
    const { channel: taker } = await a.waitFor('catchUpOpened');
    stream.send(Uint8Array.from([0, 0, 0, 9, 7, 7]));
    await stream.close();
    await expect(taker.receive()).rejects.toThrow('middle');
  });

  it('leaves no stream behind when it keeps its own end open', async () => {
    const a = await start();
    const connection = await foreigner(a);
    const stream = await connection.newStream(CATCH_UP_PROTOCOL);
    const { channel: taker } = await a.waitFor('catchUpOpened');
    await taker.close();
    await eventually(() => stream.remoteWriteStatus !== 'writable', 'the end of the other side');
    expect(stream.status).toBe('open');
    // What an exchange does when it has waited long enough.
    taker.abort(new Error('it did not end'));
    await eventually(() => stream.status !== 'open', 'cut off');
  });

  it('opens only so many', async () => {
    // Time stands still: nothing is granted anew.
    const a = await start({ clock: { ...realClock, now: () => 1_000_000 } });
    const connection = await foreigner(a);
    for (let i = 0; i < CATCH_UP_BURST + 5; i += 1) {
      const stream = await connection.newStream(CATCH_UP_PROTOCOL);
      await eventually(() => counter(a, 'catchUp.opened') + counter(a, 'catchUp.rateLimited') === i + 1, 'noticed');
      stream.abort(new Error('next'));
    }
    expect(a.events.filter(({ kind }) => kind === 'catchUpOpened').length).toBe(CATCH_UP_BURST);
    expect(counter(a, 'catchUp.rateLimited')).toBe(5);
  });
});
