/** The network doctor names the most basic trouble in one sentence. */
import { describe, expect, it } from 'vitest';
import { adviseOn } from '../../../main/network/doctor.ts';
import type { NetworkDiagnostics } from '../../../main/messenger/ports/network.ts';
import type { PeerId } from '../../../shared/model/ids.ts';

const NOW = 1_000_000;
const lan = { name: 'wlan0', address: '192.168.1.5', family: 'IPv4' as const, usable: true };
const lo = { name: 'lo', address: '127.0.0.1', family: 'IPv4' as const, usable: true };
const found = { peerId: 'p' as PeerId, addresses: [], connected: false };

const healthy: Omit<NetworkDiagnostics, 'advice'> = {
  listenAddresses: ['/ip4/192.168.1.5/tcp/20000/p2p/x'],
  interfaces: [lo, lan],
  mdns: { enabled: true, sockets: [{ interface: 'wlan0', state: 'open' }], lastAnswerAt: NOW },
  peers: [{ ...found, connected: true }],
  topics: [],
  counters: {},
};

describe('the network doctor', () => {
  it.each<[string, Partial<typeof healthy>, RegExp]>([
    ['all is well', {}, /works.*one other device/],
    ['several are connected', { peers: [1, 2].map(() => ({ ...found, connected: true })) }, /2 other devices/],
    ['nothing is listened on', { listenAddresses: [], peers: [] }, /cannot accept connections/],
    ['there is no network', { interfaces: [lo], peers: [] }, /switch on Wi-Fi/],
    [
      'there are public addresses only',
      { interfaces: [lo, { ...lan, usable: false, reason: 'public address' }], peers: [] },
      /allow public addresses/,
    ],
    ['discovery is off', { mdns: { enabled: false, sockets: [] }, peers: [] }, /switched off/],
    [
      'the discovery port is refused',
      { mdns: { enabled: true, sockets: [{ interface: 'wlan0', state: 'failed', error: 'EACCES' }] }, peers: [] },
      /5353 in the firewall/,
    ],
    ['others are found but not reached', { peers: [found] }, /cannot be reached/],
    [
      'nobody answers',
      { mdns: { enabled: true, sockets: [{ interface: 'wlan0', state: 'open' }] }, peers: [] },
      /Nobody answers/,
    ],
    ['somebody answered a moment ago', { peers: [] }, /moment ago/],
  ])('says what to do when %s', (_title, changes, expected) => {
    const advice = adviseOn({ ...healthy, ...changes }, NOW);
    expect(advice).toMatch(expected);
    expect(advice.endsWith('.')).toBe(true);
  });
});
