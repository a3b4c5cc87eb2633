/** Runs of many seeds inside the test runner, and what they broke. */
import type { PlanOptions } from '../plan/draw.ts';
import { drawPlan } from '../plan/draw.ts';
import { isAboutAgreement } from '../check/agreement.ts';
import { simulate } from '../simulation.ts';

export interface SeedsOptions extends Omit<PlanOptions, 'seed'> {
  readonly from: number;
  readonly count: number;
}

export interface SeedsResult {
  /** One line for each broken promise of safety, with the seed that shows it. */
  readonly broken: readonly string[];
  /** One line for each run whose members did not agree again at its end, though nothing unsafe happened. */
  readonly apart: readonly string[];
  /** One line for each run at whose end an acknowledged message was not everywhere, or not in the same order. */
  readonly short: readonly string[];
  /** What all runs together exercised. */
  readonly counts: ReadonlyMap<string, number>;
}

export async function runSeeds(options: SeedsOptions): Promise<SeedsResult> {
  const broken: string[] = [];
  const apart: string[] = [];
  const short: string[] = [];
  const counts = new Map<string, number>();
  for (let seed = options.from; seed < options.from + options.count; seed += 1) {
    const outcome = await simulate(drawPlan({ ...options, seed }));
    for (const { invariant, detail } of outcome.violations) {
      const line = `seed ${seed}: ${invariant}: ${detail}`;
      if (!isAboutAgreement(invariant)) broken.push(line);
      else if (!apart.some((other) => other.startsWith(`seed ${seed}:`))) apart.push(line);
    }
    const [lacking] = outcome.shortfalls;
    if (lacking !== undefined) short.push(`seed ${seed}: ${lacking.invariant}: ${lacking.detail}`);
    for (const [name, times] of Object.entries(outcome.counts)) counts.set(name, (counts.get(name) ?? 0) + times);
  }
  return { broken, apart, short, counts };
}
