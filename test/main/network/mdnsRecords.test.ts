/** The discovery records: the round trip, the form that stock libp2p reads, and anything hostile. */
import dgram from 'node:dgram';
import fc from 'fast-check';
import multicastDns from 'multicast-dns';
import { describe, expect, it } from 'vitest';
import {
  asksForPeers,
  decodeAnswer,
  encodeAnswer,
  MDNS_SERVICE,
  randomLabel,
  splitPeer,
} from '../../../main/network/mdnsRecords.ts';
import type { DiscoveredPeer, DnsRecord } from '../../../main/network/mdnsRecords.ts';

const PEER = '12D3KooWKnDdG3iXw9eTFijk3EWSunZcFi54Zka4wmtqtt6rPxc8';
const OTHER = '12D3KooWGzxzKZYveHXtpG6AsrUJBcWxHBFS2HsEoGTxrMLvKXtf';
const address = (ip: string, peer = PEER): string => `/ip4/${ip}/tcp/4001/p2p/${peer}`;

/** The bytes of an answer, and what the DNS library reads in them; nothing leaves this process. */
async function overTheWire(answers: DnsRecord[]): Promise<{ bytes: Uint8Array; peers: readonly DiscoveredPeer[] }> {
  const socket = dgram.createSocket('udp4');
  const dns = multicastDns({ socket, bind: false, multicast: false });
  try {
    const bytes = await new Promise<Uint8Array>((resolve) => {
      socket.send = (message: unknown) => resolve(message as Uint8Array);
      dns.respond({ answers });
    });
    const peers = await new Promise<readonly DiscoveredPeer[]>((resolve) => {
      dns.on('response', (packet) => resolve(decodeAnswer(packet.answers ?? [], packet.additionals ?? [])));
      socket.emit('message', bytes, { address: '10.0.0.1', family: 'IPv4', port: 5353, size: bytes.length });
    });
    return { bytes, peers };
  } finally {
    socket.close();
  }
}

describe('an mDNS answer', () => {
  it('gives back the peer and its addresses over the wire', async () => {
    const answers = encodeAnswer('label', [address('10.0.0.1'), address('10.0.0.2')]);
    expect((await overTheWire(answers)).peers).toEqual([
      { peerId: PEER, addresses: ['/ip4/10.0.0.1/tcp/4001', '/ip4/10.0.0.2/tcp/4001'] },
    ]);
  });

  it('has the form of @libp2p/mdns: a PTR to the label, a TXT with dnsaddr= each', () => {
    expect(encodeAnswer('label', [address('10.0.0.1')])).toEqual([
      { name: MDNS_SERVICE, type: 'PTR', class: 'IN', ttl: 120, data: `label.${MDNS_SERVICE}` },
      { name: `label.${MDNS_SERVICE}`, type: 'TXT', class: 'IN', ttl: 120, data: `dnsaddr=${address('10.0.0.1')}` },
    ]);
  });

  it('is not sent when there is nothing to say, and fits one frame when there is much', async () => {
    expect(encodeAnswer('label', [])).toEqual([]);
    expect(encodeAnswer('label', [`/dns4/${'a'.repeat(250)}/tcp/1/p2p/${PEER}`])).toEqual([]);
    const many = encodeAnswer(
      randomLabel(new Uint8Array(63)),
      Array.from({ length: 50 }, (_, i) => address(`10.0.0.${i}`)),
    );
    expect((await overTheWire(many)).bytes.length).toBeLessThan(1_400);
  });

  it('is read with its TXT records among the additionals, and with several peers in one', () => {
    const [ptr, txt] = encodeAnswer('label', [address('10.0.0.1')]);
    const [, other] = encodeAnswer('other', [address('10.0.0.9', OTHER)]);
    expect(decodeAnswer([ptr!], [txt!, other!]).map(({ peerId }) => peerId)).toEqual([PEER, OTHER]);
  });

  it('of another service, or without a peer id, is left out', () => {
    const [ptr, txt] = encodeAnswer('label', [address('10.0.0.1')]);
    expect(decodeAnswer([{ ...ptr!, name: '_http._tcp.local' }, txt!], [])).toEqual([]);
    expect(decodeAnswer([ptr!, { ...txt!, data: 'dnsaddr=/ip4/10.0.0.1/tcp/1' } as typeof txt & object], [])).toEqual(
      [],
    );
    expect(splitPeer(`/ip4/10.0.0.1/tcp/1/p2p/${PEER}/p2p-circuit/p2p/${OTHER}`)).toBeUndefined();
    expect(splitPeer(`/p2p/${PEER}`)).toBeUndefined();
  });

  it('never throws and stays bounded, whatever stands in it', () => {
    const field = fc.oneof(
      fc.string(),
      fc.string().map((s) => `dnsaddr=${s}`),
      fc.constant(`dnsaddr=${address('10.0.0.1')}`),
    );
    fc.assert(
      fc.property(fc.array(field, { maxLength: 100 }), (data) => {
        const [ptr] = encodeAnswer('label', [address('10.0.0.1')]);
        const found = decodeAnswer([ptr!, { name: 'x', type: 'TXT', data }], []);
        expect(found.length).toBeLessThanOrEqual(1);
        expect(found.flatMap((peer) => peer.addresses).length).toBeLessThanOrEqual(16);
      }),
    );
  });
});

describe('an mDNS question', () => {
  it('is answered when it asks for libp2p peers, wherever it stands among the questions', () => {
    expect(asksForPeers([{ name: MDNS_SERVICE, type: 'PTR' }])).toBe(true);
    expect(
      asksForPeers([
        { name: 'x', type: 'A' },
        { name: MDNS_SERVICE, type: 'ANY' },
      ]),
    ).toBe(true);
    expect(asksForPeers([{ name: '_http._tcp.local', type: 'PTR' }])).toBe(false);
    expect(asksForPeers([{ name: MDNS_SERVICE, type: 'A' }])).toBe(false);
    expect(asksForPeers([])).toBe(false);
  });
});
