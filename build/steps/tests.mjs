/**
 * `npm test` and `npm run bench`: vitest in Electron's Node, inside a desktop session of its own.
 */
import { join } from 'node:path';
import { withDesktopSession } from '../session.mjs';
import { handOver } from './processes.mjs';
import { nodeEnvironment } from './runtime.mjs';

/**
 * @param {string} root
 * @param {import('./runtime.mjs').Runtime} runtime
 * @param {readonly string[]} args for vitest: project selection, files, filters
 * @returns {Promise<number>} vitest's exit code
 */
export function runVitest(root, runtime, args) {
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  return withDesktopSession(
    (env) => handOver(runtime.executable, [vitest, 'run', ...args], { cwd: root, env }),
    nodeEnvironment(runtime),
  );
}
