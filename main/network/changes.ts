/**
 * Notices that the ground under all connections moved: other addresses than a moment ago, or a sleep in between.
 * Compares what it is shown; knows no socket and no timer.
 */
import { SLEEP_GAP_MS } from '../../shared/limits.ts';
import type { InterfaceAddress } from './addresses.ts';

export interface InterfaceWatch {
  /** Whether these are other interfaces than at the last call; the first call never says so. */
  changed(interfaces: readonly InterfaceAddress[]): boolean;
}

/** Makes a watch that has seen nothing. An interface that was pulled and put back counts as another by its hardware address. */
export function createInterfaceWatch(): InterfaceWatch {
  let last: string | undefined;
  return {
    changed(interfaces) {
      const seen = interfaces
        .filter(({ usable }) => usable)
        .map(({ name, address, cidr, mac }) => [name, address, cidr ?? '', mac ?? ''].join(' '))
        .sort()
        .join('\n');
      const isOther = last !== undefined && last !== seen;
      last = seen;
      return isOther;
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
