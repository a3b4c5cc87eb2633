/**
 * Addresses of peers as invites carry them. Knows multiaddrs only as text.
 */
import { MAX_INVITE_ADDRESSES } from '../../shared/limits.ts';
import type { PeerId } from '../../shared/model/ids.ts';
import type { KnownPeer } from './ports/network.ts';

const peerOf = (address: string): PeerId | undefined =>
  /\/p2p\/([A-Za-z0-9]{1,128})$/.exec(address)?.[1] as PeerId | undefined;

/** The peers that addresses name; an address without a peer id is left out, for nobody could tell who answers there. */
export function knownPeersOf(addresses: readonly string[]): KnownPeer[] {
  const byPeer = new Map<PeerId, string[]>();
  for (const address of addresses) {
    const peerId = peerOf(address);
    if (peerId !== undefined) byPeer.set(peerId, [...(byPeer.get(peerId) ?? []), address]);
  }
  return [...byPeer].map(([peerId, known]) => ({ peerId, addresses: known, lastSeenAt: 0 }));
}

const isLoopback = (address: string): boolean => /^\/(?:ip4\/127\.|ip6\/::1\/)/.test(address);
const isLinkLocal = (address: string): boolean => /^\/(?:ip4\/169\.254\.|ip6\/fe80:|ip6zone\/)/i.test(address);

/** Those of our addresses that an invite carries, the most useful first: a link may be cut short. */
export function addressesForInvite(own: readonly string[]): string[] {
  const rank = (address: string): number => (isLoopback(address) ? 2 : isLinkLocal(address) ? 1 : 0);
  return [...own].sort((left, right) => rank(left) - rank(right)).slice(0, MAX_INVITE_ADDRESSES);
}
