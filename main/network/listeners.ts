/**
 * Listens on each usable interface's own address, now and when one comes up later; never on a wildcard by itself.
 * Knows the host's interfaces and the node's transports, no peers.
 */
import { createHash } from 'node:crypto';
import type { Multiaddr } from '@multiformats/multiaddr';
import { multiaddr } from '@multiformats/multiaddr';
import type { NetworkClock, NetworkLogger } from '../messenger/ports/network.ts';
import { STALE_LISTENER_MS } from '../../shared/limits.ts';
import { isAllowedAddress, parseAddress, tcpAddress, tcpEndpoint } from './addresses.ts';
import type { InterfaceAddress } from './addresses.ts';
import { NetworkError } from './errors.ts';
import type { Listening } from './node.ts';

/** Below every system's ephemeral ports, above the registered ones that servers commonly use. */
const FIRST_PORT = 20_000;
const PORT_COUNT = 12_000;

/**
 * The port that a peer tries first: the same at each start, so that an address in an old invite still works, and
 * different for different peers, so that two profiles on one machine do not fight.
 */
export function preferredPort(peerId: string): number {
  return FIRST_PORT + (createHash('sha256').update(peerId).digest().readUInt32BE() % PORT_COUNT);
}

const WILDCARDS: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

/** Checks addresses that a person asked to listen on. Throws NetworkError. */
export function parseListenAddresses(addresses: readonly string[], allowPublic: boolean): readonly Multiaddr[] {
  return addresses.map((text) => {
    const address = parseAddress(text);
    const endpoint = address === undefined ? undefined : tcpEndpoint(address);
    if (address === undefined || endpoint === undefined || endpoint.peerId !== undefined) {
      throw new NetworkError('An address to listen on must look like /ip4/192.168.1.5/tcp/0', { address: text });
    }
    if (!WILDCARDS.has(endpoint.ip) && !isAllowedAddress(address, allowPublic)) {
      throw new NetworkError('Public addresses are not allowed by the settings', { address: text });
    }
    return address;
  });
}

export interface Listeners {
  /** Listens on what is usable and not listened on yet, and no longer on what is gone for good. One at a time. */
  update(interfaces: readonly InterfaceAddress[]): Promise<void>;
  /** Whether an address that we listen on may be advertised now. */
  isAnnounced(address: Multiaddr): boolean;
}

/** Makes the listeners of a node; `listening` is asked for late because the node is made after its announce filter. */
export function createListeners(options: {
  readonly clock: NetworkClock;
  readonly peerPort: () => number;
  readonly explicit: readonly Multiaddr[] | undefined;
  readonly allowPublic: boolean;
  readonly listening: () => Listening;
  readonly logger: NetworkLogger;
  readonly count: (counter: string) => void;
}): Listeners {
  const { explicit, logger } = options;
  let current: readonly InterfaceAddress[] = [];
  let hasListenedExplicitly = false;
  /** Addresses that could not be listened on: told once each, tried at every look. */
  const refused = new Set<string>();
  const goneSince = new Map<string, number>();
  const given = new Set((explicit ?? []).map((address) => tcpEndpoint(address)?.ip));

  const isListening = (ip: string): boolean =>
    options
      .listening()
      .getAddrs()
      .some((address) => tcpEndpoint(address)?.ip === ip);

  async function listenOn(ip: string): Promise<void> {
    for (const port of [options.peerPort(), 0]) {
      try {
        await options.listening().listen([multiaddr(tcpAddress(ip, port))]);
      } catch (error) {
        logger.debug({ ip, port, error: String(error) }, 'cannot listen');
      }
      if (isListening(ip)) {
        refused.delete(ip);
        return;
      }
    }
    if (refused.has(ip)) return;
    refused.add(ip);
    options.count('listen.failed');
    logger.warn({ ip }, 'cannot listen on an interface');
  }

  /** Closes listeners whose address went a while ago. */
  async function closeStale(usable: ReadonlySet<string>): Promise<void> {
    for (const ip of refused) if (!usable.has(ip)) refused.delete(ip);
    for (const ip of goneSince.keys()) if (usable.has(ip)) goneSince.delete(ip);
    const now = options.clock.now();
    for (const listener of [...options.listening().getListeners()]) {
      const [address] = listener.getAddrs();
      const ip = address === undefined ? undefined : tcpEndpoint(address)?.ip;
      if (ip === undefined || usable.has(ip)) continue;
      const since = goneSince.get(ip) ?? now;
      goneSince.set(ip, since);
      if (now - since < STALE_LISTENER_MS) continue;
      goneSince.delete(ip);
      try {
        await listener.close();
        options.count('listen.closed');
      } catch (error) {
        logger.debug({ ip, error: String(error) }, 'a listener could not be closed');
      }
    }
  }

  return {
    async update(interfaces) {
      current = interfaces;
      if (explicit !== undefined) {
        if (hasListenedExplicitly) return;
        hasListenedExplicitly = true;
        await options.listening().listen([...explicit]);
        return;
      }
      for (const { usable, address } of interfaces) {
        if (usable && !isListening(address)) await listenOn(address);
      }
      await closeStale(new Set(interfaces.filter(({ usable }) => usable).map(({ address }) => address)));
    },
    isAnnounced(address) {
      const ip = tcpEndpoint(address)?.ip;
      if (ip === undefined || !isAllowedAddress(address, options.allowPublic)) return false;
      if (given.has(ip)) return true;
      return current.some((entry) => entry.usable && entry.address === ip);
    },
  };
}
