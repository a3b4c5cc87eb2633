/**
 * Dials peers when they are found, when a person asks, and again for ever when they are gone.
 * Knows the node and the address book; knows no protocol above a connection.
 */
import type { Connection } from '@libp2p/interface';
import { multiaddr } from '@multiformats/multiaddr';
import type { KnownPeer, NetworkClock, NetworkLogger } from '../messenger/ports/network.ts';
import { DIAL_MS, MAX_PEER_ADDRESSES } from '../../shared/limits.ts';
import type { PeerId } from '../../shared/model/ids.ts';
import { dialOrder } from './addressBook.ts';
import type { AddressBook, BookEntry } from './addressBook.ts';
import { isAllowedAddress, isBelievableAddress, parseAddress, tcpEndpoint } from './addresses.ts';
import { startDeadline } from './deadline.ts';
import { NetworkError } from './errors.ts';
import { splitPeer } from './mdnsRecords.ts';
import type { DiscoveredPeer } from './mdnsRecords.ts';
import type { Node } from './node.ts';

const MAX_PARALLEL_DIALS = 8;
/** Of two peers that find each other at once, the one with the greater id waits this long, so that one dial is enough. */
const POLITE_WAIT_MS = 700;

export interface DiallerOptions {
  readonly clock: NetworkClock;
  readonly logger: NetworkLogger;
  readonly node: Node;
  readonly book: AddressBook;
  readonly ownPeerId: PeerId;
  readonly allowPublic: boolean;
  /** In [0, 1). */
  readonly random: () => number;
  readonly count: (counter: string) => void;
}

export interface Dialler {
  connect(address: string, parent: AbortSignal): Promise<PeerId>;
  addKnownPeers(peers: readonly KnownPeer[]): void;
  /** A peer answered to discovery; true when it is new to us. Only one on this machine may name loopback addresses. */
  discovered(peer: DiscoveredPeer, isOnThisMachine: boolean): boolean;
  /** Dials every peer whose time has come. */
  dialDue(parent: AbortSignal): void;
  /** Forgets all failures and dials everybody who is missing, at once; `moved`: gives up the dials from the old addresses. */
  startOver(moved: boolean, parent: AbortSignal): void;
}

/** Makes the dialler. `parent` signals end dials when the network stops. */
export function createDialler(options: DiallerOptions): Dialler {
  const { clock, logger, node, book, count } = options;
  let running = 0;
  let round = new AbortController();

  async function dial(entry: BookEntry, parent: AbortSignal): Promise<void> {
    const ownRound = round.signal;
    entry.isDialling = true;
    entry.lastDialAt = clock.now();
    running += 1;
    const deadline = startDeadline(clock, DIAL_MS, AbortSignal.any([parent, ownRound]));
    try {
      const targets = dialOrder(entry).map((address) => multiaddr(`${address}/p2p/${entry.peerId}`));
      await node.dial(targets, { signal: deadline.signal });
      count('dial.succeeded');
    } catch (error) {
      count('dial.failed');
      logger.debug({ peerId: entry.peerId, error: String(error) }, 'a peer could not be dialled');
    } finally {
      deadline.done();
      running -= 1;
      entry.isDialling = false;
      // A connection that closed at once counts as failed too: no tight loop against a peer that hangs up.
      if (ownRound.aborted) book.forgive(entry, clock.now());
      else if (entry.connections === 0) book.dialFailed(entry, clock.now(), options.random());
    }
  }

  function dialDue(parent: AbortSignal): void {
    if (parent.aborted) return;
    for (const entry of book.due(clock.now()).slice(0, Math.max(0, MAX_PARALLEL_DIALS - running))) {
      void dial(entry, parent);
    }
  }

  return {
    async connect(text, parent) {
      const address = parseAddress(text);
      if (address === undefined) throw new NetworkError('This is no network address.', { address: text.slice(0, 256) });
      if (!isAllowedAddress(address, options.allowPublic)) {
        throw new NetworkError('Only addresses of the local network are allowed by the settings', { address: text });
      }
      if (tcpEndpoint(address)?.peerId === options.ownPeerId) {
        throw new NetworkError('This is your own address', { address: text });
      }
      const deadline = startDeadline(clock, DIAL_MS, parent);
      let connection: Connection;
      try {
        connection = await node.dial(address, { signal: deadline.signal });
      } catch (cause) {
        count('dial.failed');
        throw new NetworkError('Nobody answers at this address', { address: text }, { cause });
      } finally {
        deadline.done();
      }
      const peerId = connection.remotePeer.toString() as PeerId;
      const entry = book.open(peerId, clock.now());
      const bare = splitPeer(text)?.address ?? address.toString();
      if (entry !== undefined) {
        entry.isKept = true;
        book.learn(entry, [bare], true);
      }
      return peerId;
    },
    addKnownPeers(peers) {
      const now = clock.now();
      for (const peer of peers) {
        if (peer.peerId === options.ownPeerId) continue;
        const addresses: string[] = [];
        for (const text of peer.addresses.slice(0, MAX_PEER_ADDRESSES)) {
          const address = parseAddress(text);
          const split = splitPeer(text);
          const isOther = split !== undefined && split.peerId !== peer.peerId;
          if (address === undefined || isOther || !isAllowedAddress(address, options.allowPublic)) {
            count('addresses.refused');
            continue;
          }
          addresses.push(split?.address ?? address.toString());
        }
        const entry = addresses.length === 0 ? undefined : book.open(peer.peerId, now);
        if (entry === undefined) continue;
        entry.isKept = true;
        entry.lastSeenAt = Math.max(entry.lastSeenAt, Math.min(peer.lastSeenAt, now));
        book.learn(entry, addresses, peer.lastSeenAt > 0);
        book.hurry(entry, now);
      }
    },
    discovered({ peerId, addresses }, isOnThisMachine) {
      if (peerId === options.ownPeerId) return false;
      const now = clock.now();
      const isNew = book.get(peerId) === undefined;
      const allowed = addresses.filter((text) => {
        const address = parseAddress(text);
        if (address === undefined || tcpEndpoint(address) === undefined) return false;
        return isBelievableAddress(address, isOnThisMachine, options.allowPublic);
      });
      if (allowed.length < addresses.length) count('addresses.refused');
      const entry = allowed.length === 0 ? undefined : book.open(peerId, now);
      if (entry === undefined) return false;
      entry.lastAnswerAt = now;
      book.learn(entry, allowed, false);
      const isPolite = options.ownPeerId > peerId;
      if (isNew) entry.nextDialAt = isPolite ? now + POLITE_WAIT_MS : now;
      else if (entry.connections === 0) book.hurry(entry, isPolite ? now + POLITE_WAIT_MS : now);
      return isNew;
    },
    dialDue,
    startOver(moved, parent) {
      if (moved) {
        const last = round;
        round = new AbortController();
        last.abort(new Error('the addresses of this machine changed'));
      }
      for (const entry of book.entries()) book.forgive(entry, clock.now());
      dialDue(parent);
    },
  };
}
