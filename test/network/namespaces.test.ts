/**
 * Three machines on one LAN, as far as the kernel is concerned: a network namespace each, a bridge between them, real
 * multicast, and no address given to anybody. Then the cable of one is pulled and put back.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NetworkDiagnostics } from '../../main/messenger/ports/network.ts';
import { obstacleToLab, useLab } from './lab.ts';
import { Machine } from './machine.ts';

const LAN = [1, 2, 3] as const;
/** Has a public address. */
const OUTSIDER = 4;

const why = obstacleToLab();

describe.skipIf(why !== undefined)(
  `three machines on a LAN${why === undefined ? '' : ` (skipped: ${why})`}`,
  { timeout: 120_000 },
  () => {
    const lab = useLab(4);
    const machines: Machine[] = [];
    const start = (i: number, ...more: string[]): Machine => new Machine(lab().namespace(i), `machine${i}`, ...more);

    beforeAll(() => {
      lab().ip(OUTSIDER, 'addr', 'del', `${lab().address(OUTSIDER)}/24`, 'dev', 'eth0');
    });

    afterAll(async () => {
      for (const { child } of machines) child.kill('SIGKILL');
      await Promise.all(machines.map((machine) => machine.ended()));
    });

    it('find each other by multicast with no address given, and all hear all', async () => {
      for (const i of LAN) machines.push(start(i));
      const peerIds = await Promise.all(machines.map(async (machine) => (await machine.ready()).peerId));
      for (const [i, machine] of machines.entries()) {
        const others = peerIds.filter((peerId) => peerId !== peerIds[i]);
        await machine.line(
          ({ kind, peers }) => kind === 'topicPeers' && others.every((p) => (peers as string[]).includes(p)),
        );
        machine.order({ publish: `from ${i}` });
      }
      for (const [i, machine] of machines.entries()) {
        const expected = [0, 1, 2].filter((j) => j !== i).map((j) => `from ${j}`);
        for (const wanted of expected) await machine.line(({ kind, text }) => kind === 'packet' && text === wanted);
      }
      const { listenAddresses } = await machines[0]!.ready();
      expect(listenAddresses.every((address) => address.endsWith(`/p2p/${peerIds[0]}`))).toBe(true);
      expect(listenAddresses.some((address) => address.startsWith('/ip4/10.77.0.1/tcp/'))).toBe(true);
    });

    it('notice a pulled cable and come back by themselves when it is plugged in', async () => {
      const [first, , third] = machines as [Machine, Machine, Machine];
      const thirdId = (await third.ready()).peerId;
      const before = first.lines.length;
      lab().unplug(3);
      await first.line(({ kind, peerId }) => kind === 'peerLost' && peerId === thirdId, before);
      const cut = first.lines.length;
      first.order({ publish: 'missed' });
      const { recipients } = await first.line(({ kind }) => kind === 'published', cut);
      expect(recipients).toBe(1);
      lab().plugIn(3);
      await first.line(({ kind, peers }) => kind === 'topicPeers' && (peers as string[]).includes(thirdId), cut);
      first.order({ publish: 'missed' });
      await third.line(({ kind, text }) => kind === 'packet' && text === 'missed');
      const again = machines[1]!.lines.filter(({ kind, text }) => kind === 'packet' && text === 'missed');
      expect(again.length).toBeLessThanOrEqual(2);
    });

    it('refuse a connection that comes from a public address', async () => {
      lab().ip(OUTSIDER, 'addr', 'add', '8.8.8.9/24', 'dev', 'eth0');
      lab().ip(OUTSIDER, 'route', 'add', '10.77.0.0/24', 'dev', 'eth0', 'src', '8.8.8.9');
      lab().ip(1, 'route', 'add', '8.8.8.0/24', 'dev', 'eth0');
      const outsider = start(OUTSIDER, 'public');
      machines.push(outsider);
      const outsiderId = (await outsider.ready()).peerId;
      const first = machines[0]!;
      const { listenAddresses } = await first.ready();
      outsider.order({ connect: listenAddresses.find((address) => address.startsWith('/ip4/10.77.0.1/'))! });
      const { outcome } = await outsider.line(({ kind }) => kind === 'connect');
      expect(outcome).toContain('Nobody answers');
      first.order({ diagnose: true });
      const { diagnostics } = await first.line(({ kind }) => kind === 'diagnostics');
      const { counters, peers } = diagnostics as NetworkDiagnostics;
      expect(counters['connection.inboundRefused']).toBeGreaterThan(0);
      expect(peers.filter(({ peerId, connected }) => peerId === outsiderId && connected)).toEqual([]);
    });

    it('exit by themselves when told to stop: nothing stays open', async () => {
      for (const { child } of machines) child.stdin?.end();
      for (const machine of machines) {
        await machine.line(({ kind }) => kind === 'stopped');
        expect(await machine.ended()).toBe(0);
      }
    });

    it('find each other over IPv6 when there is no IPv4', async () => {
      for (const i of [1, 2]) {
        lab().ip(i, 'addr', 'del', `10.77.0.${i}/24`, 'dev', 'eth0');
        lab().ip(i, 'addr', 'add', `fd77::${i}/64`, 'dev', 'eth0', 'nodad');
      }
      const [first, second] = [start(1), start(2)];
      machines.push(first, second);
      const { peerId, listenAddresses } = await second.ready();
      expect(listenAddresses.some((address) => address.startsWith('/ip6/fd77::2/tcp/'))).toBe(true);
      await first.line(({ kind, peers }) => kind === 'topicPeers' && (peers as string[]).includes(peerId));
    });
  },
);
