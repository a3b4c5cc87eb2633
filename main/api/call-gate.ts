/** Counts the calls that a transport has in flight, so that there is a most, and so that an end can wait for them. */
import { MAX_CALLS_IN_FLIGHT } from '../../shared/limits.ts';

export interface CallGate {
  /** Whether `count` more calls fit. */
  hasRoom(count: number): boolean;
  /** Runs a call and counts it until it settled. */
  run<T>(call: () => Promise<T>): Promise<T>;
  /** Resolves as soon as `count` more calls fit; a count over the limit waits until nothing else runs. */
  whenRoom(count: number): Promise<void>;
  /** Resolves when no call is in flight. */
  whenIdle(): Promise<void>;
}

export function createCallGate(limit: number = MAX_CALLS_IN_FLIGHT): CallGate {
  let inFlight = 0;
  let wake = new Set<() => void>();

  const left = (): void => {
    inFlight -= 1;
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
    async run(call) {
      inFlight += 1;
      try {
        return await call();
      } finally {
        left();
      }
    },
    whenRoom: (count) => until(() => hasRoom(count)),
    whenIdle: () => until(() => inFlight === 0),
  };
}
