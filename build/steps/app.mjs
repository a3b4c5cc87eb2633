/**
 * Starting what was built: the windowed app and the headless node.
 */
import { join } from 'node:path';
import { withDisplay } from '../session.mjs';
import { handOver, which } from './processes.mjs';
import { nodeEnvironment, runtimeEnvironment } from './runtime.mjs';
import { explainMissingLibraries } from './system.mjs';
import { CommandError, say } from './terminal.mjs';

/** What a shell and the loader report when a program or one of its libraries is not there. */
const NOT_FOUND = 127;

/**
 * Whether a window can be shown, and how.
 * @param {NodeJS.Platform} platform
 * @param {NodeJS.ProcessEnv} env
 * @param {boolean} hasVirtualDisplay whether Xvfb is installed
 * @returns {'desktop' | 'virtual' | 'none'}
 */
export function displayFor(platform, env, hasVirtualDisplay) {
  if (platform !== 'linux') return 'desktop';
  if ((env['DISPLAY'] ?? '') !== '' || (env['WAYLAND_DISPLAY'] ?? '') !== '') return 'desktop';
  return hasVirtualDisplay ? 'virtual' : 'none';
}

/**
 * @param {number} code
 * @param {import('./runtime.mjs').Runtime} runtime
 */
async function explain(code, runtime) {
  if (code !== NOT_FOUND) return;
  const why = await explainMissingLibraries(runtime.executable);
  if (why !== undefined) say(why);
}

/**
 * Shows the app and waits until it is closed.
 * @param {string} root
 * @param {import('./runtime.mjs').Runtime} runtime
 * @param {readonly string[]} rest passed to the app
 * @returns {Promise<number>} its exit code
 */
export async function startApp(root, runtime, rest) {
  const isRoot = process.getuid?.() === 0;
  if (isRoot) say("running as root: Chromium's sandbox is switched off (--no-sandbox)");
  const args = [...(isRoot ? ['--no-sandbox'] : []), root, ...rest];
  const { ELECTRON_RUN_AS_NODE: _asNode, ...env } = runtimeEnvironment(runtime);
  /** @param {NodeJS.ProcessEnv} displayEnv */
  const show = (displayEnv) => handOver(runtime.executable, args, { cwd: root, env: displayEnv });

  const display = displayFor(process.platform, env, which('Xvfb') !== undefined);
  if (display === 'none') {
    throw new CommandError(
      'There is no display: install xvfb (as root: apt-get install xvfb) or use `npm run headless`.',
      2,
    );
  }
  if (display === 'virtual') say('there is no display: running under a virtual one (Xvfb), nothing will be visible');
  const code = await (display === 'virtual' ? withDisplay(show, env) : show(env));
  await explain(code, runtime);
  return code;
}

/**
 * Runs the node without a window. Standard output is the node's alone.
 * @param {string} root
 * @param {import('./runtime.mjs').Runtime} runtime
 * @param {readonly string[]} rest
 * @returns {Promise<number>} its exit code
 */
export async function startHeadless(root, runtime, rest) {
  const script = join(root, 'out', 'main', 'headless.js');
  const code = await handOver(runtime.executable, [script, ...rest], { env: nodeEnvironment(runtime) });
  await explain(code, runtime);
  return code;
}
