/**
 * `npm run simulate`: the simulation of test/simulate in Electron's Node, which runs TypeScript as it is.
 */
import { join } from 'node:path';
import { handOver } from './processes.mjs';
import { nodeEnvironment } from './runtime.mjs';

/**
 * @param {string} root
 * @param {import('./runtime.mjs').Runtime} runtime
 * @param {readonly string[]} args
 * @returns {Promise<number>} 1 when a promise broke, 2 for a command line that it does not know
 */
export function simulate(root, runtime, args) {
  const script = join(root, 'test', 'simulate', 'main.ts');
  return handOver(runtime.executable, [script, ...args], { cwd: root, env: nodeEnvironment(runtime) });
}
