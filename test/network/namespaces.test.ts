/**
 * Three machines on one LAN, as far as the kernel is concerned: a network namespace each, a bridge between them, real
 * multicast, and no address given to anybody. Then the cable of one is pulled and put back.
 */
import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { NetworkDiagnostics } from '../../main/messenger/ports/network.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** Three on the LAN, and one that has a public address. */
const NODES = [1, 2, 3, 4] as const;
const LAN = [1, 2, 3] as const;
// Interface names hold 15 characters; the run's own part keeps parallel runs and leftovers apart.
const run = process.pid.toString(36) + Math.floor(Math.random() * 36 ** 2).toString(36);
const bridge = `cb${run}`;
const namespace = (i: number): string => `cn${run}-${i}`;
const port = (i: number): string => `cv${run}${i}`;
const script = fileURLToPath(new URL('./namespaceNode.ts', import.meta.url));

const ip = (...args: string[]): void => void execFileSync('ip', args, { stdio: 'pipe' });

/** Why namespaces cannot be made here, or undefined when they can. */
function obstacle(): string | undefined {
  if (process.platform !== 'linux') return 'network namespaces exist on Linux only';
  const probe = `cp${run}`;
  try {
    ip('netns', 'add', probe);
    ip('link', 'add', bridge, 'type', 'bridge');
    return undefined;
  } catch (error) {
    return `needs root and the ip command: ${(error instanceof Error ? error.message : String(error)).trim()}`;
  } finally {
    quietly('netns', 'del', probe);
    quietly('link', 'del', bridge);
  }
}

/** Removes something that may not be there. */
function quietly(...args: string[]): void {
  try {
    ip(...args);
  } catch {
    // It was never made, or went with its namespace.
  }
}

interface Line {
  readonly kind: string;
  readonly [key: string]: unknown;
}

class Machine {
  readonly lines: Line[] = [];
  readonly child: ChildProcess;
  #complaints = '';
  #wake = (): void => undefined;

  constructor(i: number, ...more: string[]) {
    this.child = spawn('ip', ['netns', 'exec', namespace(i), process.execPath, script, `machine${i}`, ...more], {
      env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.child.stderr?.on(
      'data',
      (chunk: Buffer) => (this.#complaints = (this.#complaints + String(chunk)).slice(-4_000)),
    );
    createInterface({ input: this.child.stdout! }).on('line', (line) => {
      this.lines.push(JSON.parse(line) as Line);
      this.#wake();
    });
    this.child.on('exit', () => this.#wake());
  }

  order(line: object): void {
    this.child.stdin?.write(`${JSON.stringify(line)}\n`);
  }

  /** The first line from `from` on that fits. */
  async line(fits: (line: Line) => boolean, from = 0): Promise<Line> {
    const end = Date.now() + 30_000;
    for (;;) {
      const found = this.lines.slice(from).find(fits);
      if (found !== undefined) return found;
      if (Date.now() > end || this.child.exitCode !== null) {
        throw new Error(`it never said so. Lines: ${JSON.stringify(this.lines)}\n${this.#complaints}`);
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 500);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  async ready(): Promise<{ peerId: string; listenAddresses: string[] }> {
    const { peerId, listenAddresses } = await this.line(({ kind }) => kind === 'ready');
    return { peerId: peerId as string, listenAddresses: listenAddresses as string[] };
  }

  /** Resolves with the exit code once the process is gone. */
  async ended(): Promise<number | null> {
    if (this.child.exitCode === null) await new Promise((resolve) => this.child.once('exit', resolve));
    return this.child.exitCode;
  }
}

const why = obstacle();

describe.skipIf(why !== undefined)(
  `three machines on a LAN${why === undefined ? '' : ` (skipped: ${why})`}`,
  { timeout: 120_000 },
  () => {
    const machines: Machine[] = [];

    beforeAll(() => {
      ip('link', 'add', bridge, 'type', 'bridge', 'mcast_snooping', '0');
      ip('link', 'set', bridge, 'up');
      for (const i of NODES) {
        ip('netns', 'add', namespace(i));
        ip('link', 'add', port(i), 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace(i));
        ip('link', 'set', port(i), 'master', bridge, 'up');
        ip('-n', namespace(i), 'link', 'set', 'lo', 'up');
        ip('-n', namespace(i), 'link', 'set', 'eth0', 'up');
        if (i !== 4) ip('-n', namespace(i), 'addr', 'add', `10.77.0.${i}/24`, 'dev', 'eth0');
        ip('-n', namespace(i), 'route', 'add', '224.0.0.0/4', 'dev', 'eth0');
      }
    });

    afterAll(async () => {
      for (const { child } of machines) child.kill('SIGKILL');
      await Promise.all(machines.map((machine) => machine.ended()));
      for (const i of NODES) {
        quietly('netns', 'del', namespace(i));
        quietly('link', 'del', port(i));
      }
      quietly('link', 'del', bridge);
    });

    it('find each other by multicast with no address given, and all hear all', async () => {
      for (const i of LAN) machines.push(new Machine(i));
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
      ip('link', 'set', port(3), 'down');
      await first.line(({ kind, peerId }) => kind === 'peerLost' && peerId === thirdId, before);
      const cut = first.lines.length;
      first.order({ publish: 'missed' });
      const { recipients } = await first.line(({ kind }) => kind === 'published', cut);
      expect(recipients).toBe(1);
      ip('link', 'set', port(3), 'up');
      await first.line(({ kind, peers }) => kind === 'topicPeers' && (peers as string[]).includes(thirdId), cut);
      first.order({ publish: 'missed' });
      await third.line(({ kind, text }) => kind === 'packet' && text === 'missed');
      const again = machines[1]!.lines.filter(({ kind, text }) => kind === 'packet' && text === 'missed');
      expect(again.length).toBeLessThanOrEqual(2);
    });

    it('refuse a connection that comes from a public address', async () => {
      ip('-n', namespace(4), 'addr', 'add', '8.8.8.9/24', 'dev', 'eth0');
      ip('-n', namespace(4), 'route', 'add', '10.77.0.0/24', 'dev', 'eth0', 'src', '8.8.8.9');
      ip('-n', namespace(1), 'route', 'add', '8.8.8.0/24', 'dev', 'eth0');
      const outsider = new Machine(4, 'public');
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
        ip('-n', namespace(i), 'addr', 'del', `10.77.0.${i}/24`, 'dev', 'eth0');
        ip('-n', namespace(i), 'addr', 'add', `fd77::${i}/64`, 'dev', 'eth0', 'nodad');
      }
      const [first, second] = [new Machine(1), new Machine(2)];
      machines.push(first, second);
      const { peerId, listenAddresses } = await second.ready();
      expect(listenAddresses.some((address) => address.startsWith('/ip6/fd77::2/tcp/'))).toBe(true);
      await first.line(({ kind, peers }) => kind === 'topicPeers' && (peers as string[]).includes(peerId));
    });
  },
);
