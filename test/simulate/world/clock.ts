/**
 * The Clock of one process: time of its device, timers that end with it and sleep with it. Knows the world's time.
 */
import type { Clock } from '../../../main/clock.ts';
import type { Random } from '../../../main/protocol/random.ts';
import type { Appointment } from './agenda.ts';
import type { World } from './world.ts';

/** Whose clock it is. */
export interface ClockOwner {
  /** How far its clock is ahead of true time, in ms. */
  readonly skew: () => number;
  readonly isAlive: () => boolean;
  readonly isAsleep: () => boolean;
  readonly random: Random;
}

export interface ProcessClock extends Clock {
  /** Fires what fell due while the process slept. */
  wake(): void;
}

export function processClock(world: World, owner: ClockOwner): ProcessClock {
  const timers = new WeakMap<object, Appointment>();
  let overdue: { readonly appointment: Appointment; readonly callback: () => void }[] = [];
  return {
    now: () => world.now + owner.skew(),
    setTimeout(callback, delayMs) {
      const timer = {};
      if (delayMs === Infinity) return timer;
      const appointment = world.after(delayMs, () => {
        if (!owner.isAlive()) return;
        if (owner.isAsleep()) overdue.push({ appointment, callback });
        else callback();
      });
      timers.set(timer, appointment);
      return timer;
    },
    clearTimeout(timer) {
      const appointment = timers.get(timer);
      if (appointment !== undefined) appointment.cancelled = true;
    },
    random: (length) => owner.random(length),
    wake() {
      const due = overdue;
      overdue = [];
      for (const { appointment, callback } of due) {
        world.after(0, () => {
          if (owner.isAlive() && !appointment.cancelled) callback();
        });
      }
    },
  };
}
