/**
 * Architecture, issue of absence: a node whose interfaces change is back in its groups within 10 s, without a restart. Real
 * processes on machines of the lab; nobody is given an address of anybody.
 */
import { afterAll, beforeAll, describe, it } from 'vitest';
import { obstacleToLab, useLab } from './lab.ts';
import { inTouch, Machine } from './machine.ts';

const LAN = [1, 2, 3] as const;
/** The promise. */
const BACK_MS = 10_000;
/** Longer than any probe or dial: nothing of before can still be standing. */
const ABSENCE_MS = 15_000;
/** After everybody noticed: the waits between dials have grown. */
const LONGER_MS = 5_000;

const why = obstacleToLab();
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe.skipIf(why !== undefined)(
  `a machine that moves${why === undefined ? '' : ` (skipped: ${why})`}`,
  { timeout: 120_000 },
  () => {
    const lab = useLab(4);
    const machines: Machine[] = [];
    const first = (): Machine => machines[0]!;
    const mover = (): Machine => machines[2]!;
    /** Everybody on the LAN notices that the mover is gone. */
    const missed = async (peerId: string, from: readonly number[]): Promise<void> => {
      for (const [i, machine] of machines.slice(0, 2).entries())
        await machine.line(({ kind, peerId: lost }) => kind === 'peerLost' && lost === peerId, from[i]);
    };
    /** Connections are no longer of the moment in which they were made: that both sides dialled at once explains none. */
    const settled = (): Promise<void> => pause(3_000);
    const backInTouch = async (what: string): Promise<void> => {
      const took = await inTouch(machines, BACK_MS);
      process.stdout.write(`${what}: in touch after ${took} ms\n`);
    };

    beforeAll(async () => {
      for (const i of LAN) machines.push(new Machine(lab().namespace(i), `machine${i}`));
      await inTouch(machines);
    });

    afterAll(async () => {
      for (const { child } of machines) child.kill('SIGKILL');
      await Promise.all(machines.map((machine) => machine.ended()));
    });

    it('is back in its groups within 10 s after its cable was pulled for a while', async () => {
      const { peerId } = await mover().ready();
      const from = machines.map(({ lines }) => lines.length);
      lab().unplug(3);
      await pause(ABSENCE_MS);
      await missed(peerId, from);
      lab().plugIn(3);
      await backInTouch('cable');
    });

    it('is back within 10 s when its address is replaced by another one of the same subnet', async () => {
      await settled();
      lab().ip(3, 'addr', 'del', '10.77.0.3/24', 'dev', 'eth0');
      lab().ip(3, 'addr', 'add', '10.77.0.33/24', 'dev', 'eth0');
      await backInTouch('another address');
    });

    it('is back within 10 s when its interface vanishes and one with another name appears', async () => {
      await settled();
      lab().removeInterface(3);
      lab().addInterface(3, 'wlan7', '10.77.0.43/24');
      await backInTouch('another interface');
    });

    it('is back within 10 s when the very same interface, with the same name and address, is made anew', async () => {
      lab().removeInterface(3, 'wlan7');
      lab().addInterface(3, 'wlan7', '10.77.0.43/24');
      await backInTouch('the same interface anew');
    });

    it('finds, within 10 s, the member of the subnet that it moves to, and the others when it is back', async () => {
      lab().cut([3, 4]);
      lab().ip(4, 'addr', 'del', '10.77.0.4/24', 'dev', 'eth0');
      lab().ip(4, 'addr', 'add', '10.88.0.4/24', 'dev', 'eth0');
      const other = new Machine(lab().namespace(4), 'machine4');
      machines.push(other);
      await other.ready();
      lab().ip(3, 'addr', 'del', '10.77.0.43/24', 'dev', 'wlan7');
      lab().ip(3, 'addr', 'add', '10.88.0.3/24', 'dev', 'wlan7');
      const took = await inTouch([mover(), other], BACK_MS);
      process.stdout.write(`another subnet: in touch after ${took} ms\n`);
      lab().heal();
      machines.pop();
      lab().ip(3, 'addr', 'del', '10.88.0.3/24', 'dev', 'wlan7');
      lab().ip(3, 'addr', 'add', '10.77.0.3/24', 'dev', 'wlan7');
      await backInTouch('home again');
      other.child.stdin?.end();
      await other.ended();
    });

    it('is missed while its process stands still, and is back within 10 s after it goes on', async () => {
      const { peerId } = await mover().ready();
      const from = machines.map(({ lines }) => lines.length);
      mover().child.kill('SIGSTOP');
      await missed(peerId, from);
      await pause(LONGER_MS);
      mover().child.kill('SIGCONT');
      await backInTouch('stood still');
    });

    it('slept while the others moved on to other addresses: its dead connections are noticed and made anew', async () => {
      mover().child.kill('SIGSTOP');
      lab().unplug(3);
      await missed(
        (await mover().ready()).peerId,
        machines.map(({ lines }) => lines.length),
      );
      lab().ip(1, 'addr', 'del', '10.77.0.1/24', 'dev', 'eth0');
      lab().ip(1, 'addr', 'add', '10.77.0.11/24', 'dev', 'eth0');
      lab().plugIn(3);
      mover().child.kill('SIGCONT');
      await backInTouch('slept');
      await first().ready();
    });

    it('is in touch again after a cut that no interface tells of', async () => {
      const { peerId } = await mover().ready();
      const from = machines.map(({ lines }) => lines.length);
      lab().cut([3]);
      await missed(peerId, from);
      await pause(LONGER_MS);
      lab().heal();
      const took = await inTouch(machines);
      process.stdout.write(`cut and healed: in touch after ${took} ms\n`);
    });
  },
);
