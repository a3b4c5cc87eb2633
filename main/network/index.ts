/**
 * The network of one node: puts libp2p, discovery, redialling, gossip and the direct protocols together.
 * Implements the messenger's port; knows nothing of the protocol's messages, of storage, or of windows.
 */
import os from 'node:os';
import type { Connection } from '@libp2p/interface';
import { peerIdFromString } from '@libp2p/peer-id';
import type { Network, NetworkEvent, NetworkOptions, PacketValidator } from '../messenger/ports/network.ts';
import { INTERFACE_POLL_MS, MAX_INVITE_LENGTH, MAX_PACKET_BYTES, MAX_TOPIC_PACKET_BYTES } from '../../shared/limits.ts';
import type { MemberId, PeerId } from '../../shared/model/ids.ts';
import { createAddressBook, viewOf } from './addressBook.ts';
import type { BookEntry } from './addressBook.ts';
import { isBelievableAddress, judgeInterfaces, parseAddress, reachOfIp, tcpEndpoint } from './addresses.ts';
import type { HostInterfaces, InterfaceAddress } from './addresses.ts';
import { CATCH_UP_PROTOCOL, createCatchUp } from './catchUp.ts';
import { createInterfaceWatch, createSleepWatch } from './changes.ts';
import { createConnections } from './connections.ts';
import { createDialler } from './dialler.ts';
import { adviseOn } from './doctor.ts';
import { NetworkError, NetworkTooLargeError } from './errors.ts';
import { createPenalties, gossipOptions } from './gossipOptions.ts';
import { createHello } from './hello.ts';
import type { HelloLearned } from './hello.ts';
import { HELLO_PROTOCOL } from './helloMessages.ts';
import { createInviteOffer, INVITE_PROTOCOL } from './inviteOffer.ts';
import { createLiveness } from './liveness.ts';
import { createListeners, parseListenAddresses, preferredPort } from './listeners.ts';
import { createDiscovery } from './mdns.ts';
import { randomLabel, splitPeer } from './mdnsRecords.ts';
import { createNode } from './node.ts';
import type { Node } from './node.ts';
import { createPackets } from './packets.ts';

/** What a test may replace of the host. */
export interface HostEnvironment {
  readonly interfaces: () => HostInterfaces;
  /** UDP port of discovery: nodes on different ports do not find each other. */
  readonly mdnsPort?: number;
}

/** Dials that are due, round trips and gossip streams are looked at this often, in ms. */
const TICK_MS = 500;
/** Inbound streams of each direct protocol on one connection. */
const MAX_DIRECT_STREAMS = 4;

/** The default validator: size alone. A candidate is the only packet over MAX_PACKET_BYTES, and no welcome is. */
export const validateSize: PacketValidator = ({ subtopic, payload }) => {
  const limit = subtopic === 'welcome' ? MAX_PACKET_BYTES : MAX_TOPIC_PACKET_BYTES;
  return payload.length > 0 && payload.length <= limit ? 'accept' : 'reject';
};

/** Makes a network that is not started. Throws NetworkError when `listen` cannot be used. */
export async function createNetwork(
  options: NetworkOptions,
  host: HostEnvironment = { interfaces: () => os.networkInterfaces() },
): Promise<Network> {
  const { clock, logger, allowPublicAddresses: allowPublic } = options;
  const explicit = options.listen === undefined ? undefined : parseListenAddresses(options.listen, allowPublic);
  const counters = new Map<string, number>();
  const count = (counter: string): void => void counters.set(counter, (counters.get(counter) ?? 0) + 1);
  const random = (): number => new DataView(Uint8Array.from(options.random(4)).buffer).getUint32(0) / 2 ** 32;
  const book = createAddressBook();
  const penalties = createPenalties();
  const life = new AbortController();
  let profile = { displayName: '', visibleNearby: false };
  let isShared: (memberId: MemberId) => boolean = () => false;
  let state: 'made' | 'running' | 'stopped' = 'made';
  let interfaces: readonly InterfaceAddress[] = [];
  let lastAnswerAt: number | undefined;
  let announced = '';
  let looking: Promise<void> = Promise.resolve();
  const interfaceWatch = createInterfaceWatch();
  const sleepWatch = createSleepWatch();
  const timers = new Set<unknown>();

  function emit(event: NetworkEvent): void {
    try {
      options.onEvent(event);
    } catch (error) {
      count('event.handlerFailed');
      logger.error({ kind: event.kind, error: String(error) }, 'an event handler of the network failed');
    }
  }
  const tellPeer = (entry: BookEntry): void => emit({ kind: 'peerUpdated', peer: viewOf(entry) });

  const listeners = createListeners({
    clock,
    peerPort: () => preferredPort(ownPeerId),
    explicit,
    allowPublic,
    listening: () => node.services.listening,
    logger,
    count,
  });
  const node: Node = await createNode({
    seed: options.privateKey,
    gossip: gossipOptions({
      isSubscribed: (topic) => packets.isSubscribed(topic),
      score: (peerId) => penalties.score(peerId, clock.now()),
      count,
    }),
    allowPublicAddresses: allowPublic,
    isAnnounced: (address) => listeners.isAnnounced(address),
    count,
  });
  const ownPeerId = node.peerId.toString() as PeerId;
  const listenAddresses = (): string[] => node.getMultiaddrs().map(String);

  const liveness = createLiveness({ clock, logger, random: options.random, count, signal: life.signal });
  const connections = createConnections({
    clock,
    logger,
    node,
    book,
    liveness,
    random,
    count,
    signal: life.signal,
    tellPeer,
  });
  const packets = createPackets({
    clock,
    gossip: () => node.services.pubsub,
    penalties,
    validate: options.validate ?? validateSize,
    writableSession: (peerId) => connections.writableSession(peerId),
    onPacket: (packet, from) => emit({ kind: 'packet', packet, from }),
    onTopicPeers: (conversationId, peers) => emit({ kind: 'topicPeers', conversationId, peers }),
    count,
  });
  const dialler = createDialler({ clock, logger, node, book, ownPeerId, allowPublic, random, count });

  const isThisMachine = (ip: string): boolean =>
    reachOfIp(ip) === 'loopback' || interfaces.some((entry) => entry.address === ip);

  const hello = createHello({
    clock,
    logger,
    speaker: () => ({
      peerId: ownPeerId,
      memberId: options.identity.memberId,
      ...profile,
      listenAddresses: listenAddresses(),
      sign: (payload) => options.identity.sign(payload),
      isShared,
    }),
    verify: options.verify,
    provenMember: (peerId) => book.get(peerId)?.memberId,
    onHello: learnFromHello,
    count,
  });
  const inviteOffer = createInviteOffer({
    clock,
    logger,
    onOffer: (from, invite) => {
      const entry = book.get(from);
      if (entry !== undefined) emit({ kind: 'inviteOffered', from: viewOf(entry), invite });
    },
    count,
  });

  const catchUp = createCatchUp({
    clock,
    onOpened: (from, channel) => emit({ kind: 'catchUpOpened', from, channel }),
    count,
  });

  function learnFromHello(connection: Connection, learned: HelloLearned): void {
    const entry = book.get(connection.remotePeer.toString() as PeerId);
    if (entry === undefined) return;
    const endpoint = tcpEndpoint(connection.remoteAddr);
    const isLocal = endpoint !== undefined && isThisMachine(endpoint.ip);
    const addresses = learned.listenAddresses.flatMap((text) => {
      const split = splitPeer(text);
      const address = split?.peerId === entry.peerId ? parseAddress(split.address) : undefined;
      const isGood = address !== undefined && isBelievableAddress(address, isLocal, allowPublic);
      return isGood ? [address.toString()] : [];
    });
    book.learn(entry, addresses, false);
    if (learned.member !== undefined) Object.assign(entry, learned.member);
    else if (learned.hides === true) {
      delete entry.memberId;
      delete entry.displayName;
    }
    tellPeer(entry);
  }

  const discovery = createDiscovery({
    label: randomLabel(options.random(63)),
    clock,
    logger,
    count,
    isThisMachine,
    ...(host.mdnsPort === undefined ? {} : { port: host.mdnsPort }),
    advertise: (name) => {
      const own = interfaces.filter((entry) => entry.name === name).map(({ address }) => address);
      return node
        .getMultiaddrs()
        .filter((address) => own.includes(tcpEndpoint(address)?.ip ?? ''))
        .map(String);
    },
    onPeer: (peer, from) => {
      if (peer.peerId === ownPeerId) return;
      lastAnswerAt = clock.now();
      const isNew = dialler.discovered(peer, isThisMachine(from));
      const entry = book.get(peer.peerId);
      if (isNew && entry !== undefined) tellPeer(entry);
      dialler.dialDue(life.signal);
    },
  });

  function greetAll(): void {
    for (const connection of node.getConnections()) void hello.greet(connection, life.signal);
  }

  function opened(connection: Connection): void {
    const entry = connections.opened(connection);
    if (entry === undefined) return;
    tellPeer(entry);
    packets.refresh();
    if (connection.direction === 'outbound') void hello.greet(connection, life.signal);
  }

  function closed(connection: Connection): void {
    const entry = connections.closed(connection);
    if (entry === undefined || entry.connections > 0) return;
    packets.refresh();
    emit({ kind: 'peerLost', peerId: entry.peerId });
  }

  function tellAddresses(): void {
    const addresses = listenAddresses();
    if (addresses.join(' ') === announced) return;
    announced = addresses.join(' ');
    emit({ kind: 'addressesChanged', listenAddresses: addresses });
    discovery.announce();
    greetAll();
  }

  /** `isDoubtful`: starts over even when the interfaces look the same. */
  async function updateInterfaces(isDoubtful = false): Promise<void> {
    interfaces = judgeInterfaces(host.interfaces(), allowPublic);
    const moved = interfaceWatch.changed(interfaces);
    const isStranded = moved ?? (isDoubtful ? () => false : undefined);
    await listeners.update(interfaces);
    if (life.signal.aborted) return;
    if (options.mdns) {
      if (isStranded !== undefined) discovery.startOver(interfaces);
      else discovery.update(interfaces);
    }
    tellAddresses();
    if (isStranded === undefined) return;
    count(isDoubtful ? 'network.woke' : 'network.moved');
    connections.doubtAll(isStranded);
    dialler.startOver(moved !== undefined, life.signal);
  }

  function lookAround(isDoubtful: boolean): Promise<void> {
    const look = (): Promise<void> => (life.signal.aborted ? Promise.resolve() : updateInterfaces(isDoubtful));
    // One look at a time: two would listen twice. One that failed was reported by who asked for it.
    looking = looking.then(look, look);
    return looking;
  }

  function wake(): void {
    if (state !== 'running') return;
    lookAround(true).catch((error: unknown) => logger.error({ error: String(error) }, 'a wake-up was not dealt with'));
  }

  /** Runs `work` every `ms` until the network stops; one run at a time. */
  function every(ms: number, work: () => void | Promise<void>): void {
    const timer = clock.setTimeout(() => {
      timers.delete(timer);
      Promise.resolve()
        .then(work)
        .catch((error: unknown) => logger.error({ error: String(error) }, 'periodic work of the network failed'))
        .finally(() => {
          if (!life.signal.aborted) every(ms, work);
        });
    }, ms);
    timers.add(timer);
  }

  function ensureRunning(): void {
    if (state !== 'running') throw new NetworkError('The network is not running');
  }

  function connectionTo(peerId: PeerId): Connection {
    const connection = node.getConnections(peerIdFromString(peerId)).find(({ status }) => status === 'open');
    if (connection === undefined) throw new NetworkError('This person is not connected', { peerId });
    return connection;
  }

  async function stop(): Promise<void> {
    if (state === 'stopped') return;
    const wasRunning = state === 'running';
    state = 'stopped';
    life.abort(new NetworkError('The network is stopping'));
    for (const timer of timers) clock.clearTimeout(timer);
    packets.stop();
    await discovery.stop();
    if (wasRunning) await node.stop();
  }

  return {
    peerId: ownPeerId,
    listenAddresses,
    async start() {
      if (state !== 'made') throw new NetworkError('The network was started already');
      state = 'running';
      const direct = { maxInboundStreams: MAX_DIRECT_STREAMS, maxOutboundStreams: MAX_DIRECT_STREAMS };
      await node.handle(HELLO_PROTOCOL, (stream, connection) => hello.handle(stream, connection), direct);
      await node.handle(INVITE_PROTOCOL, (stream, connection) => inviteOffer.handle(stream, connection), direct);
      await node.handle(CATCH_UP_PROTOCOL, (stream, connection) => catchUp.handle(stream, connection), direct);
      node.addEventListener('connection:open', (event) => opened(event.detail));
      node.addEventListener('connection:close', (event) => closed(event.detail));
      node.addEventListener('peer:identify', (event) => connections.identified(event.detail));
      const gossip = node.services.pubsub;
      gossip.addEventListener('gossipsub:message', (event) => packets.receive(event.detail));
      gossip.addEventListener('subscription-change', () => packets.refresh());
      gossip.addEventListener('gossipsub:heartbeat', () => packets.refresh());
      await node.start();
      await lookAround(false);
      if (explicit !== undefined && explicit.length > 0 && node.services.listening.getAddrs().length === 0) {
        await stop();
        throw new NetworkError('None of the given addresses can be listened on', { addresses: explicit.join(' ') });
      }
      every(TICK_MS, () => {
        if (sleepWatch.woke(clock.now())) wake();
        book.forgetStale(clock.now());
        connections.sweep();
        dialler.dialDue(life.signal);
      });
      every(INTERFACE_POLL_MS, () => lookAround(false));
      dialler.dialDue(life.signal);
    },
    stop,
    subscribe(conversationId) {
      ensureRunning();
      packets.subscribe(conversationId);
    },
    unsubscribe(conversationId) {
      ensureRunning();
      packets.unsubscribe(conversationId);
    },
    async publish(packet) {
      ensureRunning();
      return packets.publish(packet);
    },
    topicPeers: (conversationId) => (state === 'running' ? packets.topicPeers(conversationId) : []),
    async connect(address, { signal } = {}) {
      ensureRunning();
      return dialler.connect(address, signal === undefined ? life.signal : AbortSignal.any([signal, life.signal]));
    },
    addKnownPeers(peers) {
      dialler.addKnownPeers(peers);
      if (state === 'running') dialler.dialDue(life.signal);
    },
    knownPeers: () => book.knownPeers(clock.now()),
    async offerInvite(peerId, invite) {
      ensureRunning();
      if (invite.length > MAX_INVITE_LENGTH)
        throw new NetworkTooLargeError('An invite', MAX_INVITE_LENGTH, invite.length);
      const connection = connectionTo(peerId);
      try {
        return await inviteOffer.offer(connection, invite, life.signal);
      } catch (cause) {
        throw new NetworkError('The invite could not be handed over', { peerId }, { cause });
      }
    },
    async openCatchUp(peerId, { signal } = {}) {
      ensureRunning();
      const connection = connectionTo(peerId);
      try {
        const parent = signal === undefined ? life.signal : AbortSignal.any([signal, life.signal]);
        return await catchUp.open(connection, parent);
      } catch (cause) {
        throw new NetworkError('This person does not take part in catching up', { peerId }, { cause });
      }
    },
    setProfile(next) {
      profile = { ...next };
      if (state === 'running') greetAll();
    },
    setSharedMembers(next) {
      isShared = next;
      if (state === 'running' && !profile.visibleNearby) greetAll();
    },
    wake,
    peers: () => book.entries().map(viewOf),
    diagnostics() {
      const seen = {
        listenAddresses: listenAddresses(),
        interfaces: interfaces.map(({ name, address, family, usable, reason }) => ({
          name,
          address,
          family,
          usable,
          ...(reason === undefined ? {} : { reason }),
        })),
        mdns: {
          enabled: options.mdns,
          sockets: discovery.sockets(),
          ...(lastAnswerAt === undefined ? {} : { lastAnswerAt }),
        },
        peers: book.entries().map(viewOf),
        topics: packets.conversations().map((conversationId) => ({
          conversationId,
          subscribers: state === 'running' ? packets.topicPeers(conversationId) : [],
        })),
        counters: Object.fromEntries(counters),
      };
      return { ...seen, advice: adviseOn(seen, clock.now()) };
    },
  };
}
