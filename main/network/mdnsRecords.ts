/**
 * The discovery records of libp2p: a PTR to a random name, and a TXT `dnsaddr=<multiaddr>` per address.
 * Same form as @libp2p/mdns and libp2p's specification, so that stock peers understand us. Knows no socket.
 */
import { peerIdFromString } from '@libp2p/peer-id';
import type multicastDns from 'multicast-dns';
import type { PeerId } from '../../shared/model/ids.ts';
import { MAX_PEER_ADDRESSES } from '../../shared/limits.ts';
import { parseAddress } from './addresses.ts';

export const MDNS_SERVICE = '_p2p._udp.local';
/** Seconds that a record may be remembered. */
const RECORD_TTL_SECONDS = 120;
/** A TXT field holds no more (RFC 6763 §6.1). */
const MAX_TXT_BYTES = 255;
/** Keeps one answer within an Ethernet frame. */
export const MAX_ADVERTISED_ADDRESSES = 6;
const PREFIX = 'dnsaddr=';
const LABEL_LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** One resource record, as the DNS library reads and writes it. */
export type DnsRecord = NonNullable<multicastDns.ResponsePacket['answers']>[number];

/** A peer that discovery told of; addresses are without `/p2p`. */
export interface DiscoveredPeer {
  readonly peerId: PeerId;
  readonly addresses: readonly string[];
}

/** A DNS label from random bytes: names the answer, not the peer. */
export function randomLabel(bytes: Uint8Array): string {
  return [...bytes.subarray(0, 63)].map((byte) => LABEL_LETTERS[byte % LABEL_LETTERS.length] ?? 'a').join('');
}

/** The answer that advertises `addresses` (each ending in `/p2p/<id>`); empty when there is nothing to advertise. */
export function encodeAnswer(label: string, addresses: readonly string[]): DnsRecord[] {
  const name = `${label}.${MDNS_SERVICE}`;
  const texts = addresses.map((address) => PREFIX + address).filter((text) => Buffer.byteLength(text) <= MAX_TXT_BYTES);
  if (texts.length === 0) return [];
  return [
    { name: MDNS_SERVICE, type: 'PTR', class: 'IN', ttl: RECORD_TTL_SECONDS, data: name },
    ...texts
      .slice(0, MAX_ADVERTISED_ADDRESSES)
      .map((data): DnsRecord => ({ name, type: 'TXT', class: 'IN', ttl: RECORD_TTL_SECONDS, data })),
  ];
}

/** Whether a query asks for libp2p peers. */
export function asksForPeers(questions: readonly { readonly name: string; readonly type: string }[]): boolean {
  return questions.slice(0, 16).some(({ name, type }) => name === MDNS_SERVICE && (type === 'PTR' || type === 'ANY'));
}

/**
 * The peers that a response tells of. TXT records may stand among the answers or the additionals, and one response may
 * hold several peers. What cannot be read is left out: anybody on the LAN may send anything.
 */
export function decodeAnswer(
  answers: readonly DnsRecord[],
  additionals: readonly DnsRecord[],
): readonly DiscoveredPeer[] {
  const isOurs = answers.some((answer) => answer.type === 'PTR' && answer.name === MDNS_SERVICE);
  if (!isOurs) return [];
  const found = new Map<string, Set<string>>();
  for (const record of [...answers, ...additionals].slice(0, 64)) {
    if (record.type !== 'TXT') continue;
    const fields = Array.isArray(record.data) ? record.data : [record.data];
    for (const field of fields.slice(0, MAX_PEER_ADDRESSES)) {
      const text = typeof field === 'string' ? field : Buffer.from(field).toString('utf8');
      if (!text.startsWith(PREFIX)) continue;
      const peer = splitPeer(text.slice(PREFIX.length));
      if (peer === undefined) continue;
      const addresses = found.get(peer.peerId) ?? new Set();
      if (addresses.size < MAX_PEER_ADDRESSES) addresses.add(peer.address);
      found.set(peer.peerId, addresses);
    }
  }
  return [...found].map(([peerId, addresses]) => ({ peerId: peerId as PeerId, addresses: [...addresses] }));
}

/** Splits `<transport>/p2p/<id>`; undefined unless it is exactly one peer at one transport address. */
export function splitPeer(text: string): { readonly peerId: PeerId; readonly address: string } | undefined {
  const address = parseAddress(text);
  const parts = address?.getComponents() ?? [];
  const last = parts.at(-1);
  if (address === undefined || last?.name !== 'p2p' || last.value === undefined || parts.length < 2) return undefined;
  if (parts.filter((part) => part.name === 'p2p').length !== 1) return undefined;
  try {
    const peerId = peerIdFromString(last.value).toString() as PeerId;
    return { peerId, address: address.decapsulate(`/p2p/${last.value}`).toString() };
  } catch {
    return undefined;
  }
}
