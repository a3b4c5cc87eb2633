/**
 * The one command behind every npm script. Uses Node's built-ins alone, so that it works before anything is installed.
 */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startApp, startHeadless } from './steps/app.mjs';
import { parseArguments } from './steps/arguments.mjs';
import { ensureBundled } from './steps/bundle.mjs';
import { check } from './steps/check.mjs';
import { packageApp } from './steps/dist.mjs';
import { ensureInstalled } from './steps/install.mjs';
import { lockPath, withLock } from './steps/lock.mjs';
import { handOver } from './steps/processes.mjs';
import { runtimeFor } from './steps/runtime.mjs';
import { simulate } from './steps/simulate.mjs';
import { killsOf, soak } from './steps/soak.mjs';
import { ensureSystemPackages } from './steps/system.mjs';
import { CommandError, say, secondsSince } from './steps/terminal.mjs';
import { runAllTests, runVitest } from './steps/tests.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** @typedef {import('./steps/runtime.mjs').Runtime} Runtime */

/**
 * Installs, finds the runtime and, where asked, bundles the app; one process at a time.
 * @param {{ bundle: boolean }} options
 * @returns {Promise<Runtime>}
 */
function setUp({ bundle }) {
  return withLock(lockPath(root), async () => {
    await ensureInstalled(root);
    const runtime = await runtimeFor(root);
    if (bundle) await ensureBundled(root, runtime);
    return runtime;
  });
}

/**
 * A program of the installed packages, in the host's Node.
 * @param {string} script below node_modules
 * @param {readonly string[]} args
 */
function runTool(script, args) {
  return handOver(process.execPath, [join(root, 'node_modules', script), ...args], { cwd: root });
}

/**
 * Everything, or the chosen files only. Tells at the end where the time went.
 * @param {readonly string[]} selection
 */
async function test(selection) {
  /** @type {string[]} */
  const times = [];
  /**
   * @template T
   * @param {string} name
   * @param {() => Promise<T>} work
   */
  const timed = async (name, work) => {
    const startedAt = performance.now();
    try {
      return await work();
    } finally {
      times.push(`${name} ${secondsSince(startedAt)} s`);
    }
  };
  try {
    const runtime = await timed('set-up', async () => {
      await ensureSystemPackages();
      return setUp({ bundle: false });
    });
    if (selection.length === 0) await timed('check', () => check(root, runtime, { rules: false }));
    await timed('build', () => setUp({ bundle: true }));
    return await timed('tests', () =>
      selection.length === 0
        ? runAllTests(root, runtime)
        : runVitest(root, runtime, selection.includes('--project') ? selection : ['--project', '!bench', ...selection]),
    );
  } finally {
    say(`times: ${times.join(', ')}`);
  }
}

/** @type {Record<import('./steps/arguments.mjs').Command, (rest: string[]) => Promise<number>>} */
const commands = {
  start: async (rest) => startApp(root, await setUp({ bundle: true }), rest),
  headless: async (rest) => startHeadless(root, await setUp({ bundle: true }), rest),
  test,
  check: async () => {
    await check(root, await setUp({ bundle: false }), { rules: true });
    return 0;
  },
  bench: async (rest) => {
    await ensureSystemPackages();
    return runVitest(root, await setUp({ bundle: true }), ['--project', 'bench', ...rest]);
  },
  conformance: async () => {
    await ensureInstalled(root);
    // Reads sources with the compiler, which is there only now.
    const { conformance } = await import('./steps/conformance.mjs');
    return conformance(root);
  },
  simulate: async (rest) => simulate(root, await setUp({ bundle: false }), rest),
  soak: async (rest) => {
    const kills = killsOf(rest);
    await ensureSystemPackages();
    return soak(root, await setUp({ bundle: true }), kills);
  },
  generate: async () => {
    await ensureInstalled(root);
    const wire = 'main/protocol/wire';
    return runTool('@bufbuild/buf/bin/buf', ['generate', wire, '--template', `${wire}/buf.gen.yaml`]);
  },
  format: async (rest) => {
    await ensureInstalled(root);
    return runTool('prettier/bin/prettier.cjs', [
      '--write',
      '--log-level',
      'warn',
      ...(rest.length > 0 ? rest : ['.']),
    ]);
  },
  dist: async (rest) => packageApp(root, await setUp({ bundle: true }), rest),
};

try {
  const { command, rest } = parseArguments(process.argv.slice(2));
  process.exitCode = await commands[command](rest);
} catch (error) {
  if (!(error instanceof CommandError)) throw error;
  say(error.message);
  process.exitCode = error.exitCode;
}
