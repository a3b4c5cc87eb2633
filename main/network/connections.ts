/**
 * Follows the node's connections: who is connected, how far away, and whether gossip can reach them.
 * Knows the node and the address book; knows no conversation and no member.
 */
import type { Connection, IdentifyResult } from '@libp2p/interface';
import { peerIdFromString } from '@libp2p/peer-id';
import type { NetworkClock, NetworkLogger } from '../messenger/ports/network.ts';
import { DIAL_MS, DIRECT_EXCHANGE_MS } from '../../shared/limits.ts';
import type { PeerId } from '../../shared/model/ids.ts';
import type { AddressBook, BookEntry } from './addressBook.ts';
import { tcpEndpoint, tcpAddress } from './addresses.ts';
import { startDeadline } from './deadline.ts';
import { abandon } from './liveness.ts';
import type { Liveness } from './liveness.ts';
import type { Node } from './node.ts';

const GOSSIP_PREFIX = '/meshsub/';
/** A connection whose gossip stream is gone this long is closed and made anew: gossipsub does not reopen one itself. */
const STUCK_MS = 8_000;
/** The same where another connection to the peer broke: gossipsub forgets the peer then, and its subscriptions. */
const BROKEN_MS = 2_000;
/** Two connections are of the same moment when they are no further apart. */
const SAME_MOMENT_MS = 2_000;

export interface ConnectionsOptions {
  readonly clock: NetworkClock;
  readonly logger: NetworkLogger;
  readonly node: Node;
  readonly book: AddressBook;
  readonly liveness: Liveness;
  readonly random: () => number;
  readonly count: (counter: string) => void;
  readonly signal: AbortSignal;
  readonly tellPeer: (entry: BookEntry) => void;
}

export interface Connections {
  opened(connection: Connection): BookEntry | undefined;
  closed(connection: Connection): BookEntry | undefined;
  identified(result: IdentifyResult): void;
  /** Takes over measured round trips; closes connections that gossip gave up. */
  sweep(): void;
  /** Closes what certainly leads nowhere, and asks every other peer whether it is still there. */
  doubtAll(isStranded: (remoteIp: string) => boolean): void;
  /** The session of a connected peer that gossip can write to. */
  writableSession(peerId: PeerId): number | undefined;
}

/** Makes the follower; the caller passes on the node's events. */
export function createConnections(options: ConnectionsOptions): Connections {
  const { clock, logger, node, book, liveness, count } = options;
  const tracked = new Set<string>();
  /** Peers that speak gossip, and since when they cannot be written to. */
  const gossipers = new Map<PeerId, { readonly since: number; readonly patienceMs: number } | undefined>();

  function openTo(peerId: PeerId): Connection[] {
    return node.getConnections(peerIdFromString(peerId)).filter(({ status }) => status === 'open');
  }

  function isWritable(peerId: PeerId): boolean {
    return openTo(peerId).some(({ streams }) =>
      streams.some(
        ({ direction, protocol, status, writeStatus }) =>
          direction === 'outbound' &&
          protocol.startsWith(GOSSIP_PREFIX) &&
          status === 'open' &&
          writeStatus === 'writable',
      ),
    );
  }

  async function measure(entry: BookEntry): Promise<void> {
    const deadline = startDeadline(clock, DIRECT_EXCHANGE_MS, options.signal);
    try {
      const rtt = await node.services.ping.ping(peerIdFromString(entry.peerId), { signal: deadline.signal });
      if (entry.connections === 0) return;
      entry.roundTripMs = rtt;
      options.tellPeer(entry);
    } catch (error) {
      logger.debug({ peerId: entry.peerId, error: String(error) }, 'a first ping failed');
    } finally {
      deadline.done();
    }
  }

  /**
   * What a second connection says of the first. A peer begins to dial us only when it has no connection to us: one that is
   * older than a dial takes is dead, and goes before gossip begins to use the new one. One to another address than it calls
   * from is dead when it is not of the same moment. Otherwise both of us dialled at once.
   */
  function judgeOthers(connection: Connection): void {
    for (const other of openTo(connection.remotePeer.toString() as PeerId)) {
      if (other.id === connection.id) continue;
      const isSameHost = tcpEndpoint(other.remoteAddr)?.ip === tcpEndpoint(connection.remoteAddr)?.ip;
      const age = connection.timeline.open - other.timeline.open;
      if (connection.direction === 'inbound' && age > (isSameHost ? DIAL_MS : SAME_MOMENT_MS)) {
        count('connection.superseded');
        abandon(clock, other, new Error('the peer connected anew'));
      } else void liveness.check(other);
    }
  }

  return {
    opened(connection) {
      const entry = book.open(connection.remotePeer.toString() as PeerId, clock.now());
      if (entry === undefined || tracked.has(connection.id)) return undefined;
      tracked.add(connection.id);
      book.connected(entry, clock.now());
      count('connection.opened');
      const endpoint = tcpEndpoint(connection.remoteAddr);
      // The port of an inbound connection is a passing one: only where we reached a peer can it be reached again.
      if (connection.direction === 'outbound' && endpoint !== undefined) {
        book.learn(entry, [tcpAddress(endpoint.ip, endpoint.port)], true);
      }
      if (entry.connections === 1) void measure(entry);
      judgeOthers(connection);
      return entry;
    },
    closed(connection) {
      if (!tracked.delete(connection.id)) return undefined;
      const entry = book.get(connection.remotePeer.toString() as PeerId);
      if (entry === undefined) return undefined;
      count('connection.closed');
      book.disconnected(entry, clock.now(), options.random());
      if (entry.connections === 0) gossipers.delete(entry.peerId);
      else if (gossipers.has(entry.peerId)) gossipers.set(entry.peerId, { since: clock.now(), patienceMs: BROKEN_MS });
      return entry;
    },
    identified({ peerId, protocols }) {
      if (protocols.some((protocol) => protocol.startsWith(GOSSIP_PREFIX))) {
        gossipers.set(peerId.toString() as PeerId, undefined);
      }
    },
    sweep() {
      const now = clock.now();
      for (const connection of node.getConnections()) {
        const entry = book.get(connection.remotePeer.toString() as PeerId);
        if (entry !== undefined && connection.rtt !== undefined) entry.roundTripMs = connection.rtt;
      }
      for (const [peerId, silence] of gossipers) {
        if (isWritable(peerId)) gossipers.set(peerId, undefined);
        else if (silence === undefined) gossipers.set(peerId, { since: now, patienceMs: STUCK_MS });
        else if (now - silence.since >= silence.patienceMs) {
          gossipers.delete(peerId);
          count('gossip.stuck');
          logger.warn({ peerId }, 'gossip with a peer is stuck: connecting anew');
          for (const connection of openTo(peerId)) abandon(clock, connection, new Error('gossip is stuck'));
        }
      }
    },
    doubtAll(isStranded) {
      for (const connection of node.getConnections()) {
        const endpoint = tcpEndpoint(connection.remoteAddr);
        if (endpoint !== undefined && isStranded(endpoint.ip)) {
          count('connection.stranded');
          abandon(clock, connection, new Error('the address that it stood on is gone'));
        } else void liveness.check(connection);
      }
    },
    writableSession(peerId) {
      const entry = book.get(peerId);
      return entry !== undefined && entry.connections > 0 && isWritable(peerId) ? entry.session : undefined;
    },
  };
}
