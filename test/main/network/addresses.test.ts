/** Which addresses may be used, against an independent reading of the RFCs. */
import { multiaddr } from '@multiformats/multiaddr';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isAllowedAddress,
  isBelievableAddress,
  isInSubnet,
  judgeInterfaces,
  parseAddress,
  reachOfIp,
  tcpAddress,
  tcpEndpoint,
} from '../../../main/network/addresses.ts';

const PEER = '12D3KooWKnDdG3iXw9eTFijk3EWSunZcFi54Zka4wmtqtt6rPxc8';

/** RFC 1918, RFC 3927, RFC 1122 by arithmetic alone. */
function isLocalByHand(octets: readonly number[]): boolean {
  const [a = 0, b = 0] = octets;
  return (
    a === 10 || a === 127 || (a === 172 && b >= 16 && b < 32) || (a === 192 && b === 168) || (a === 169 && b === 254)
  );
}

const octets = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255));

describe('the reach of an address', () => {
  it('is local for exactly the private, link-local and loopback IPv4 ranges', () => {
    fc.assert(
      fc.property(octets, fc.integer({ min: 1, max: 65_535 }), (ip, port) => {
        const address = multiaddr(tcpAddress(ip.join('.'), port));
        expect(isAllowedAddress(address, false)).toBe(isLocalByHand(ip));
      }),
      { numRuns: 5_000 },
    );
  });

  it('is the hidden IPv4 address of a mapped IPv6 address', () => {
    fc.assert(
      fc.property(octets, (ip) => {
        expect(reachOfIp(`::ffff:${ip.join('.')}`)).toBe(reachOfIp(ip.join('.')));
      }),
    );
  });

  it('is never local for a global IPv6 address', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0x2000, max: 0x3fff }),
        fc.array(fc.nat(0xffff), { minLength: 7, maxLength: 7 }),
        (a, rest) => {
          const ip = [a, ...rest].map((part) => part.toString(16)).join(':');
          expect(['public', 'unusable']).toContain(reachOfIp(ip));
        },
      ),
    );
  });

  it.each([
    ['127.0.0.1', 'loopback'],
    ['::1', 'loopback'],
    ['10.0.0.1', 'local'],
    ['172.15.255.255', 'public'],
    ['172.31.255.255', 'local'],
    ['192.168.1.1', 'local'],
    ['169.254.1.1', 'local'],
    ['fe80::1%eth0', 'local'],
    ['fd00::1', 'local'],
    ['100.64.0.1', 'public'],
    ['8.8.8.8', 'public'],
    ['2001:4860:4860::8888', 'public'],
    ['0.0.0.0', 'unusable'],
    ['224.0.0.251', 'unusable'],
    ['255.255.255.255', 'unusable'],
    ['0x7f.1', 'unusable'],
    ['0177.0.0.1', 'unusable'],
    ['example.org', 'unusable'],
    ['', 'unusable'],
  ])('of %s is %s', (ip, reach) => {
    expect(reachOfIp(ip)).toBe(reach);
  });
});

describe('an address', () => {
  it('is read as IP and port only when it is a plain TCP address', () => {
    expect(tcpEndpoint(multiaddr(`/ip4/10.0.0.1/tcp/9/p2p/${PEER}`))).toEqual({
      ip: '10.0.0.1',
      port: 9,
      peerId: PEER,
    });
    expect(tcpEndpoint(multiaddr('/ip4/10.0.0.1/udp/9'))).toBeUndefined();
    expect(tcpEndpoint(multiaddr('/ip4/10.0.0.1/tcp/9/ws'))).toBeUndefined();
    expect(tcpEndpoint(multiaddr(`/ip4/10.0.0.1/tcp/9/p2p/${PEER}/p2p-circuit`))).toBeUndefined();
  });

  it('that goes through a relay or a name is refused by default', () => {
    const relay = multiaddr(`/ip4/10.0.0.1/tcp/9/p2p/${PEER}/p2p-circuit/p2p/${PEER}`);
    expect(isAllowedAddress(relay, false)).toBe(false);
    expect(isAllowedAddress(relay, true)).toBe(false);
    expect(isAllowedAddress(multiaddr('/dns4/example.org/tcp/9'), false)).toBe(false);
    expect(isAllowedAddress(multiaddr('/dns4/example.org/tcp/9'), true)).toBe(true);
    expect(isAllowedAddress(multiaddr('/dnsaddr/example.org'), true)).toBe(false);
    expect(isAllowedAddress(multiaddr('/ip4/8.8.8.8/tcp/9'), true)).toBe(true);
  });

  it('on loopback is believed from a peer on this machine only', () => {
    const loopback = multiaddr('/ip4/127.0.0.1/tcp/6379');
    expect(isBelievableAddress(loopback, true, false)).toBe(true);
    expect(isBelievableAddress(loopback, false, false)).toBe(false);
    expect(isBelievableAddress(loopback, false, true)).toBe(false);
    expect(isBelievableAddress(multiaddr('/ip4/10.0.0.1/tcp/0'), true, false)).toBe(false);
  });

  it('never throws, whatever the text', () => {
    fc.assert(fc.property(fc.string({ maxLength: 400 }), (text) => void parseAddress(text)));
    fc.assert(fc.property(fc.string({ maxLength: 60 }), (text) => void parseAddress(`/ip4/${text}`)));
    expect(parseAddress(`/ip4/10.0.0.1/tcp/${'0'.repeat(300)}9`)).toBeUndefined();
  });
});

describe('a subnet', () => {
  it('contains its own addresses and no others', () => {
    expect(isInSubnet('10.77.0.9', '10.77.0.1/24')).toBe(true);
    expect(isInSubnet('10.77.1.9', '10.77.0.1/24')).toBe(false);
    expect(isInSubnet('::1', '10.77.0.1/24')).toBe(false);
    expect(isInSubnet('nonsense', '10.77.0.1/24')).toBe(false);
    expect(isInSubnet('10.0.0.1', 'nonsense')).toBe(false);
  });
});

describe('interfaces', () => {
  const v4 = (address: string, internal = false) => ({
    address,
    family: 'IPv4' as const,
    internal,
    cidr: `${address}/24`,
  });
  const v6 = (address: string) => ({ address, family: 'IPv6' as const, internal: false, cidr: `${address}/64` });

  it('are used unless they are tunnels, container bridges or public, and each refusal has its reason', () => {
    const judged = judgeInterfaces(
      {
        wlan0: [v4('192.168.1.5'), v6('fe80::5'), v6('fd00::5'), v6('2001:db8:1::5')],
        docker0: [v4('172.17.0.1')],
        'br-1a2b': [v4('172.18.0.1')],
        tun0: [v4('10.8.0.2')],
        wg0: [v4('10.9.0.2')],
        tailscale0: [v4('100.100.1.1')],
        utun3: [v4('10.10.0.2')],
        eth0: [v4('8.8.4.4')],
        eth1: [v4('10.77.0.1')],
        lo: [v4('127.0.0.1', true)],
      },
      false,
    );
    expect(judged.filter(({ usable }) => usable).map(({ name, address }) => `${name} ${address}`)).toEqual([
      'lo 127.0.0.1',
      'eth1 10.77.0.1',
      'wlan0 192.168.1.5',
      'wlan0 fd00::5',
    ]);
    expect(judged.every(({ usable, reason }) => usable === (reason === undefined))).toBe(true);
  });

  it('with public addresses are used when a setting allows it', () => {
    expect(judgeInterfaces({ eth0: [v4('8.8.4.4')] }, true)).toMatchObject([{ usable: true }]);
  });
});
