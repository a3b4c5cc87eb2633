/**
 * `npm test` and `npm run bench`: vitest in Electron's Node, inside a desktop session of its own.
 */
import { join } from 'node:path';
import { withDesktopSession } from '../session.mjs';
import { boundToUs, collect, handOver } from './processes.mjs';
import { nodeEnvironment } from './runtime.mjs';

/** What needs processor and nothing else; two files at once. */
const COMPUTING = ['node', 'renderer'];
/** Whole processes on loopback, which share nothing; two files at once. */
const PROCESSES = ['headless'];
/** Namespaces beside windows: either kind one file after the other, and mostly waiting. */
const ONE_BY_ONE = { told: 'screen', collected: 'network' };

/**
 * The chosen tests, or benchmarks.
 * @param {string} root
 * @param {import('./runtime.mjs').Runtime} runtime
 * @param {readonly string[]} args for vitest: project selection, files, filters
 * @returns {Promise<number>} vitest's exit code
 */
export function runVitest(root, runtime, args) {
  return withDesktopSession(
    (env) => handOver(runtime.executable, [vitestOf(root), 'run', ...args], { cwd: root, env }),
    nodeEnvironment(runtime),
  );
}

/**
 * Every test, those together that do not disturb each other. What fails does not keep the others from running.
 * @param {string} root
 * @param {import('./runtime.mjs').Runtime} runtime
 * @returns {Promise<number>} the exit code of the first run that failed, else 0
 */
export function runAllTests(root, runtime) {
  return withDesktopSession(async (env) => {
    /** @param {readonly string[]} projects */
    const args = (projects) => [vitestOf(root), 'run', ...projects.flatMap((project) => ['--project', project])];
    /** @param {readonly string[]} projects */
    const told = (projects) => handOver(runtime.executable, args(projects), { cwd: root, env });
    const codes = [await told(COMPUTING), await told(PROCESSES)];
    const [program, rest] = boundToUs(runtime.executable, args([ONE_BY_ONE.collected]));
    const [screen, network] = await Promise.all([told([ONE_BY_ONE.told]), collect(program, rest, { cwd: root, env })]);
    process.stdout.write(network.output);
    return [...codes, screen, network.code].find((code) => code !== 0) ?? 0;
  }, nodeEnvironment(runtime));
}

/** @param {string} root */
function vitestOf(root) {
  return join(root, 'node_modules', 'vitest', 'vitest.mjs');
}
