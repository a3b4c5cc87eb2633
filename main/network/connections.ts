/**
 * Follows the node's connections: who is connected, how far away, and whether gossip can reach them.
 * Knows the node and the address book; knows no conversation and no member.
 */
import type { Connection, IdentifyResult } from '@libp2p/interface';
import { peerIdFromString } from '@libp2p/peer-id';
import type { NetworkClock, NetworkLogger } from '../messenger/ports/network.ts';
import { DIRECT_EXCHANGE_MS } from '../../shared/limits.ts';
import type { PeerId } from '../../shared/model/ids.ts';
import type { AddressBook, BookEntry } from './addressBook.ts';
import { tcpEndpoint, tcpAddress } from './addresses.ts';
import { startDeadline } from './deadline.ts';
import type { Liveness } from './liveness.ts';
import type { Node } from './node.ts';

const GOSSIP_PREFIX = '/meshsub/';
/** A peer without a gossip stream for this long is introduced to gossipsub again, which does not reopen one itself. */
const SILENT_MS = 1_000;
/** Where that does not help either, the connection is closed and made anew. */
const STUCK_MS = 8_000;

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
  /** Takes over measured round trips; mends or closes connections that gossip gave up. */
  sweep(): void;
  /** Asks every peer whether it is still there. */
  doubtAll(): void;
  /** The session of a connected peer that gossip can write to. */
  writableSession(peerId: PeerId): number | undefined;
}

/** Makes the follower; the caller passes on the node's events. */
export function createConnections(options: ConnectionsOptions): Connections {
  const { clock, logger, node, book, liveness, count } = options;
  const tracked = new Set<string>();
  /** Peers that speak gossip, and since when they cannot be written to. */
  const gossipers = new Map<PeerId, { readonly since: number; isIntroduced: boolean } | undefined>();

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

  /** Lets gossipsub hear of a connection as if it were new: its stream went with another one. */
  async function introduce(entry: BookEntry, connection: Connection): Promise<void> {
    count('gossip.reintroduced');
    // What was sent since the stream broke is lost: it counts as another time of being connected.
    entry.session += 1;
    const deadline = startDeadline(clock, DIRECT_EXCHANGE_MS, options.signal);
    try {
      await node.services.identify.identify(connection, { signal: deadline.signal });
    } catch (error) {
      logger.debug({ peerId: entry.peerId, error: String(error) }, 'a peer could not be introduced to gossip again');
    } finally {
      deadline.done();
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
      // Whoever connects a second time may have lost the first connection without our noticing.
      for (const other of openTo(entry.peerId)) if (other.id !== connection.id) void liveness.check(other);
      return entry;
    },
    closed(connection) {
      if (!tracked.delete(connection.id)) return undefined;
      const entry = book.get(connection.remotePeer.toString() as PeerId);
      if (entry === undefined) return undefined;
      count('connection.closed');
      book.disconnected(entry, clock.now(), options.random());
      if (entry.connections === 0) gossipers.delete(entry.peerId);
      // Looked at by the next sweep: gossip's stream may have gone with this connection.
      else if (gossipers.has(entry.peerId) && !isWritable(entry.peerId)) {
        gossipers.set(entry.peerId, { since: clock.now() - SILENT_MS, isIntroduced: false });
      }
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
        else if (silence === undefined) gossipers.set(peerId, { since: now, isIntroduced: false });
        else if (now - silence.since >= STUCK_MS) {
          gossipers.delete(peerId);
          count('gossip.stuck');
          logger.warn({ peerId }, 'gossip with a peer is stuck: connecting anew');
          for (const connection of openTo(peerId)) connection.abort(new Error('gossip is stuck'));
        } else if (now - silence.since >= SILENT_MS && !silence.isIntroduced) {
          silence.isIntroduced = true;
          const entry = book.get(peerId);
          // The newest: an older one may be the dead one.
          const connection = openTo(peerId).sort((a, b) => b.timeline.open - a.timeline.open)[0];
          if (entry !== undefined && connection !== undefined) void introduce(entry, connection);
        }
      }
    },
    doubtAll() {
      for (const connection of node.getConnections()) void liveness.check(connection);
    },
    writableSession(peerId) {
      const entry = book.get(peerId);
      return entry !== undefined && entry.connections > 0 && isWritable(peerId) ? entry.session : undefined;
    },
  };
}
