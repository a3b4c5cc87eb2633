/** People and devices nearby, and whether anybody is reachable at all. */
import { create } from 'zustand';
import type { Peer } from '../../shared/api/model.ts';
import type { MemberId, PeerId } from '../../shared/model/ids.ts';
import { call } from './call.ts';
import { failedUnlessShown, loading, readyList, valueOf, type Remote } from './remote.ts';

export const usePeers = create<{ readonly peers: Remote<readonly Peer[]>; readonly networkUp: boolean }>()(() => ({
  peers: loading,
  networkUp: true,
}));

export async function loadPeers(): Promise<void> {
  try {
    usePeers.setState({ peers: readyList((await call('peer.list', {})).peers) });
  } catch (error) {
    usePeers.setState((state) => ({ peers: failedUnlessShown(state.peers, error) }));
  }
}

/** The list with one peer changed or new; its place in the list stays. */
export function withPeer(peers: readonly Peer[], peer: Peer): readonly Peer[] {
  const index = peers.findIndex((known) => known.peerId === peer.peerId);
  return index < 0 ? [...peers, peer] : peers.with(index, peer);
}

export function updatePeer(peer: Peer): void {
  usePeers.setState((state) =>
    state.peers.kind === 'loading' ? state : { peers: readyList(withPeer(valueOf(state.peers) ?? [], peer)) },
  );
}

/** A peer that is gone stays known, as somebody who is not reachable. */
export function losePeer(peerId: PeerId): void {
  usePeers.setState((state) => ({
    peers:
      state.peers.kind === 'ready'
        ? readyList(state.peers.value.map((peer) => (peer.peerId === peerId ? { ...peer, connected: false } : peer)))
        : state.peers,
  }));
}

/** People who can be reached now, one entry a person, named ones first. */
export function nearbyPeople(peers: readonly Peer[], self: MemberId | undefined): readonly Peer[] {
  const seen = new Set<string>();
  return peers
    .filter((peer) => peer.connected && (peer.memberId === undefined || peer.memberId !== self))
    .filter((peer) => {
      const key = peer.memberId ?? peer.peerId;
      if (seen.has(key)) return false;
      seen.add(key);
      return true;
    })
    .sort((a, b) => {
      if ((a.displayName === undefined) !== (b.displayName === undefined)) return a.displayName === undefined ? 1 : -1;
      return (a.displayName ?? a.peerId).localeCompare(b.displayName ?? b.peerId);
    });
}

export type Connection = 'fine' | 'alone' | 'offline';

/** Only trouble deserves a word: nobody reachable matters once there is somebody to reach. */
export function connectionOf(peers: Remote<readonly Peer[]>, networkUp: boolean, othersExist: boolean): Connection {
  if (peers.kind === 'loading' || peers.kind === 'failed') return 'fine';
  if ((valueOf(peers) ?? []).some((peer) => peer.connected)) return 'fine';
  if (!networkUp) return 'offline';
  return othersExist ? 'alone' : 'fine';
}
