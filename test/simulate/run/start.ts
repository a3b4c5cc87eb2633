/** Starts a worker process, with a rule switched off if asked to. Knows nothing of what it is asked. */
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Rule } from '../mutation/rules.ts';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export function startWorker(args: readonly string[], without: Rule | undefined): ChildProcess {
  const { SIMULATE_WITHOUT: _outer, ...env } = process.env;
  return fork(here('./worker.ts'), args, {
    env: { ...env, ELECTRON_RUN_AS_NODE: '1', ...(without === undefined ? {} : { SIMULATE_WITHOUT: without }) },
    execArgv: without === undefined ? [] : ['--import', new URL('../mutation/hooks.ts', import.meta.url).href],
  });
}
