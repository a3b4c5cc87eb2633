/**
 * The present, for texts that change with it. One timer for all of them, and none while nobody looks.
 */
import { useSyncExternalStore } from 'react';

/** Days and times of the clock change slowly. */
const MINUTE_MS = 60_000;
/** What is left of a vote is told in steps of ten seconds at the finest; nothing blinks. */
const FINE_MS = 5_000;

function createPresent(tickMs: number): () => number {
  let now = Date.now();
  let timer: ReturnType<typeof setInterval> | undefined;
  const listeners = new Set<() => void>();
  const subscribe = (listener: () => void): (() => void) => {
    listeners.add(listener);
    now = Date.now();
    timer ??= setInterval(() => {
      now = Date.now();
      for (const each of listeners) each();
    }, tickMs);
    return () => {
      listeners.delete(listener);
      if (listeners.size > 0) return;
      clearInterval(timer);
      timer = undefined;
    };
  };
  const usePresent = (): number => useSyncExternalStore(subscribe, () => now);
  return usePresent;
}

/** The present in ms, renewed every minute. */
export const useNow = createPresent(MINUTE_MS);
/** The present in ms, renewed every few seconds. */
export const useFineNow = createPresent(FINE_MS);
