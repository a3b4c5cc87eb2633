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

interface Search {
  readonly invariant: string;
  /** How the groups are drawn: where the rule matters often. */
  readonly where: string;
}

/** The seeds until one breaks the promise; undefined when none does. */
async function firstSeedThatBreaks(rule: Rule, { invariant, where }: Search): Promise<number | undefined> {
  const worker = startWorker(`--real-mls none ${where}`.split(' '), rule);
  workers.push(worker);
  const ended = new Promise<never>((_, reject) => {
    worker.once('exit', (code) => reject(new Error(`the worker ended with ${code ?? 'a signal'}`)));
  });
  const run = (seed: number): Promise<WorkerAnswer> => {
    const answer = new Promise<WorkerAnswer>((resolve) => {
      worker.once('message', (message: WorkerAnswer) => resolve(message));
    });
    worker.send({ seed, shrinkMs: 0 });
    return Promise.race([answer, ended]);
  };
  for (let seed = 1; seed <= MOST_SEEDS; seed += 1) {
    const { outcome } = await run(seed);
    if (outcome.violations.some((each) => each.invariant === invariant)) return seed;
  }
  return undefined;
}

describe('a rule that nobody keeps any more', () => {
  it.each<[Rule, string, string]>([
    [
      'H-1',
      'no member in or out without a decision',
      '--members 4-6 --minutes 1 --attacks voteAsOthers,inventVoters,wrongElectorate',
    ],
    ['H-2', 'silence counts when the window is over', '--members 4-6 --minutes 1'],
    ['H-3', 'no conversation stuck', '--members 4-6 --minutes 1'],
    ['H-7', 'no honest member is blamed for a lie', '--members 4-6 --minutes 1 --attacks forgedSteward'],
    ['H-7', 'one candidate of each committer', '--members 4-8 --minutes 1 --attacks twoCandidates'],
    ['H-9', 'no honest member is blamed for a lie', '--members 4-6 --minutes 1 --attacks bogusEmergency'],
    ['H-13', 'the stewards are those that everybody computes', '--members 4-6 --minutes 1 --attacks bogusElection'],
    [
      'H-26',
      'no member in or out without a decision',
      '--members 4-8 --minutes 1 --attacks unapprovedCommit,unapprovedJoin',
    ],
    ['H-27', 'no secret kept past its window', '--members 4-6 --minutes 1'],
    ['H-31', 'no secret kept past its window', '--members 4-6 --minutes 4 --calm'],
  ])('%s is missed: "%s" breaks with %s', { timeout: 120_000 }, async (rule, invariant, where) => {
    expect(await firstSeedThatBreaks(rule, { invariant, where }), rules[rule].loses).toBeDefined();
  });

  it('must stand where it is cut', () => {
    const cut = { file: 'a.ts', from: 'rule();', to: '' };
    expect(applyCuts('before rule(); after', [cut])).toBe('before  after');
    expect(() => applyCuts('no such thing', [cut])).toThrow('found 0 times');
    expect(() => applyCuts('rule(); rule();', [cut])).toThrow('found 2 times');
  });
});
