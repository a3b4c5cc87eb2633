/**
 * One process that runs seeds: gets a seed from its parent, answers with the outcome, and with the shortest plan that still fails
 * when it is asked to. Ends with its parent.
 */
import { drawPlan } from '../plan/draw.ts';
import { describe, type Plan } from '../plan/plan.ts';
import { simulate, type Outcome } from '../simulation.ts';
import { parseOptions } from './options.ts';
import { shrink } from './shrink.ts';

export interface WorkerRequest {
  readonly seed: number;
  /** How long shrinking a failure may take, in ms; 0: not at all. */
  readonly shrinkMs: number;
}

export interface WorkerAnswer {
  readonly seed: number;
  readonly outcome: Outcome;
  readonly people: number;
  readonly realMls: boolean;
  readonly tookMs: number;
  /** The shrunk history of a failure, for people. */
  readonly history?: readonly string[];
}

const options = parseOptions(process.argv.slice(2));
const rejections: string[] = [];
process.on('unhandledRejection', (reason) => {
  rejections.push(reason instanceof Error ? (reason.stack ?? reason.message) : String(reason));
});

/** A run, with what nobody caught as one more broken promise. */
async function run(plan: Plan): Promise<Outcome> {
  rejections.length = 0;
  const listener = options.trace ? (line: string): void => void process.stdout.write(`${line}\n`) : undefined;
  const outcome = await simulate(plan, listener);
  const uncaught = rejections.map((detail) => ({ invariant: 'no unhandled error', detail }));
  return { ...outcome, violations: [...outcome.violations, ...uncaught] };
}

async function answer({ seed, shrinkMs }: WorkerRequest): Promise<WorkerAnswer> {
  const plan = drawPlan({ ...options, seed });
  const startedAt = performance.now();
  const outcome = await run(plan);
  const tookMs = performance.now() - startedAt;
  const broken = outcome.violations[0]?.invariant;
  const base = { seed, outcome, people: plan.people, realMls: plan.realMls, tookMs };
  if (broken === undefined || shrinkMs === 0) return base;
  const giveUpAt = performance.now() + shrinkMs;
  const shrunk = await shrink(plan, {
    fails: async (shorter) => (await run(shorter)).violations.some(({ invariant }) => invariant === broken),
    goOn: () => performance.now() < giveUpAt,
  });
  const last = await run(shrunk.plan);
  return {
    ...base,
    history: [
      `${shrunk.plan.people} people, hostile: ${shrunk.plan.hostile.join(', ') || 'none'}; ${plan.events.length} events made ${shrunk.plan.events.length} in ${shrunk.attempts} attempts`,
      `rules: ${JSON.stringify(shrunk.plan.rules)}`,
      ...shrunk.plan.events.map(describe),
      ...last.violations.slice(0, 3).map(({ invariant, detail }) => `=> ${invariant}: ${detail}`),
    ],
  };
}

process.on('message', (request: WorkerRequest) => {
  answer(request).then(
    (result) => process.send?.(result),
    (error: unknown) => {
      process.stderr.write(
        `seed ${request.seed}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
      );
      process.exit(1);
    },
  );
});
process.on('disconnect', () => process.exit(0));
