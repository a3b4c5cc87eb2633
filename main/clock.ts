/**
 * The only door to time, timers and randomness outside tests: everything else is handed a Clock, so that a simulation
 * replays. Knows nothing of what is timed.
 */
import { randomFillSync } from 'node:crypto';

/** A timer that was set; only the clock that made it can look inside. */
type Timer = object;

export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Calls back once, not before `delayMs` is over. Any finite or infinite delay is kept; a negative one is 0. */
  setTimeout(callback: () => void, delayMs: number): Timer;
  /** A timer that fired or was cleared already: nothing happens. */
  clearTimeout(timer: Timer): void;
  /** Fresh unpredictable bytes; never the same buffer twice. */
  random(length: number): Uint8Array;
  /** Asked in the middle of long work: what to wait for when the event loop should turn first. Absent: it need never. */
  breathe?(): Promise<void> | undefined;
}

/** The longest delay that the runtime's timers keep; they fire at once for anything longer. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;

class SystemTimer {
  handle: NodeJS.Timeout | undefined;
}

function arm(timer: SystemTimer, callback: () => void, delayMs: number): void {
  const leg = Math.min(delayMs, LONGEST_DELAY_MS);
  timer.handle = setTimeout(() => {
    if (delayMs > leg) arm(timer, callback, delayMs - leg);
    else callback();
  }, leg);
}

/** How long work may hold the event loop before it lets it turn: half a frame of a screen. */
const LONGEST_HOLD_MS = 8;

let turnedAt = 0;
let nextTurn: Promise<void> | undefined;

/** All who ask within one turn wait for the same next one. */
function breathe(): Promise<void> | undefined {
  if (nextTurn !== undefined) return nextTurn;
  if (performance.now() - turnedAt < LONGEST_HOLD_MS) return undefined;
  nextTurn = new Promise((resolve) => {
    setImmediate(() => {
      turnedAt = performance.now();
      nextTurn = undefined;
      resolve();
    });
  });
  return nextTurn;
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout(callback, delayMs) {
    if (Number.isNaN(delayMs)) throw new RangeError('a delay must be a number of milliseconds');
    const timer = new SystemTimer();
    // Rounded up: the runtime cuts fractions off, which would call back early.
    arm(timer, callback, Math.ceil(Math.max(0, delayMs)));
    return timer;
  },
  clearTimeout(timer) {
    if (timer instanceof SystemTimer) clearTimeout(timer.handle);
  },
  random: (length) => randomFillSync(new Uint8Array(length)),
  breathe,
};
