/**
 * Discovery by multicast DNS with one socket per interface, so that a VPN or a container bridge cannot swallow it.
 * Knows no libp2p node: it is told what to advertise and tells what it hears.
 */
import dgram from 'node:dgram';
import multicastDns from 'multicast-dns';
import type { MdnsSocketDiagnostics, NetworkClock, NetworkLogger } from '../messenger/ports/network.ts';
import { MAX_MDNS_PACKETS_PER_SECOND, MDNS_QUERY_MS } from '../../shared/limits.ts';
import type { InterfaceAddress } from './addresses.ts';
import { isInSubnet } from './addresses.ts';
import { createTokenBucket } from './backoff.ts';
import { asksForPeers, decodeAnswer, encodeAnswer, MDNS_SERVICE } from './mdnsRecords.ts';
import type { DiscoveredPeer } from './mdnsRecords.ts';

const GROUPS = { IPv4: '224.0.0.251', IPv6: 'ff02::fb' } as const;
const MDNS_PORT = 5353;
/** Waits before the second and third question; the first is asked at once. */
const QUICK_QUERIES_MS: readonly number[] = [500, 1_500, 4_000];
/** A record is not multicast again on an interface before this time (RFC 6762 §6). */
const ANSWER_INTERVAL_MS = 1_000;

export interface DiscoveryOptions {
  /** The DNS label that we answer under. */
  readonly label: string;
  readonly clock: NetworkClock;
  readonly logger: NetworkLogger;
  /** Addresses, each with `/p2p/<id>`, that peers on this interface can dial. */
  readonly advertise: (interfaceName: string) => readonly string[];
  /** `from` is the IP address that the answer came from. */
  readonly onPeer: (peer: DiscoveredPeer, from: string) => void;
  /** Whether an IP address is one of this host's own. */
  readonly isThisMachine: (ip: string) => boolean;
  readonly count: (counter: string) => void;
  /** Another UDP port, for tests. */
  readonly port?: number;
}

export interface Discovery {
  /** Opens sockets for interfaces that came, closes those of interfaces that went, retries those that failed. */
  update(interfaces: readonly InterfaceAddress[]): void;
  /** The same with every socket made anew, and quick questions as at the start: what was joined before may be lost. */
  startOver(interfaces: readonly InterfaceAddress[]): void;
  /** Tells everybody our addresses now, unasked. */
  announce(): void;
  stop(): Promise<void>;
  sockets(): readonly MdnsSocketDiagnostics[];
}

interface InterfaceSocket {
  readonly key: string;
  readonly name: string;
  readonly cidr: string | null;
  readonly isLoopback: boolean;
  readonly dns: multicastDns.MulticastDNS;
  state: MdnsSocketDiagnostics['state'];
  error?: string;
  answeredAt: number;
  answerTimer?: unknown;
}

/** Makes a discovery without sockets; `update` opens them. */
export function createDiscovery(options: DiscoveryOptions): Discovery {
  const { clock, logger, count } = options;
  const sockets = new Map<string, InterfaceSocket>();
  const failed = new Map<string, MdnsSocketDiagnostics>();
  const budget = createTokenBucket(MAX_MDNS_PACKETS_PER_SECOND, 1_000 / MAX_MDNS_PACKETS_PER_SECOND);
  let queryTimer: unknown;
  let queriesAsked = 0;
  let isStopped = false;

  function fail(socket: InterfaceSocket, error: Error): void {
    count('mdns.socketFailed');
    logger.warn({ interface: socket.name, error: error.message }, 'discovery on one interface failed');
    failed.set(socket.key, { interface: socket.name, state: 'failed', error: error.message });
    close(socket).catch((closeError: unknown) => logger.debug({ error: String(closeError) }, 'closing failed'));
  }

  function close(socket: InterfaceSocket): Promise<void> {
    socket.state = 'closed';
    sockets.delete(socket.key);
    if (socket.answerTimer !== undefined) clock.clearTimeout(socket.answerTimer);
    return new Promise((resolve) => {
      // A socket that never bound has nothing to close and says so by throwing.
      try {
        socket.dns.destroy(resolve);
      } catch (error) {
        logger.debug({ interface: socket.name, error: String(error) }, 'a discovery socket was closed already');
        resolve();
      }
    });
  }

  function sent(socket: InterfaceSocket): (error?: Error | null) => void {
    return (error) => {
      if (socket.state === 'closed') return;
      if (error === undefined || error === null) {
        delete socket.error;
        if (socket.state === 'failed') socket.state = 'open';
        return;
      }
      if (socket.error !== error.message) logger.warn({ interface: socket.name, error: error.message }, 'cannot send');
      count('mdns.sendFailed');
      socket.state = 'failed';
      socket.error = error.message;
    };
  }

  function answerNow(socket: InterfaceSocket): void {
    delete socket.answerTimer;
    if (isStopped || socket.state === 'closed') return;
    const answers = encodeAnswer(options.label, options.advertise(socket.name));
    if (answers.length === 0) return;
    socket.answeredAt = clock.now();
    socket.dns.respond({ answers }, undefined, sent(socket));
  }

  function answerSoon(socket: InterfaceSocket): void {
    if (socket.answerTimer !== undefined) return;
    const wait = socket.answeredAt + ANSWER_INTERVAL_MS - clock.now();
    if (wait <= 0 || wait > ANSWER_INTERVAL_MS) answerNow(socket);
    else socket.answerTimer = clock.setTimeout(() => answerNow(socket), wait);
  }

  /** Whether an address is on the link of this socket: in its subnet, or link-local with its zone. */
  function isOnLink(socket: InterfaceSocket, from: string): boolean {
    const zone = from.split('%')[1];
    if (zone !== undefined) return zone === socket.name;
    return socket.cidr !== null && isInSubnet(from, socket.cidr);
  }

  /** The kernel hands every socket what any of them joined: only the asker's own interface answers. */
  function hears(socket: InterfaceSocket, from: string): boolean {
    if (isOnLink(socket, from)) return true;
    if ([...sockets.values()].some((other) => isOnLink(other, from))) return false;
    return !socket.isLoopback || options.isThisMachine(from);
  }

  /** Bound to every address: a socket bound to the interface's own does not receive multicast on Linux. */
  function join(entry: InterfaceAddress): multicastDns.MulticastDNS {
    const isIpv6 = entry.family === 'IPv6';
    return multicastDns({
      socket: dgram.createSocket({ type: isIpv6 ? 'udp6' : 'udp4', reuseAddr: true, ipv6Only: isIpv6 }),
      type: isIpv6 ? 'udp6' : 'udp4',
      bind: isIpv6 ? '::' : '0.0.0.0',
      interface: isIpv6 ? `::%${entry.name}` : entry.address,
      ip: GROUPS[entry.family],
      port: options.port ?? MDNS_PORT,
    });
  }

  function open(entry: InterfaceAddress, key: string): void {
    const dns = join(entry);
    const socket: InterfaceSocket = {
      key,
      name: entry.name,
      cidr: entry.cidr,
      isLoopback: entry.reach === 'loopback',
      dns,
      state: 'opening',
      answeredAt: Number.NEGATIVE_INFINITY,
    };
    sockets.set(key, socket);
    dns.on('error', (error: Error) => fail(socket, error));
    dns.on('warning', (error: Error) => {
      count('mdns.warning');
      // Packets that cannot be decoded arrive here as well; only the system's errors concern the socket.
      if (!('syscall' in error)) return;
      socket.state = 'failed';
      socket.error = error.message;
    });
    dns.on('networkInterface', () => {
      socket.state = 'open';
      delete socket.error;
      answerSoon(socket);
      ask(socket);
    });
    dns.on('query', (packet, from) => {
      if (isFlooded()) return;
      if (asksForPeers(packet.questions ?? []) && hears(socket, from.address)) answerSoon(socket);
    });
    dns.on('response', (packet, from) => {
      if (isFlooded()) return;
      if (!hears(socket, from.address)) return;
      for (const peer of decodeAnswer(packet.answers ?? [], packet.additionals ?? [])) {
        options.onPeer(peer, from.address);
      }
    });
  }

  function isFlooded(): boolean {
    const hasRoom = budget.take(clock.now());
    if (!hasRoom) count('mdns.flooded');
    return !hasRoom;
  }

  function ask(socket: InterfaceSocket): void {
    if (socket.state === 'closed') return;
    socket.dns.query({ questions: [{ name: MDNS_SERVICE, type: 'PTR' }] }, undefined, sent(socket));
  }

  function scheduleQuery(): void {
    queryTimer = clock.setTimeout(() => {
      for (const socket of sockets.values()) ask(socket);
      queriesAsked += 1;
      scheduleQuery();
    }, QUICK_QUERIES_MS[queriesAsked] ?? MDNS_QUERY_MS);
  }

  function update(interfaces: readonly InterfaceAddress[]): void {
    if (isStopped) return;
    const wanted = new Map(interfacesToJoin(interfaces).map((entry) => [`${entry.name} ${entry.address}`, entry]));
    for (const [key, socket] of sockets) {
      if (!wanted.has(key)) void close(socket);
    }
    failed.clear();
    for (const [key, entry] of wanted) {
      if (!sockets.has(key)) open(entry, key);
    }
    if (queryTimer === undefined) scheduleQuery();
  }

  return {
    update,
    startOver(interfaces) {
      if (isStopped) return;
      for (const socket of sockets.values()) void close(socket);
      if (queryTimer !== undefined) clock.clearTimeout(queryTimer);
      queryTimer = undefined;
      queriesAsked = 0;
      update(interfaces);
    },
    announce() {
      for (const socket of sockets.values()) answerSoon(socket);
    },
    async stop() {
      isStopped = true;
      if (queryTimer !== undefined) clock.clearTimeout(queryTimer);
      await Promise.all([...sockets.values()].map(close));
    },
    sockets() {
      const open = [...sockets.values()].map(({ name, state, error }) => ({
        interface: name,
        state,
        ...(error === undefined ? {} : { error }),
      }));
      return [...open, ...failed.values()];
    },
  };
}

/** One address per interface, since a second socket would hear everything twice: IPv6 only where there is no IPv4. */
export function interfacesToJoin(interfaces: readonly InterfaceAddress[]): readonly InterfaceAddress[] {
  const usable = interfaces.filter((entry) => entry.usable);
  const byName = new Map<string, InterfaceAddress>();
  for (const family of ['IPv4', 'IPv6'] as const) {
    for (const entry of usable) {
      if (entry.family === family && !byName.has(entry.name)) byName.set(entry.name, entry);
    }
  }
  return [...byName.values()];
}
