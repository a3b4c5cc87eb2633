/**
 * An AbortSignal that fires after a time of the clock that was handed in, or when a parent signal does.
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
