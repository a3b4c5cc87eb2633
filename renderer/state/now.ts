/**
 * The present, for texts that change with it. One timer for all of them, and none while nobody looks.
 */
import { useSyncExternalStore } from 'react';

/** Coarse texts need no finer clock; nothing blinks. */
const TICK_MS = 5_000;

let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  now = Date.now();
  timer ??= setInterval(() => {
    now = Date.now();
    for (const each of listeners) each();
  }, TICK_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** The present in ms, renewed every few seconds. */
export const useNow = (): number => useSyncExternalStore(subscribe, () => now);
