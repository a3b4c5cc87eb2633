/**
 * Notices that the ground under all connections moved: other addresses than a moment ago, or a sleep in between.
 * Compares what it is shown; knows no socket and no timer.
 */
import { SLEEP_GAP_MS } from '../../shared/limits.ts';
import { isInSubnet } from './addresses.ts';
import type { InterfaceAddress } from './addresses.ts';

/** Whether a connection to a remote address certainly led over an address that is gone. */
export type IsStranded = (remoteIp: string) => boolean;

export interface InterfaceWatch {
  /** What is stranded, when these are other interfaces than at the last call; the first call sees no change. */
  changed(interfaces: readonly InterfaceAddress[]): IsStranded | undefined;
}

/** An interface that was pulled and put back, or made anew, is another: connections and memberships do not outlive it. */
const keyOf = ({ name, address, cidr, mac }: InterfaceAddress): string =>
  [name, address, cidr ?? '', mac ?? ''].join(' ');

/** Makes a watch that has seen nothing. */
export function createInterfaceWatch(): InterfaceWatch {
  let last: readonly InterfaceAddress[] | undefined;
  return {
    changed(interfaces) {
      const before = last;
      const usable = interfaces.filter((entry) => entry.usable);
      last = usable;
      if (before === undefined) return undefined;
      const now = new Set(usable.map(keyOf));
      if (before.length === now.size && before.every((entry) => now.has(keyOf(entry)))) return undefined;
      const addresses = new Set(usable.map(({ address }) => address));
      return (remoteIp) => {
        const ways = before.filter(({ cidr }) => cidr !== null && isInSubnet(remoteIp, cidr));
        return ways.length > 0 && ways.every(({ address }) => !addresses.has(address));
      };
    },
  };
}

export interface SleepWatch {
  /** To be called often; true when far more time passed since the last call than should have. */
  woke(now: number): boolean;
}

/**
 * Makes a watch that knows no time yet. Timers stand still while a machine sleeps or a process is stopped and the wall clock
 * does not; a clock that is set forward looks the same, and costs a few packets.
 */
export function createSleepWatch(): SleepWatch {
  let last: number | undefined;
  return {
    woke(now) {
      const slept = last !== undefined && now - last > SLEEP_GAP_MS;
      last = now;
      return slept;
    },
  };
}
