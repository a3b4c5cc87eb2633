/**
 * Waiting on the clock that was handed in: a signal that fires after a time, and a pause that a signal ends.
 * Knows nothing of what is waited for.
 */
import type { NetworkClock } from '../messenger/ports/network.ts';

/** A signal with its timer; `done()` must be called so that no timer outlives the work. */
export interface Deadline {
  readonly signal: AbortSignal;
  done(): void;
}

/** Starts a deadline of `ms`. */
export function startDeadline(clock: NetworkClock, ms: number, parent?: AbortSignal): Deadline {
  const controller = new AbortController();
  const timer = clock.setTimeout(() => controller.abort(new Error(`took longer than ${ms} ms`)), ms);
  const signal = parent === undefined ? controller.signal : AbortSignal.any([controller.signal, parent]);
  return { signal, done: () => clock.clearTimeout(timer) };
}

/** Resolves after `ms`, or as soon as the signal fires. */
export function pause(clock: NetworkClock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clock.clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = clock.setTimeout(end, signal.aborted ? 0 : ms);
    signal.addEventListener('abort', end, { once: true });
  });
}
