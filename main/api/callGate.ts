/** Counts the calls that a transport has in flight, so that there is a most, and so that an end can wait for them. */
import { MAX_CALLS_IN_FLIGHT } from '../../shared/limits.ts';

export interface CallGate {
  /** Whether `count` more calls fit. */
  hasRoom(count: number): boolean;
  /** Runs something that counts for `count` calls until it settled. */
  run<T>(count: number, work: () => Promise<T>): Promise<T>;
  /** Resolves as soon as `count` more calls fit; a count over the limit waits until nothing else runs. */
  whenRoom(count: number): Promise<void>;
  /** Resolves when no call is in flight. */
  whenIdle(): Promise<void>;
}

export function createCallGate(limit: number = MAX_CALLS_IN_FLIGHT): CallGate {
  let inFlight = 0;
  let wake = new Set<() => void>();

  const leave = (count: number): void => {
    inFlight -= count;
    const waiting = wake;
    wake = new Set();
    for (const resume of waiting) resume();
  };
  const hasRoom = (count: number): boolean => inFlight + Math.min(count, limit) <= limit;
  const until = async (condition: () => boolean): Promise<void> => {
    while (!condition()) await new Promise<void>((resolve) => wake.add(resolve));
  };

  return {
    hasRoom,
    async run(count, work) {
      inFlight += count;
      try {
        return await work();
      } finally {
        leave(count);
      }
    },
    whenRoom: (count) => until(() => hasRoom(count)),
    whenIdle: () => until(() => inFlight === 0),
  };
}
