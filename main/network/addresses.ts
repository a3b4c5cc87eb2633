/**
 * Which addresses may be listened on, dialled, accepted and advertised, and which interfaces of the host are used.
 * Pure functions; knows no socket and no libp2p node.
 */
import { multiaddr } from '@multiformats/multiaddr';
import type { Multiaddr } from '@multiformats/multiaddr';
import ipaddr from 'ipaddr.js';
import type { InterfaceDiagnostics } from '../messenger/ports/network.ts';
import { MAX_ADDRESS_LENGTH } from '../../shared/limits.ts';

/** How far an IP address reaches. `local` covers private and link-local ranges. */
export type Reach = 'loopback' | 'local' | 'public' | 'unusable';

/** A host's interfaces as `os.networkInterfaces()` gives them. */
export type HostInterfaces = Readonly<
  Record<
    string,
    | readonly {
        readonly address: string;
        readonly family: 'IPv4' | 'IPv6';
        readonly internal: boolean;
        readonly cidr: string | null;
        readonly mac?: string;
      }[]
    | undefined
  >
>;

/** One address of one interface, with its subnet and the verdict on it. */
export interface InterfaceAddress extends InterfaceDiagnostics {
  readonly cidr: string | null;
  /** The hardware address, where the host tells it. */
  readonly mac?: string;
  readonly reach: Reach;
}

/** Tunnels and container bridges: nobody's LAN, and often a way out of it. */
const SKIPPED_NAMES =
  /^(?:docker|br-|veth|virbr|vboxnet|vmnet|vEthernet|lxc|lxd|cni|flannel|cali|podman|tun|tap|utun|wg|tailscale|zt|ppp|ipsec|gif|stf|awdl|llw|anpi)/u;

const LOCAL_RANGES: ReadonlySet<string> = new Set(['private', 'linkLocal', 'uniqueLocal']);
const PUBLIC_RANGES: ReadonlySet<string> = new Set(['unicast', 'carrierGradeNat', '6to4', 'teredo', 'rfc6052']);

/** How far an IP address reaches; IPv4-mapped IPv6 counts as the IPv4 address it hides. Text that is no address is `unusable`. */
export function reachOfIp(text: string): Reach {
  const bare = text.replace(/%.*$/u, '');
  // ipaddr.js also reads octal, hex and short forms, which other parsers read differently.
  if (!ipaddr.IPv6.isValid(bare) && !ipaddr.IPv4.isValidFourPartDecimal(bare)) return 'unusable';
  const range = ipaddr.process(bare).range();
  if (range === 'loopback') return 'loopback';
  if (LOCAL_RANGES.has(range)) return 'local';
  return PUBLIC_RANGES.has(range) ? 'public' : 'unusable';
}

/** The IP address and TCP port of a plain `/ip4|ip6/…/tcp/…[/p2p/…]` address, or undefined for any other kind. */
export function tcpEndpoint(
  address: Multiaddr,
): { readonly ip: string; readonly port: number; readonly peerId?: string } | undefined {
  const parts = address.getComponents();
  const [host, port, peer, ...rest] = parts[0]?.name === 'ip6zone' ? parts.slice(1) : parts;
  if (host === undefined || port === undefined || rest.length > 0) return undefined;
  if ((host.name !== 'ip4' && host.name !== 'ip6') || port.name !== 'tcp') return undefined;
  if (host.value === undefined || port.value === undefined || (peer !== undefined && peer.name !== 'p2p'))
    return undefined;
  return {
    ip: host.value,
    port: Number(port.value),
    ...(peer?.value === undefined ? {} : { peerId: peer.value }),
  };
}

/** Reads a multiaddr within its limit; undefined when it is none. */
export function parseAddress(text: string): Multiaddr | undefined {
  if (text.length === 0 || text.length > MAX_ADDRESS_LENGTH) return undefined;
  try {
    return multiaddr(text);
  } catch {
    return undefined;
  }
}

/** Whether a peer may be dialled at, or accepted from, this address. Relays and names need `allowPublic`. */
export function isAllowedAddress(address: Multiaddr, allowPublic: boolean): boolean {
  const endpoint = tcpEndpoint(address);
  if (endpoint === undefined) {
    const names = address.getComponents().map((part) => part.name);
    return allowPublic && (names[0] === 'dns' || names[0] === 'dns4' || names[0] === 'dns6') && names[1] === 'tcp';
  }
  const reach = reachOfIp(endpoint.ip);
  return reach === 'loopback' || reach === 'local' || (allowPublic && reach === 'public');
}

/**
 * Whether an address that a peer told us of may be stored. A loopback address names our own machine to us, so it is
 * believed only from a peer on this machine: otherwise any peer could make us knock on our own services.
 */
export function isBelievableAddress(address: Multiaddr, peerIsLocal: boolean, allowPublic: boolean): boolean {
  if (!isAllowedAddress(address, allowPublic)) return false;
  const endpoint = tcpEndpoint(address);
  if (endpoint === undefined) return true;
  if (endpoint.port === 0) return false;
  return reachOfIp(endpoint.ip) !== 'loopback' || peerIsLocal;
}

/** Whether an IP address is inside a subnet in CIDR form. */
export function isInSubnet(ip: string, cidr: string): boolean {
  const bare = ip.replace(/%.*$/u, '');
  if (!ipaddr.isValid(bare) || !ipaddr.isValidCIDR(cidr)) return false;
  const address = ipaddr.process(bare);
  const [network, bits] = ipaddr.parseCIDR(cidr);
  return address.kind() === network.kind() && address.match(network, bits);
}

/** Every address of the host with the verdict on it, loopback first, then by name. */
export function judgeInterfaces(host: HostInterfaces, allowPublic: boolean): readonly InterfaceAddress[] {
  const judged: InterfaceAddress[] = [];
  for (const [name, addresses] of Object.entries(host)) {
    for (const { address, family, internal, cidr, mac } of addresses ?? []) {
      const reach = reachOfIp(address);
      const reason = reasonAgainst(name, address, internal, reach, allowPublic);
      judged.push({
        name,
        address,
        family,
        cidr,
        ...(mac === undefined ? {} : { mac }),
        reach,
        usable: reason === undefined,
        ...(reason === undefined ? {} : { reason }),
      });
    }
  }
  const rank = (entry: InterfaceAddress): string => `${entry.reach === 'loopback' ? '0' : '1'}${entry.name}`;
  return judged.sort((a, b) => (rank(a) < rank(b) ? -1 : rank(a) > rank(b) ? 1 : 0));
}

function reasonAgainst(
  name: string,
  address: string,
  internal: boolean,
  reach: Reach,
  allowPublic: boolean,
): string | undefined {
  if (!internal && SKIPPED_NAMES.test(name)) return 'tunnel or container bridge';
  if (reach === 'unusable') return 'not an address that peers can reach';
  if (reach === 'public' && !allowPublic) return 'public address';
  // A link-local IPv6 address means nothing without the zone of the one who dials it.
  if (reach === 'local' && address.toLowerCase().startsWith('fe80')) return 'link-local IPv6 needs a zone';
  return undefined;
}

/** The `/ip…/tcp/…` text of an address and a port. */
export function tcpAddress(ip: string, port: number): string {
  return `/${ip.includes(':') ? 'ip6' : 'ip4'}/${ip}/tcp/${port}`;
}
