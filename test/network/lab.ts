/**
 * Machines on a LAN, as far as the kernel is concerned: a network namespace each, on a bridge that can be cut in two.
 * Linux and root only. Everything is named after the process, so that runs side by side do not meet, and is removed with
 * it; what a killed run left behind, the next run removes. Knows nothing of what runs on the machines.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { afterAll, beforeAll } from 'vitest';

/** Interface names hold 15 characters. */
const PREFIX = 'cl';
let labs = 0;

const ip = (...args: readonly string[]): string => execFileSync('ip', args, { stdio: 'pipe', encoding: 'utf8' });

/** Removes something that may not be there. */
function quietly(...args: readonly string[]): void {
  try {
    ip(...args);
  } catch {
    // It was never made, or went with its namespace.
  }
}

/** Removes the machines and bridges of processes that are no more. */
function removeLeftovers(): void {
  const namespaces = ip('netns', 'list').split('\n');
  const links = ip('-brief', 'link', 'show').split('\n');
  const isLeftover = (name: string): boolean => {
    const owner = new RegExp(`^${PREFIX}([0-9a-z]+)-\\d+-`).exec(name)?.[1];
    return owner !== undefined && !existsSync(`/proc/${Number.parseInt(owner, 36)}`);
  };
  const nameOf = (line: string): string => /^[^\s@]*/.exec(line)?.[0] ?? '';
  for (const name of namespaces.map(nameOf).filter(isLeftover)) quietly('netns', 'del', name);
  for (const name of links.map(nameOf).filter(isLeftover)) quietly('link', 'del', name);
}

/** Why there can be no lab here, or undefined when there can. */
export function obstacleToLab(): string | undefined {
  if (process.platform !== 'linux') return 'network namespaces exist on Linux only';
  const probe = `${PREFIX}${process.pid.toString(36)}-0-t`;
  try {
    ip('netns', 'add', probe);
    ip('link', 'add', probe, 'type', 'bridge');
    removeLeftovers();
    return undefined;
  } catch (error) {
    return `needs root and the ip command: ${(error instanceof Error ? error.message : String(error)).trim()}`;
  } finally {
    quietly('netns', 'del', probe);
    quietly('link', 'del', probe);
  }
}

interface Lab {
  /** The namespace of a machine, counted from 1: what `ip netns exec` runs programs in. */
  namespace(machine: number): string;
  /** The address that a machine begins with. */
  address(machine: number): string;
  /** Runs `ip` on a machine. */
  ip(machine: number, ...args: readonly string[]): void;
  /** Pulls the cable of a machine, and puts it back. */
  unplug(machine: number): void;
  plugIn(machine: number): void;
  /** Takes a machine's interface away, and gives it one with any name and address. */
  removeInterface(machine: number, name?: string): void;
  addInterface(machine: number, name: string, address: string): void;
  /** Puts the machines on a bridge of their own: they see each other and nobody else, and no interface tells of it. */
  cut(machines: readonly number[]): void;
  /** Puts everybody on one bridge again. */
  heal(): void;
  /** Bytes that went out of a machine's interface and came into it since it was made. */
  traffic(machine: number): { readonly sent: number; readonly received: number };
  remove(): void;
}

/** Makes machines 1 to `size`, each with `eth0` and the address 10.77.0.<number>. Call `remove` in the end. */
function createLab(size: number): Lab {
  const own = `${PREFIX}${process.pid.toString(36)}-${(labs += 1)}`;
  const bridges = [`${own}-b0`, `${own}-b1`] as const;
  const namespace = (machine: number): string => `${own}-${machine}`;
  const port = (machine: number): string => `${own}-p${machine}`;
  const address = (machine: number): string => `10.77.0.${machine}`;
  const machines = Array.from({ length: size }, (_, index) => index + 1);
  const away = new Set<number>();
  const inside = (machine: number, ...args: readonly string[]): string => ip('-n', namespace(machine), ...args);

  function remove(): void {
    process.off('exit', remove);
    for (const machine of machines) {
      quietly('netns', 'del', namespace(machine));
      quietly('link', 'del', port(machine));
    }
    for (const bridge of bridges) quietly('link', 'del', bridge);
  }

  const bridgeOf = (machine: number): string => (away.has(machine) ? bridges[1] : bridges[0]);

  const lab: Lab = {
    namespace,
    address,
    ip: (machine, ...args) => void inside(machine, ...args),
    unplug: (machine) => void ip('link', 'set', port(machine), 'down'),
    plugIn: (machine) => void ip('link', 'set', port(machine), 'up'),
    removeInterface: (machine, name = 'eth0') => void inside(machine, 'link', 'del', name),
    addInterface(machine, name, cidr) {
      ip('link', 'add', port(machine), 'type', 'veth', 'peer', 'name', name, 'netns', namespace(machine));
      ip('link', 'set', port(machine), 'master', bridgeOf(machine), 'up');
      inside(machine, 'addr', 'add', cidr, 'dev', name, ...(cidr.includes(':') ? ['nodad'] : []));
      inside(machine, 'link', 'set', name, 'up');
    },
    cut(isolated) {
      for (const machine of isolated) {
        away.add(machine);
        ip('link', 'set', port(machine), 'master', bridgeOf(machine));
      }
    },
    heal() {
      for (const machine of away) ip('link', 'set', port(machine), 'master', bridges[0]);
      away.clear();
    },
    traffic(machine) {
      const [link] = JSON.parse(inside(machine, '-s', '-json', 'link', 'show', 'dev', 'eth0')) as [
        { readonly stats64: { readonly rx: { readonly bytes: number }; readonly tx: { readonly bytes: number } } },
      ];
      return { sent: link.stats64.tx.bytes, received: link.stats64.rx.bytes };
    },
    remove,
  };

  process.on('exit', remove);
  for (const bridge of bridges) {
    ip('link', 'add', bridge, 'type', 'bridge', 'mcast_snooping', '0');
    ip('link', 'set', bridge, 'up');
  }
  for (const machine of machines) {
    ip('netns', 'add', namespace(machine));
    inside(machine, 'link', 'set', 'lo', 'up');
    lab.addInterface(machine, 'eth0', `${address(machine)}/24`);
  }
  return lab;
}

/** A lab for a `describe`, made before its tests and removed after them. Call it before anything that runs on it. */
export function useLab(size: number): () => Lab {
  let lab: Lab | undefined;
  beforeAll(() => {
    lab = createLab(size);
  });
  afterAll(() => lab?.remove());
  return () => {
    if (lab === undefined) throw new Error('the lab is made when the tests begin');
    return lab;
  };
}
