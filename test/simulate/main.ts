/**
 * `npm run simulate`: hands seeds to worker processes and tells what became of them. Exit code 1 when a promise broke.
 */
import type { ChildProcess } from 'node:child_process';
import { parseOptions, UsageError, type RunOptions } from './run/options.ts';
import { Report } from './run/report.ts';
import { startWorker } from './run/start.ts';
import type { WorkerAnswer, WorkerRequest } from './run/worker.ts';

/** Making one failure short may take this long. */
const SHRINK_MS = 60_000;
const PROGRESS_MS = 5_000;

const say = (text: string): void => void process.stdout.write(`${text}\n`);

async function run(options: RunOptions): Promise<number> {
  const report = new Report(options, performance.now());
  const end = options.firstSeed + options.seeds;
  let next = options.firstSeed;
  let shrunk = 0;
  let lastProgress = performance.now();

  const take = (answer: WorkerAnswer): void => {
    report.add(answer);
    if (answer.outcome.violations.length > 0) say(report.failure(answer));
    if (options.seeds === 1)
      for (const { invariant, detail } of answer.outcome.shortfalls) say(`  ${invariant}: ${detail}`);
    if (performance.now() - lastProgress < PROGRESS_MS) return;
    lastProgress = performance.now();
    say(report.progress(lastProgress));
  };

  const serve = (): Promise<boolean> =>
    new Promise((resolve) => {
      const child: ChildProcess = startWorker(process.argv.slice(2), options.without);
      let current: number | undefined;
      const feed = (): void => {
        if (next >= end) {
          current = undefined;
          child.disconnect();
          return;
        }
        current = next;
        next += 1;
        const request: WorkerRequest = { seed: current, shrinkMs: shrunk < options.shrink ? SHRINK_MS : 0 };
        child.send(request);
      };
      child.on('message', (answer: WorkerAnswer) => {
        if (answer.history !== undefined) shrunk += 1;
        take(answer);
        feed();
      });
      child.on('exit', () => {
        if (current !== undefined) say(`seed ${current}: its process ended`);
        resolve(current === undefined);
      });
      feed();
    });

  const jobs = Math.min(options.jobs, options.seeds);
  const ended = await Promise.all(Array.from({ length: jobs }, serve));
  say(report.summary(performance.now()));
  if (!ended.every(Boolean)) say('a process ended before its seed did: the run is not complete');
  return report.failed === 0 && ended.every(Boolean) ? 0 : 1;
}

try {
  process.exitCode = await run(parseOptions(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
