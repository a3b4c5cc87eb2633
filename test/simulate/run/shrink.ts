/**
 * Makes a failing plan short: leaves out acts and faults in ever smaller pieces for as long as the same promise breaks (delta
 * debugging). Knows nothing of what the events do.
 */
import type { Event, Plan } from '../plan/plan.ts';

export interface Shrunk {
  readonly plan: Plan;
  readonly attempts: number;
}

export interface ShrinkOptions {
  /** Whether the plan still breaks the promise in question. */
  readonly fails: (plan: Plan) => Promise<boolean>;
  /** False: no more attempts. */
  readonly goOn: () => boolean;
}

export async function shrink(plan: Plan, { fails, goOn }: ShrinkOptions): Promise<Shrunk> {
  let { events } = plan;
  let attempts = 0;
  let pieces = 2;
  while (events.length > 1 && goOn()) {
    const size = Math.ceil(events.length / pieces);
    let reduced: readonly Event[] | undefined;
    for (let from = 0; from < events.length && goOn(); from += size) {
      const rest = [...events.slice(0, from), ...events.slice(from + size)];
      attempts += 1;
      if (!(await fails({ ...plan, events: rest }))) continue;
      reduced = rest;
      break;
    }
    if (reduced !== undefined) {
      events = reduced;
      pieces = Math.max(2, pieces - 1);
    } else if (size === 1) break;
    else pieces = Math.min(events.length, pieces * 2);
  }
  return { plan: { ...plan, events }, attempts };
}
