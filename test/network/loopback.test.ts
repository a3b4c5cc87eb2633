/** Two and three real nodes in one process, on loopback: discovery, gossip both ways, repeats, cuts, refusals. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import type { NetworkEvent } from '../../main/messenger/ports/network.ts';
import { INTERFACE_POLL_MS } from '../../shared/limits.ts';
import { conversation, eventually, ownMdnsPort, realClock, startNetwork, text } from '../main/network/support.ts';
import type { TestNetwork } from '../main/network/support.ts';

const running: TestNetwork[] = [];
async function start(options: Parameters<typeof startNetwork>[0] = {}): Promise<TestNetwork> {
  const made = await startNetwork(options);
  running.push(made);
  return made;
}
afterEach(async () => {
  await Promise.all(running.splice(0).map(({ network }) => network.stop()));
});

const group = conversation('a');
const packet = (value: string) => ({ conversationId: group, subtopic: 'app_msg' as const, payload: text(value) });
const address = (node: TestNetwork): string => node.network.listenAddresses()[0]!;
const received = (node: TestNetwork): string[] =>
  node.events
    .filter((event): event is Extract<NetworkEvent, { kind: 'packet' }> => event.kind === 'packet')
    .map((event) => Buffer.from(event.packet.payload).toString());
const hears = (node: TestNetwork, other: TestNetwork): boolean =>
  node.network.topicPeers(group).includes(other.network.peerId);

async function joined(a: TestNetwork, b: TestNetwork): Promise<void> {
  a.network.subscribe(group);
  b.network.subscribe(group);
  await eventually(() => hears(a, b) && hears(b, a), 'both subscribe');
}

describe('two nodes on loopback', () => {
  it('find each other without an address, prove who they are and measure the round trip', async () => {
    const mdnsPort = ownMdnsPort();
    const a = await start({ mdns: true, mdnsPort });
    const b = await start({ mdns: true, mdnsPort });
    const [seenByA, seenByB] = await Promise.all([
      a.waitFor('peerUpdated', ({ peer }) => peer.connected && peer.memberId !== undefined),
      b.waitFor('peerUpdated', ({ peer }) => peer.connected && peer.memberId !== undefined),
    ]);
    expect(seenByA.peer).toMatchObject({ peerId: b.network.peerId, memberId: b.identity.memberId });
    expect(seenByB.peer).toMatchObject({ peerId: a.network.peerId, memberId: a.identity.memberId });
    await eventually(() => a.network.peers().every((peer) => peer.roundTripMs !== undefined), 'a round trip');
    expect(a.network.diagnostics().advice).toMatch(/^The network works/);
  });

  it('publish both ways, in order, to the subscribers only', async () => {
    const [a, b, c] = [await start(), await start(), await start()];
    await a.network.connect(address(b));
    await c.network.connect(address(a));
    await joined(a, b);
    for (let i = 0; i < 50; i += 1) {
      expect(await a.network.publish(packet(`a${i}`))).toEqual({ recipients: 1 });
      await b.network.publish(packet(`b${i}`));
    }
    await eventually(() => received(a).length === 50 && received(b).length === 50, 'all packets');
    expect(received(b)).toEqual(Array.from({ length: 50 }, (_, i) => `a${i}`));
    expect(received(a)).toEqual(Array.from({ length: 50 }, (_, i) => `b${i}`));
    expect(received(c)).toEqual([]);
  });

  it('take equal bytes once, however often they are sent', async () => {
    const [a, b] = [await start(), await start()];
    await a.network.connect(address(b));
    await joined(a, b);
    await a.network.publish(packet('once'));
    await a.network.publish(packet('once'));
    await a.network.publish(packet('once'));
    await a.network.publish(packet('last'));
    await eventually(() => received(b).includes('last'), 'the last packet');
    expect(received(b)).toEqual(['once', 'last']);
    expect(b.network.diagnostics().counters['gossip.repeated']).toBe(2);
  });

  it('say that nobody took a packet, and reach the peer that comes later with the same bytes', async () => {
    const [a, b] = [await start(), await start()];
    a.network.subscribe(group);
    expect(await a.network.publish(packet('early'))).toEqual({ recipients: 0 });
    await a.network.connect(address(b));
    await joined(a, b);
    expect(await a.network.publish(packet('early'))).toEqual({ recipients: 1 });
    await eventually(() => received(b).includes('early'), 'the early packet');
  });

  it('reach a latecomer through a neighbour who has the bytes already', async () => {
    const [a, b, c] = [await start(), await start(), await start()];
    await a.network.connect(address(b));
    await joined(a, b);
    await a.network.publish(packet('again'));
    await eventually(() => received(b).includes('again'), 'the neighbour');
    // c knows b only: a line a-b-c.
    c.network.subscribe(group);
    await c.network.connect(address(b));
    await eventually(() => hears(b, c) && hears(c, b), 'b and c');
    await eventually(() => {
      void a.network.publish(packet('again'));
      return received(c).includes('again');
    }, 'the latecomer');
    expect(received(b)).toEqual(['again']);
    expect(received(c)).toEqual(['again']);
  });

  it('redial by themselves after a cut, and the same bytes then arrive once more only where they are missing', async () => {
    const port = 19_000 + Math.floor(Math.random() * 900);
    const seed = new Uint8Array(32).fill(port % 251);
    const a = await start();
    const first = await start({ privateKey: seed, listen: [`/ip4/127.0.0.1/tcp/${port}`] });
    await a.network.connect(address(first));
    await joined(a, first);
    await a.network.publish(packet('kept'));
    await eventually(() => received(first).includes('kept'), 'the packet');
    await first.network.stop();
    await a.waitFor('peerLost');
    expect(await a.network.publish(packet('during'))).toEqual({ recipients: 0 });
    const second = await start({ privateKey: seed, listen: [`/ip4/127.0.0.1/tcp/${port}`] });
    second.network.subscribe(group);
    await eventually(() => hears(a, second), 'the redial');
    await a.network.publish(packet('during'));
    await eventually(() => received(second).includes('during'), 'the packet of the cut');
    expect(a.network.knownPeers()).toMatchObject([{ peerId: second.network.peerId }]);
  });

  it('dial peers of an earlier session without being asked to connect', async () => {
    const [a, b] = [await start(), await start()];
    a.network.addKnownPeers([{ peerId: b.network.peerId, addresses: b.network.listenAddresses(), lastSeenAt: 1 }]);
    await a.waitFor('peerUpdated', ({ peer }) => peer.connected && peer.memberId === b.identity.memberId);
  });

  it('tell the topic peers when one subscribes and when one goes', async () => {
    const [a, b] = [await start(), await start()];
    await a.network.connect(address(b));
    await joined(a, b);
    await a.waitFor('topicPeers', ({ peers }) => peers.includes(b.network.peerId));
    await b.network.stop();
    await a.waitFor('peerLost');
    await eventually(
      () => a.events.findLast((event) => event.kind === 'topicPeers')?.peers.length === 0,
      'nobody left',
    );
  });

  it('hand over an invite, five a minute and no more', async () => {
    const [a, b] = [await start(), await start()];
    await a.network.connect(address(b));
    const answers = [];
    for (let i = 0; i < 7; i += 1) answers.push(await a.network.offerInvite(b.network.peerId, `conclave:invite${i}`));
    expect(answers.map(({ accepted }) => accepted)).toEqual([true, true, true, true, true, false, false]);
    const offered = await b.waitFor('inviteOffered');
    expect(offered).toMatchObject({ invite: 'conclave:invite0', from: { peerId: a.network.peerId } });
  });

  it('refuse public addresses in every direction, and say so', async () => {
    const [a, b] = [await start(), await start()];
    const refusal = (message: RegExp) => ({ code: 'NETWORK', message: expect.stringMatching(message) as string });
    await expect(a.network.connect('/ip4/8.8.8.8/tcp/4001')).rejects.toMatchObject(refusal(/local network/));
    await expect(a.network.connect('/dns4/example.org/tcp/4001')).rejects.toMatchObject(refusal(/local network/));
    await expect(a.network.connect('nonsense')).rejects.toMatchObject(refusal(/no network address/));
    await expect(a.network.connect('/ip4/127.0.0.1/tcp/1')).rejects.toMatchObject(refusal(/Nobody answers/));
    await expect(a.network.connect(address(a))).rejects.toMatchObject(refusal(/your own/));
    await expect(startNetwork({ listen: ['/ip4/8.8.8.8/tcp/0'] })).rejects.toMatchObject(refusal(/Public addresses/));
    await expect(startNetwork({ listen: ['/ip4/127.0.0.1/udp/0'] })).rejects.toMatchObject(refusal(/must look like/));
    await expect(startNetwork({ listen: ['/ip4/10.254.254.254/tcp/0'] })).rejects.toMatchObject(refusal(/None of/));
    a.network.addKnownPeers([
      { peerId: b.network.peerId, addresses: ['/ip4/8.8.8.8/tcp/1', address(a), 'nonsense'], lastSeenAt: 0 },
    ]);
    expect(a.network.peers()).toEqual([]);
    expect(a.network.diagnostics().counters['addresses.refused']).toBe(3);
  });

  it('refuse packets over the limit before they are sent', async () => {
    const a = await start();
    const payload = new Uint8Array(600 * 1024);
    await expect(a.network.publish({ ...packet(''), payload })).rejects.toMatchObject({ code: 'TOO_LARGE' });
  });

  it('carry the largest candidate', async () => {
    const [a, b] = [await start(), await start()];
    await a.network.connect(address(b));
    await joined(a, b);
    await a.network.publish({ ...packet(''), payload: new Uint8Array(512 * 1024).fill(7) });
    const { packet: got } = await b.waitFor('packet');
    expect(got.payload.length).toBe(512 * 1024);
  });
});

describe('twelve honest nodes behind one address', () => {
  it('all hear all, and none is punished for its neighbours', async () => {
    const nodes = await Promise.all(Array.from({ length: 12 }, () => start()));
    for (const [i, node] of nodes.entries()) {
      node.network.subscribe(group);
      for (const other of nodes.slice(0, i)) await node.network.connect(address(other));
    }
    await eventually(() => nodes.every((node) => node.network.topicPeers(group).length === 11), 'the full mesh');
    const each = 30;
    await Promise.all(
      nodes.map(async (node, i) => {
        for (let k = 0; k < each; k += 1) expect((await node.network.publish(packet(`${i}.${k}`))).recipients).toBe(11);
      }),
    );
    await eventually(() => nodes.every((node) => received(node).length === 11 * each), 'all packets');
    for (const node of nodes) expect(new Set(received(node)).size).toBe(11 * each);
  });
});

describe('a stopped network', () => {
  it('leaves nothing open: its process exits by itself', async () => {
    const script = fileURLToPath(new URL('./namespaceNode.ts', import.meta.url));
    const child = spawn(process.execPath, [script, 'alone'], { env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' } });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += String(chunk)));
    await eventually(() => output.includes('"ready"'), 'the process is ready');
    child.stdin.end();
    expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(0);
    expect(output).toContain('"stopped"');
  });

  it('refuses work, and to be started again', async () => {
    const a = await start();
    await a.network.stop();
    await a.network.stop();
    await expect(a.network.publish(packet('late'))).rejects.toMatchObject({ code: 'NETWORK' });
    await expect(a.network.connect('/ip4/127.0.0.1/tcp/1')).rejects.toMatchObject({ code: 'NETWORK' });
    await expect(a.network.start()).rejects.toMatchObject({ code: 'NETWORK' });
    expect(a.network.topicPeers(group)).toEqual([]);
    expect(a.network.diagnostics().listenAddresses).toEqual([]);
  });
});

describe('the interfaces of the host', () => {
  it('are listened on one by one, and one that comes up later is announced', async () => {
    const lo = (ip: string) => [{ address: ip, family: 'IPv4' as const, internal: true, cidr: `${ip}/32` }];
    let host: Record<string, ReturnType<typeof lo>> = { lo: lo('127.0.0.1') };
    // The poll comes at once; everything else keeps its time.
    const clock = {
      ...realClock,
      setTimeout: (callback: () => void, ms: number) =>
        realClock.setTimeout(callback, ms === INTERFACE_POLL_MS ? 20 : ms),
    };
    const made = await start({ clock, interfaces: () => host, listen: undefined });
    const ips = (addresses: readonly string[]) => addresses.map((text) => text.split('/')[2]);
    expect(ips(made.network.listenAddresses())).toEqual(['127.0.0.1']);
    host = { ...host, eth7: lo('127.0.0.7'), docker0: lo('127.0.0.8').map((entry) => ({ ...entry, internal: false })) };
    const { listenAddresses } = await made.waitFor('addressesChanged', (event) => event.listenAddresses.length > 1);
    expect(ips(listenAddresses)).toEqual(['127.0.0.1', '127.0.0.7']);
    const caller = await start();
    await caller.network.connect(listenAddresses[1]!);
    host = { lo: lo('127.0.0.1') };
    await eventually(() => made.network.listenAddresses().length === 1, 'the address that went is not announced');
  });
});

describe('people who do not want to be seen', () => {
  it('stay anonymous to a stranger who asks first, and are known to those who share a group', async () => {
    const [hidden, stranger, friend] = [await start(), await start(), await start()];
    hidden.network.setProfile({ displayName: 'Hidden', visibleNearby: false });
    hidden.network.setSharedMembers((memberId) => memberId === friend.identity.memberId);
    await stranger.network.connect(address(hidden));
    await friend.network.connect(address(hidden));
    await hidden.waitFor('peerUpdated', ({ peer }) => peer.memberId === stranger.identity.memberId);
    const seen = await friend.waitFor('peerUpdated', ({ peer }) => peer.memberId === hidden.identity.memberId);
    expect(seen.peer.displayName).toBe('Hidden');
    await eventually(() => (stranger.network.diagnostics().counters['hello.anonymous'] ?? 0) > 0, 'an anonymous hello');
    expect(stranger.network.peers().map((peer) => peer.memberId)).toEqual([undefined]);
  });

  it('are forgotten by a stranger who knew them, once they hide', async () => {
    const [shy, stranger] = [await start(), await start()];
    await stranger.network.connect(address(shy));
    const known = (): boolean => stranger.network.peers().some((peer) => peer.displayName !== undefined);
    await eventually(known, 'the stranger knows the name');
    shy.network.setProfile({ displayName: 'Shy', visibleNearby: false });
    await eventually(() => !known(), 'the name is gone');
    shy.network.setProfile({ displayName: 'Shy', visibleNearby: true });
    await eventually(known, 'the name is back');
  });

  it('name themselves to a friend whom they dial, once the friend has proven to be one', async () => {
    const [hidden, friend] = [await start(), await start()];
    hidden.network.setProfile({ displayName: 'Hidden', visibleNearby: false });
    hidden.network.setSharedMembers((memberId) => memberId === friend.identity.memberId);
    await hidden.network.connect(address(friend));
    await friend.waitFor('peerUpdated', ({ peer }) => peer.memberId === hidden.identity.memberId);
  });
});
