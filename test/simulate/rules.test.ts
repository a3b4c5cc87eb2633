/** A simulation that cannot fail proves nothing: without a rule, its seeds find what the rule prevents. */
import { afterEach, describe, expect, it } from 'vitest';
import type { ChildProcess } from 'node:child_process';
import { applyCuts } from './mutation/hooks.ts';
import { rules, type Rule } from './mutation/rules.ts';
import { startWorker } from './run/start.ts';
import type { WorkerAnswer } from './run/worker.ts';

const MOST_SEEDS = 60;
const workers: ChildProcess[] = [];
afterEach(() => {
  for (const worker of workers.splice(0)) worker.kill('SIGKILL');
});

/** The seeds until one breaks the promise; undefined when none does. */
async function firstSeedThatBreaks(rule: Rule | undefined, invariant: string): Promise<number | undefined> {
  const worker = startWorker(['--members', '4-8', '--minutes', '1', '--real-mls', 'none'], rule);
  workers.push(worker);
  const run = (seed: number): Promise<WorkerAnswer> =>
    new Promise((resolve, reject) => {
      worker.once('message', (answer: WorkerAnswer) => resolve(answer));
      worker.once('exit', (code) => reject(new Error(`the worker ended with ${code ?? 'a signal'}`)));
      worker.send({ seed, shrinkMs: 0 });
    });
  for (let seed = 1; seed <= MOST_SEEDS; seed += 1) {
    const { outcome } = await run(seed);
    if (outcome.violations.some((each) => each.invariant === invariant)) return seed;
  }
  return undefined;
}

describe('a rule that nobody keeps any more', () => {
  it.each<[Rule, string]>([
    ['H-1', 'no member in or out without a decision'],
    ['H-2', 'silence counts when the window is over'],
    ['H-3', 'no conversation stuck'],
    ['H-7', 'no honest member is blamed for a lie'],
    ['H-26', 'no member in or out without a decision'],
  ])('%s is missed: "%s" breaks', { timeout: 120_000 }, async (rule, invariant) => {
    expect(await firstSeedThatBreaks(rule, invariant), rules[rule].loses).toBeDefined();
  });

  it('must stand where it is cut', () => {
    const cut = { file: 'a.ts', from: 'rule();', to: '' };
    expect(applyCuts('before rule(); after', [cut])).toBe('before  after');
    expect(() => applyCuts('no such thing', [cut])).toThrow('found 0 times');
    expect(() => applyCuts('rule(); rule();', [cut])).toThrow('found 2 times');
  });
});
