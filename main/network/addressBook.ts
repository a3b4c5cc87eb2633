/**
 * What is known of each peer: addresses, who it proved to be, whether it is connected, when to dial it again.
 * Data only; knows no socket. Bounded: the least useful peer makes room for a new one.
 */
import type { KnownPeer, PeerView } from '../messenger/ports/network.ts';
import type { MemberId, PeerId } from '../../shared/model/ids.ts';
import { DIAL_ADDRESS_MS, DIAL_MS, MAX_KNOWN_PEERS, MAX_PEER_ADDRESSES } from '../../shared/limits.ts';
import { redialDelay } from './backoff.ts';

/** One peer. Addresses are without `/p2p`. */
export interface BookEntry {
  readonly peerId: PeerId;
  /** What to dial: the proven ones, then the newest hearsay. */
  addresses: readonly string[];
  /** Addresses that a connection stood to, the latest first. */
  proven: readonly string[];
  /** When a connection last stood, in ms; 0 when never. */
  lastSeenAt: number;
  /** Handed in by the messenger, or connected once: kept and redialled for ever. */
  isKept: boolean;
  memberId?: MemberId;
  displayName?: string;
  /** Open connections. */
  connections: number;
  /** Counts the times it was connected, so that bytes sent into a dead connection are not mistaken for delivered. */
  session: number;
  roundTripMs?: number;
  failures: number;
  nextDialAt: number;
  lastDialAt: number;
  isDialling: boolean;
  /** When discovery last answered for it, in ms. */
  lastAnswerAt: number;
}

/** A peer that discovery no longer answers for, and that was never connected, is forgotten after this time. */
const FORGET_MS = 10 * 60_000;
/**
 * Fresh evidence brings a dial forward, but not closer than this to the last one, doubled by each failure up to the second:
 * a household of busy machines that hear of each other every second must not spend their time on dials.
 */
const EAGER_REDIAL_MS = 2_000;
const EAGER_REDIAL_LONGEST_MS = 8_000;

/** Addresses that one dial surely gets to when none of them answers. */
const ADDRESSES_PER_DIAL = Math.max(1, Math.floor(DIAL_MS / DIAL_ADDRESS_MS) - 1);
/** Of MAX_PEER_ADDRESSES, so many places are for addresses that worked. */
const MAX_PROVEN_ADDRESSES = 6;

export interface AddressBook {
  get(peerId: PeerId): BookEntry | undefined;
  /** The entry of a peer, made if need be; undefined when the book is full of better ones. */
  open(peerId: PeerId, now: number): BookEntry | undefined;
  /** Adds addresses; `isProven` puts them first. */
  learn(entry: BookEntry, addresses: readonly string[], isProven: boolean): void;
  /** Brings the next dial forward to `at` unless one was made just now. */
  hurry(entry: BookEntry, at: number): void;
  connected(entry: BookEntry, now: number): void;
  disconnected(entry: BookEntry, now: number, random: number): void;
  dialFailed(entry: BookEntry, now: number, random: number): void;
  /** What failed before says nothing any more: it is dialled at once. */
  forgive(entry: BookEntry, now: number): void;
  /** Peers whose dial is due, longest waiting first, of those the last seen. */
  due(now: number): readonly BookEntry[];
  /** Forgets peers that came by discovery alone and were not heard of for long. */
  forgetStale(now: number): void;
  entries(): readonly BookEntry[];
  knownPeers(now: number): readonly KnownPeer[];
}

/** Makes an empty book. */
export function createAddressBook(): AddressBook {
  const byPeer = new Map<PeerId, BookEntry>();

  function makeRoom(): boolean {
    if (byPeer.size < MAX_KNOWN_PEERS) return true;
    let worst: BookEntry | undefined;
    for (const entry of byPeer.values()) {
      if (entry.connections > 0 || entry.isDialling) continue;
      if (worst === undefined || isWorse(entry, worst)) worst = entry;
    }
    return worst !== undefined && byPeer.delete(worst.peerId);
  }

  return {
    get: (peerId) => byPeer.get(peerId),
    open(peerId, now) {
      const existing = byPeer.get(peerId);
      if (existing !== undefined) return existing;
      if (!makeRoom()) return undefined;
      const entry: BookEntry = {
        peerId,
        addresses: [],
        proven: [],
        lastSeenAt: 0,
        isKept: false,
        connections: 0,
        session: 0,
        failures: 0,
        nextDialAt: now,
        lastDialAt: Number.NEGATIVE_INFINITY,
        isDialling: false,
        lastAnswerAt: now,
      };
      byPeer.set(peerId, entry);
      return entry;
    },
    learn(entry, addresses, isProven) {
      const heard = entry.addresses.filter((address) => !entry.proven.includes(address));
      if (isProven) entry.proven = unique([...addresses, ...entry.proven]).slice(0, MAX_PROVEN_ADDRESSES);
      // The newest hearsay stands before older: a flood of lies is undone by the next true answer.
      const order = isProven ? [...entry.proven, ...heard] : [...entry.proven, ...addresses, ...heard];
      entry.addresses = unique(order).slice(0, MAX_PEER_ADDRESSES);
    },
    hurry(entry, at) {
      entry.nextDialAt = Math.min(entry.nextDialAt, Math.max(at, entry.lastDialAt + eagerDelay(entry.failures)));
    },
    connected(entry, now) {
      entry.connections += 1;
      if (entry.connections === 1) entry.session += 1;
      entry.isKept = true;
      entry.lastSeenAt = now;
      entry.failures = 0;
    },
    disconnected(entry, now, random) {
      entry.connections = Math.max(0, entry.connections - 1);
      entry.lastSeenAt = now;
      if (entry.connections > 0) {
        // What was sent may have gone into the connection that is no more.
        entry.session += 1;
        return;
      }
      delete entry.roundTripMs;
      entry.failures = 0;
      entry.nextDialAt = now + redialDelay(0, random);
    },
    dialFailed(entry, now, random) {
      entry.failures += 1;
      // Discovery heard of it while this dial was under way, perhaps at another address.
      const isFresh = entry.lastAnswerAt > entry.lastDialAt;
      const delay = redialDelay(entry.failures, random);
      entry.nextDialAt = now + (isFresh ? Math.min(delay, eagerDelay(entry.failures)) : delay);
    },
    forgive(entry, now) {
      entry.failures = 0;
      entry.nextDialAt = now;
    },
    due(now) {
      return [...byPeer.values()]
        .filter((entry) => entry.connections === 0 && !entry.isDialling)
        .filter((entry) => entry.addresses.length > 0 && entry.nextDialAt <= now)
        .sort((a, b) => a.nextDialAt - b.nextDialAt || b.lastSeenAt - a.lastSeenAt);
    },
    forgetStale(now) {
      for (const entry of byPeer.values()) {
        const isStale = !entry.isKept && entry.connections === 0 && now - entry.lastAnswerAt > FORGET_MS;
        if (isStale && !entry.isDialling) byPeer.delete(entry.peerId);
      }
    },
    entries: () => [...byPeer.values()],
    knownPeers(now) {
      return [...byPeer.values()]
        .filter((entry) => entry.isKept && entry.addresses.length > 0)
        .map(({ peerId, addresses, lastSeenAt, connections }) => ({
          peerId,
          addresses: [...addresses],
          lastSeenAt: connections > 0 ? now : lastSeenAt,
        }));
    },
  };
}

function eagerDelay(failures: number): number {
  return Math.min(EAGER_REDIAL_LONGEST_MS, EAGER_REDIAL_MS * 2 ** Math.min(failures, 30));
}

/** Whether `a` should make room before `b`: strangers before kept peers, then the longer unseen. */
function isWorse(a: BookEntry, b: BookEntry): boolean {
  if (a.isKept !== b.isKept) return b.isKept;
  return Math.max(a.lastSeenAt, a.lastAnswerAt) < Math.max(b.lastSeenAt, b.lastAnswerAt);
}

function unique(addresses: readonly string[]): string[] {
  return [...new Set(addresses)];
}

/**
 * The addresses in the order to dial them now. A dial has time for a few only, so each failure begins further on: an
 * address that went stale must not keep the ones behind it from being tried.
 */
export function dialOrder({ addresses, failures }: Pick<BookEntry, 'addresses' | 'failures'>): readonly string[] {
  const start = addresses.length === 0 ? 0 : (failures * ADDRESSES_PER_DIAL) % addresses.length;
  return [...addresses.slice(start), ...addresses.slice(0, start)];
}

/** What the messenger sees of an entry. */
export function viewOf(entry: BookEntry): PeerView {
  return {
    peerId: entry.peerId,
    addresses: [...entry.addresses],
    connected: entry.connections > 0,
    ...(entry.memberId === undefined ? {} : { memberId: entry.memberId }),
    ...(entry.displayName === undefined ? {} : { displayName: entry.displayName }),
    ...(entry.roundTripMs === undefined ? {} : { roundTripMs: Math.round(entry.roundTripMs) }),
  };
}
