/** A clock whose time stands until a test moves it, and other small helpers for the messenger's unit tests. */
import type { Clock } from '../../../main/clock.ts';

interface Pending {
  readonly at: number;
  readonly callback: () => void;
}

export interface ManualClock extends Clock {
  /** Moves time and runs what falls due, in order. */
  advance(milliseconds: number): Promise<void>;
  /** Timers that are armed. */
  pending(): number;
}

/** Lets every promise that can settle now do so. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  await new Promise((resolve) => setImmediate(resolve));
}

export function manualClock(start = 1_750_000_000_000): ManualClock {
  let time = start;
  const timers = new Map<object, Pending>();
  return {
    now: () => time,
    setTimeout(callback, delayMs) {
      const timer = {};
      timers.set(timer, { at: time + delayMs, callback });
      return timer;
    },
    clearTimeout(timer) {
      timers.delete(timer);
    },
    random: (length) => new Uint8Array(length).fill(7),
    pending: () => timers.size,
    async advance(milliseconds) {
      const until = time + milliseconds;
      for (;;) {
        const due = [...timers].filter(([, timer]) => timer.at <= until).sort(([, a], [, b]) => a.at - b.at)[0];
        if (due === undefined) break;
        const [key, timer] = due;
        timers.delete(key);
        time = Math.max(time, timer.at);
        timer.callback();
        await settle();
      }
      time = until;
      await settle();
    },
  };
}
