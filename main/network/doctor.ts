/**
 * The network doctor: turns what is measured into one sentence that a person can act on.
 * A pure function; the words are for people, not for developers.
 */
import type { NetworkDiagnostics } from '../messenger/ports/network.ts';

/** A LAN where nobody answered for this long is worth a sentence, in ms. */
const SILENT_MS = 60_000;

/** The advice for what `diagnostics.network` measured. The most basic trouble is named first. */
export function adviseOn(seen: Omit<NetworkDiagnostics, 'advice'>, now: number): string {
  const connected = seen.peers.filter((peer) => peer.connected).length;
  const lan = seen.interfaces.filter((entry) => entry.usable && !isLoopback(entry.address));
  if (seen.listenAddresses.length === 0) {
    return 'Conclave cannot accept connections: another program may hold its port. Quit Conclave and start it again.';
  }
  if (connected > 0) {
    const people = connected === 1 ? 'one other device' : `${connected} other devices`;
    return `The network works: Conclave is connected to ${people}.`;
  }
  if (lan.length === 0) {
    const publicOnly = seen.interfaces.some((entry) => entry.reason === 'public address');
    return publicOnly
      ? 'This computer has only public addresses: allow public addresses in the settings, or join a home or office network.'
      : 'This computer is on no network: switch on Wi-Fi or plug in a network cable.';
  }
  if (!seen.mdns.enabled) {
    return 'Finding people nearby is switched off: connect by an address, or open an invite that carries one.';
  }
  const open = seen.mdns.sockets.filter(
    (socket) => socket.state === 'open' && lan.some((e) => e.name === socket.interface),
  );
  if (open.length === 0 && seen.mdns.sockets.some((socket) => socket.state === 'failed')) {
    return 'Conclave may not look for people nearby: allow it "local network" access and UDP port 5353 in the firewall.';
  }
  if (seen.peers.length > 0) {
    return 'Others were found but cannot be reached: allow Conclave through the firewall on both computers.';
  }
  if (seen.mdns.lastAnswerAt === undefined || now - seen.mdns.lastAnswerAt > SILENT_MS) {
    return 'Nobody answers on this network: check that the other computer is on the same Wi-Fi and runs Conclave, or connect by its address.';
  }
  return 'Somebody was heard a moment ago: wait a little, or connect by address.';
}

function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1';
}
