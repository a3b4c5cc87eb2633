/**
 * Who is connected now, by member: a peer counts once it proved its member id. Knows neither storage nor protocol.
 */
import type { MemberId, PeerId } from '../../shared/model/ids.ts';
import type { PeerView } from './ports/network.ts';

export interface Presence {
  isOnline(memberId: MemberId): boolean;
  /** Notes a peer; answers with the members whose presence changed by it. */
  update(peer: PeerView): readonly MemberId[];
  lose(peerId: PeerId): readonly MemberId[];
}

export function createPresence(): Presence {
  const memberOf = new Map<PeerId, MemberId>();
  const isOnline = (memberId: MemberId): boolean => [...memberOf.values()].includes(memberId);

  const change = (peerId: PeerId, after: MemberId | undefined): readonly MemberId[] => {
    const before = memberOf.get(peerId);
    if (before === after) return [];
    const concerned = [before, after].filter((member) => member !== undefined);
    const was = concerned.map(isOnline);
    if (after === undefined) memberOf.delete(peerId);
    else memberOf.set(peerId, after);
    return concerned.filter((member, index) => isOnline(member) !== was[index]);
  };

  return {
    isOnline,
    update: (peer) => change(peer.peerId, peer.connected ? peer.memberId : undefined),
    lose: (peerId) => change(peerId, undefined),
  };
}
