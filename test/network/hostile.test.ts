/** A node among hostile and foreign peers: garbage on every protocol, forged packets, stock libp2p, cut connections. */
import { createHash, randomBytes } from 'node:crypto';
import dgram from 'node:dgram';
import net from 'node:net';
import os from 'node:os';
import { gossipsub } from '@chainsafe/libp2p-gossipsub';
import { noise } from '@chainsafe/libp2p-noise';
import { yamux } from '@chainsafe/libp2p-yamux';
import { identify } from '@libp2p/identify';
import { mdns } from '@libp2p/mdns';
import { tcp } from '@libp2p/tcp';
import { multiaddr } from '@multiformats/multiaddr';
import { createLibp2p } from 'libp2p';
import { afterEach, describe, expect, it } from 'vitest';
import { HELLO_PROTOCOL } from '../../main/network/helloMessages.ts';
import { INVITE_PROTOCOL } from '../../main/network/inviteOffer.ts';
import { sealEnvelope, topicOf } from '../../main/network/topics.ts';
import { conversation, eventually, ownMdnsPort, realClock, startNetwork, text } from '../main/network/support.ts';
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

/** A libp2p node that is none of ours. */
async function foreigner(mdnsPort?: number) {
  const node = await createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    peerDiscovery: mdnsPort === undefined ? [] : [mdns({ port: mdnsPort, interval: 500 })],
    services: {
      identify: identify(),
      pubsub: gossipsub({ allowPublishToZeroTopicPeers: true, floodPublish: true }),
    },
  });
  cleanups.push(() => node.stop());
  return node;
}

const group = conversation('h');
const address = (node: TestNetwork): string => node.network.listenAddresses()[0]!;
const counter = (node: TestNetwork, name: string): number => node.network.diagnostics().counters[name] ?? 0;
const noiseOf = (i: number): Buffer => createHash('sha512').update(`noise ${i}`).digest();

/** Two honest nodes still hear each other. */
async function stillServes(a: TestNetwork): Promise<void> {
  const b = await start();
  await b.network.connect(address(a));
  a.network.subscribe(group);
  b.network.subscribe(group);
  await eventually(() => a.network.topicPeers(group).includes(b.network.peerId), 'an honest peer subscribes');
  await a.network.publish({ conversationId: group, subtopic: 'app_msg', payload: randomBytes(20) });
  await b.waitFor('packet');
  await b.waitFor('peerUpdated', ({ peer }) => peer.memberId === a.identity.memberId);
}

describe('a node among hostile peers', () => {
  it('serves on after garbage, endless and half frames on the direct protocols and on gossip', async () => {
    const a = await start();
    const hostile = await foreigner();
    const connection = await hostile.dial(multiaddr(address(a)));
    for (let i = 0; i < 240; i += 1) {
      const protocol = [HELLO_PROTOCOL, INVITE_PROTOCOL, '/meshsub/1.2.0'][i % 3]!;
      const junk = noiseOf(i);
      const frames = [
        junk,
        Buffer.concat([Buffer.from([64]), junk]),
        Buffer.from([0xff, 0xff, 0xff, 0x7f]),
        Buffer.alloc(9_000, i),
      ];
      try {
        const stream = await connection.newStream(protocol);
        stream.send(Uint8Array.from(frames[i % frames.length]!));
        if (i % 2 === 0) stream.abort(new Error('gone'));
        else await stream.close({ signal: AbortSignal.timeout(200) }).catch(() => stream.abort(new Error('gone')));
      } catch {
        // The node may refuse streams by now; that is its right.
      }
    }
    expect(counter(a, 'hello.malformed') + counter(a, 'hello.rateLimited')).toBeGreaterThan(0);
    expect(counter(a, 'invite.malformed')).toBeGreaterThan(0);
    await stillServes(a);
  });

  it('ignores a neighbour who floods a topic with what the validator rejects, and nobody honest', async () => {
    const a = await start({ validate: ({ payload }) => (payload[0] === 0 ? 'reject' : 'accept') });
    a.network.subscribe(group);
    const hostile = await foreigner();
    await hostile.dial(multiaddr(address(a)));
    const topic = topicOf(group, 'app_msg');
    hostile.services.pubsub.subscribe(topic);
    await eventually(() => hostile.services.pubsub.getSubscribers(topic).length > 0, 'the hostile peer sees the topic');
    let published = 0;
    const flood = setInterval(() => {
      for (let i = 0; i < 10; i += 1) {
        published += 1;
        void hostile.services.pubsub.publish(topic, sealEnvelope(BigInt(published), Uint8Array.from([0, 1])));
      }
    }, 20);
    cleanups.push(() => clearInterval(flood));
    await eventually(() => published - counter(a, 'gossip.rejected') > 200, 'the flood is no longer looked at');
    clearInterval(flood);
    expect(counter(a, 'gossip.rejected')).toBeGreaterThan(50);
    await hostile.services.pubsub.publish(topic, sealEnvelope(1n, text('too late to be nice')));
    await stillServes(a);
    expect(a.events.filter(({ kind }) => kind === 'packet')).toEqual([]);
  });

  it('R-007 processes nothing of topics it does not subscribe to', async () => {
    const a = await start();
    a.network.subscribe(group);
    const hostile = await foreigner();
    await hostile.dial(multiaddr(address(a)));
    const ours = topicOf(group, 'app_msg');
    await eventually(() => hostile.services.pubsub.getSubscribers(ours).length > 0, 'the subscription');
    a.network.unsubscribe(group);
    await hostile.services.pubsub.publish(ours, sealEnvelope(1n, text('not for you')));
    a.network.subscribe(conversation('i'));
    const other = topicOf(conversation('i'), 'app_msg');
    await eventually(() => hostile.services.pubsub.getSubscribers(other).length > 0, 'the other subscription');
    await hostile.services.pubsub.publish(other, sealEnvelope(1n, text('for you')));
    await a.waitFor('packet', ({ packet }) => Buffer.from(packet.payload).toString() === 'for you');
    expect(a.events.filter(({ kind }) => kind === 'packet').length).toBe(1);
    expect(counter(a, 'gossip.foreignTopic')).toBe(1);
  });

  it('connects anew when gossip with a peer broke down, since gossip does not mend itself', async () => {
    const began = Date.now();
    // Twenty seconds pass in one, so that eight of patience are over soon.
    const clock = { ...realClock, now: () => began + (Date.now() - began) * 20 };
    const a = await start({ clock });
    const hostile = await foreigner();
    const connection = await hostile.dial(multiaddr(address(a)));
    await eventually(() => hostile.services.pubsub.getPeers().length === 1, 'gossip');
    const stream = await connection.newStream('/meshsub/1.2.0');
    stream.send(Uint8Array.from([0xff, 0xff, 0xff, 0xff, 0x7f]));
    await eventually(() => counter(a, 'gossip.stuck') === 1, 'the broken gossip is noticed');
    await a.waitFor('peerLost');
    await stillServes(a);
  });

  it('finds its peer in spite of garbage on the discovery port', async () => {
    const mdnsPort = ownMdnsPort();
    const a = await start({ mdns: true, mdnsPort });
    const socket = dgram.createSocket({ type: 'udp4', reuseAddr: true });
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    socket.setMulticastInterface('127.0.0.1');
    for (let i = 0; i < 150; i += 1) socket.send(noiseOf(i), mdnsPort, '224.0.0.251');
    cleanups.push(() => new Promise<void>((resolve) => socket.close(() => resolve())));
    await eventually(() => counter(a, 'mdns.warning') > 0, 'the garbage');
    const b = await start({ mdns: true, mdnsPort });
    await a.waitFor('peerUpdated', ({ peer }) => peer.memberId === b.identity.memberId);
    expect(a.network.diagnostics().mdns.sockets).toMatchObject([{ state: 'open' }]);
  });
});

describe('a stock libp2p node', () => {
  it('with @libp2p/mdns and ours find each other', async () => {
    const mdnsPort = ownMdnsPort();
    const stock = await foreigner(mdnsPort);
    const a = await start({ mdns: true, mdnsPort, interfaces: () => os.networkInterfaces() });
    const found = new Set<string>();
    stock.addEventListener('peer:discovery', ({ detail }) => found.add(detail.id.toString()));
    await eventually(() => found.has(a.network.peerId), 'the stock node finds ours');
    await eventually(
      () => a.network.peers().some(({ peerId }) => peerId === stock.peerId.toString()),
      'ours finds the stock node',
    );
  });

  it('stays an anonymous peer', async () => {
    const a = await start();
    const stock = await foreigner();
    const [stockAddress] = stock.getMultiaddrs();
    await a.network.connect(stockAddress!.toString());
    await eventually(() => counter(a, 'hello.failed') === 1, 'the hello that nobody answers');
    expect(a.network.peers()).toMatchObject([{ connected: true, peerId: stock.peerId.toString() }]);
    expect(a.network.peers()[0]).not.toHaveProperty('memberId');
  });
});

describe('a connection that is cut', () => {
  it('is made anew by itself, and the same bytes then reach the peer that may have lost them', async () => {
    const [a, b] = [await start(), await start()];
    const target = Number(/tcp\/(\d+)/.exec(address(b))![1]);
    const sockets = new Set<net.Socket>();
    const proxy = net.createServer((inbound) => {
      const outbound = net.connect(target, '127.0.0.1');
      for (const socket of [inbound, outbound]) {
        sockets.add(socket);
        socket.on('error', () => socket.destroy());
        socket.on('close', () => [inbound, outbound].forEach((end) => end.destroy()));
      }
      inbound.pipe(outbound).pipe(inbound);
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    cleanups.push(() => proxy.close());
    const { port } = proxy.address() as net.AddressInfo;
    a.network.subscribe(group);
    b.network.subscribe(group);
    await a.network.connect(`/ip4/127.0.0.1/tcp/${port}/p2p/${b.network.peerId}`);
    await eventually(() => a.network.topicPeers(group).length === 1, 'the first connection');
    const told = a.events.filter(({ kind }) => kind === 'topicPeers').length;
    const packet = { conversationId: group, subtopic: 'app_msg' as const, payload: text('kept in the outbox') };
    for (const socket of sockets) socket.destroy();
    await a.network.publish(packet);
    await a.waitFor('peerLost');
    await eventually(() => a.events.filter(({ kind }) => kind === 'topicPeers').length >= told + 2, 'gone and back');
    expect(await a.network.publish(packet)).toEqual({ recipients: 1 });
    await b.waitFor('packet');
  });
});
