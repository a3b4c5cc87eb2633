/** Who is known, when they are dialled, and who is forgotten. */
import { describe, expect, it } from 'vitest';
import { createAddressBook, dialOrder, viewOf } from '../../../main/network/addressBook.ts';
import { MAX_KNOWN_PEERS, MAX_PEER_ADDRESSES, REDIAL_LONGEST_MS } from '../../../shared/limits.ts';
import type { PeerId } from '../../../shared/model/ids.ts';

const peer = (name: string | number): PeerId => `peer${name}` as PeerId;
const MINUTE = 60_000;

describe('the address book', () => {
  it('dials a peer at once, later and later after failures, and at once again after a connection was lost', () => {
    const book = createAddressBook();
    const entry = book.open(peer('a'), 0)!;
    expect(book.due(0)).toEqual([]);
    book.learn(entry, ['/ip4/10.0.0.1/tcp/1'], false);
    expect(book.due(0)).toEqual([entry]);
    const waits: number[] = [];
    for (let now = 0, i = 0; i < 12; i += 1) {
      entry.lastDialAt = now;
      book.dialFailed(entry, now, 0.5);
      waits.push(entry.nextDialAt - now);
      expect(book.due(entry.nextDialAt - 1)).toEqual([]);
      now = entry.nextDialAt;
      expect(book.due(now)).toEqual([entry]);
    }
    expect(waits).toEqual([...waits].sort((a, b) => a - b));
    expect(waits.at(-1)).toBeLessThanOrEqual(REDIAL_LONGEST_MS);
    expect(waits.at(-1)).toBeGreaterThan(waits[0]!);
    book.connected(entry, 1_000_000);
    expect(book.due(2_000_000)).toEqual([]);
    book.disconnected(entry, 2_000_000, 0.5);
    expect(entry.nextDialAt - 2_000_000).toBeLessThan(1_000);
  });

  it('dials soon again when discovery heard of the peer while a dial failed, and at once when it is forgiven', () => {
    const book = createAddressBook();
    const entry = book.open(peer('a'), 0)!;
    entry.lastDialAt = 90_000;
    for (let i = 0; i < 10; i += 1) book.dialFailed(entry, 100_000, 0.5);
    const late = entry.nextDialAt;
    entry.lastDialAt = 200_000;
    entry.lastAnswerAt = 200_001;
    book.dialFailed(entry, 201_000, 0.5);
    expect(entry.nextDialAt - 201_000).toBeLessThan(late - 100_000);
    book.forgive(entry, 201_000);
    expect(entry).toMatchObject({ failures: 0, nextDialAt: 201_000 });
  });

  it('brings a dial forward on fresh news, but does not let news make it dial in a loop', () => {
    const book = createAddressBook();
    const entry = book.open(peer('a'), 0)!;
    entry.lastDialAt = 10_000;
    entry.nextDialAt = 40_000;
    book.hurry(entry, 10_001);
    expect(entry.nextDialAt).toBe(12_000);
    book.hurry(entry, 30_000);
    expect(entry.nextDialAt).toBe(12_000);
  });

  it('puts addresses that worked first, and hears a true one in spite of a flood of lies', () => {
    const book = createAddressBook();
    const entry = book.open(peer('a'), 0)!;
    book.learn(entry, ['/ip4/10.0.0.1/tcp/1'], false);
    book.learn(entry, ['/ip4/10.0.0.2/tcp/1'], true);
    expect(entry.addresses).toEqual(['/ip4/10.0.0.2/tcp/1', '/ip4/10.0.0.1/tcp/1']);
    book.learn(
      entry,
      Array.from({ length: 100 }, (_, i) => `/ip4/10.1.0.${i}/tcp/1`),
      false,
    );
    book.learn(entry, ['/ip4/10.0.0.3/tcp/1'], false);
    expect(entry.addresses.slice(0, 2)).toEqual(['/ip4/10.0.0.2/tcp/1', '/ip4/10.0.0.3/tcp/1']);
    expect(entry.addresses.length).toBe(MAX_PEER_ADDRESSES);
  });

  it('tries every address within a few dials, however many went stale', () => {
    const addresses = Array.from({ length: MAX_PEER_ADDRESSES }, (_, i) => String(i));
    expect(dialOrder({ addresses, failures: 0 })).toEqual(addresses);
    const firsts = new Set(
      Array.from({ length: 10 }, (_, failures) => dialOrder({ addresses, failures }).slice(0, 3)).flat(),
    );
    expect([...firsts].sort()).toEqual([...addresses].sort());
    expect(dialOrder({ addresses: [], failures: 3 })).toEqual([]);
  });

  it('counts a session for each time a peer is connected, and for each connection of two that it loses: what was sent into it is lost', () => {
    const book = createAddressBook();
    const entry = book.open(peer('a'), 0)!;
    book.connected(entry, 0);
    book.connected(entry, 0);
    expect(entry.session).toBe(1);
    book.disconnected(entry, 0, 0);
    expect(viewOf(entry).connected).toBe(true);
    expect(entry.session).toBe(2);
    book.disconnected(entry, 0, 0);
    expect(viewOf(entry).connected).toBe(false);
    book.connected(entry, 0);
    expect(entry.session).toBe(3);
  });

  it('shows round trips in whole milliseconds, as the App API has them', () => {
    const entry = createAddressBook().open(peer('a'), 0)!;
    expect(viewOf(entry)).not.toHaveProperty('roundTripMs');
    entry.roundTripMs = 12.6;
    expect(viewOf(entry).roundTripMs).toBe(13);
  });

  it('stays bounded under a flood of strangers and never gives up a connected or kept peer for them', () => {
    const book = createAddressBook();
    const connected = book.open(peer('connected'), 0)!;
    book.connected(connected, 0);
    const kept = book.open(peer('kept'), 0)!;
    kept.isKept = true;
    for (let i = 0; i < 5 * MAX_KNOWN_PEERS; i += 1) book.open(peer(i), i);
    expect(book.entries().length).toBe(MAX_KNOWN_PEERS);
    expect(book.get(connected.peerId)).toBe(connected);
    expect(book.get(kept.peerId)).toBe(kept);
  });

  it('forgets a stranger that is no longer heard of, and never one that was connected', () => {
    const book = createAddressBook();
    book.open(peer('stranger'), 0);
    const friend = book.open(peer('friend'), 0)!;
    book.learn(friend, ['/ip4/10.0.0.1/tcp/1'], true);
    book.connected(friend, 0);
    book.disconnected(friend, MINUTE, 0);
    book.forgetStale(60 * MINUTE);
    expect(book.entries()).toEqual([friend]);
    expect(book.knownPeers(60 * MINUTE)).toEqual([
      { peerId: friend.peerId, addresses: ['/ip4/10.0.0.1/tcp/1'], lastSeenAt: MINUTE },
    ]);
  });
});
