/**
 * A private desktop for one piece of work on Linux: a virtual display, and for tests also a message bus, an unlocked
 * keyring and an empty home. Each helper process is ours and is ended by its process id.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { background, collect } from './steps/processes.mjs';
import { CommandError } from './steps/terminal.mjs';

/** A helper that is not ready by then never will be. */
const READY_MS = 15_000;
const SCREEN = '1440x1000x24';

/** @typedef {{ stop: () => Promise<void> }} Stoppable */

/**
 * The first line that a helper writes to one of its descriptors.
 * @param {ReturnType<typeof background>} helper
 * @param {number} descriptor
 * @param {string} name
 * @returns {Promise<string>}
 */
function firstLine(helper, descriptor, name) {
  return new Promise((resolve, reject) => {
    const stream = /** @type {import('node:stream').Readable | null | undefined} */ (helper.child.stdio[descriptor]);
    let text = '';
    const deadline = setTimeout(() => {
      reject(new CommandError(`${name} was not ready within ${String(READY_MS / 1000)} s.`));
    }, READY_MS);
    stream?.setEncoding('utf8').on('data', (/** @type {string} */ chunk) => {
      text += chunk;
      const end = text.indexOf('\n');
      if (end < 0) return;
      clearTimeout(deadline);
      resolve(text.slice(0, end).trim());
    });
    void helper.gone.then(() => {
      clearTimeout(deadline);
      reject(new CommandError(`${name} ended before it was ready.`));
    });
  });
}

/**
 * An Xauthority file with one cookie that fits every display name: only who can read it may open the display.
 * @param {Uint8Array} cookie
 */
export function authorityFile(cookie) {
  const name = Buffer.from('MIT-MAGIC-COOKIE-1');
  const head = Buffer.alloc(8);
  head.writeUInt16BE(0xffff, 0); // FamilyWild: any host; then an empty address and an empty display number.
  head.writeUInt16BE(name.length, 6);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(cookie.length);
  return Buffer.concat([head, name, length, cookie]);
}

/**
 * Starts a virtual display.
 * @param {string} folder private, for the cookie
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<{ env: NodeJS.ProcessEnv } & Stoppable>}
 */
async function startDisplay(folder, env) {
  const authority = join(folder, 'Xauthority');
  await writeFile(authority, authorityFile(randomBytes(16)), { mode: 0o600 });
  const args = ['-displayfd', '3', '-screen', '0', SCREEN, '-nolisten', 'tcp', '-auth', authority];
  const server = background('Xvfb', args, { env, pipes: 3 });
  // Its complaints are not ours to show, but a full pipe would stop it.
  for (const stream of [server.child.stdout, server.child.stderr]) stream?.resume();
  const number = await firstLine(server, 3, 'Xvfb').catch(async (/** @type {unknown} */ error) => {
    await server.stop();
    throw error;
  });
  const { WAYLAND_DISPLAY: _wayland, ...rest } = env;
  return { env: { ...rest, DISPLAY: `:${number}`, XAUTHORITY: authority }, stop: server.stop };
}

/**
 * Starts a message bus.
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<{ env: NodeJS.ProcessEnv } & Stoppable>}
 */
async function startBus(env) {
  const bus = background('dbus-daemon', ['--session', '--nofork', '--nopidfile', '--print-address=1'], {
    env,
    pipes: 1,
  });
  const address = await firstLine(bus, 1, 'dbus-daemon').catch(async (/** @type {unknown} */ error) => {
    await bus.stop();
    throw error;
  });
  return { env: { ...env, DBUS_SESSION_BUS_ADDRESS: address }, stop: bus.stop };
}

/**
 * Starts a keyring that is unlocked with a throw-away password.
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Stoppable>}
 */
async function startKeyring(env) {
  const args = ['--foreground', '--unlock', '--components=secrets'];
  const keyring = background('gnome-keyring-daemon', args, { env, input: 'test' });
  const question = [
    '--session',
    '--print-reply',
    '--dest=org.freedesktop.DBus',
    '/org/freedesktop/DBus',
    'org.freedesktop.DBus.NameHasOwner',
    'string:org.freedesktop.secrets',
  ];
  const giveUpAt = performance.now() + READY_MS;
  for (;;) {
    const answer = await collect('dbus-send', question, { env });
    if (answer.stdout.includes('boolean true')) return { stop: keyring.stop };
    if (performance.now() > giveUpAt || keyring.child.exitCode !== null) {
      await keyring.stop();
      throw new CommandError('gnome-keyring-daemon was not ready in time.');
    }
    await wait(50);
  }
}

/**
 * @template T
 * @param {(env: NodeJS.ProcessEnv) => Promise<T>} work
 * @param {(folder: string, started: Stoppable[]) => Promise<NodeJS.ProcessEnv>} prepare adds what it starts to `started`
 * @returns {Promise<T>}
 */
async function withHelpers(work, prepare) {
  const folder = await mkdtemp(join(tmpdir(), 'conclave-session-'));
  /** @type {Stoppable[]} */
  const started = [];
  try {
    return await work(await prepare(folder, started));
  } finally {
    for (const helper of started.reverse()) await helper.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

/**
 * Runs `work` with a virtual display added to its environment.
 * @template T
 * @param {(env: NodeJS.ProcessEnv) => Promise<T>} work
 * @param {NodeJS.ProcessEnv} [env]
 */
export function withDisplay(work, env = process.env) {
  return withHelpers(work, async (folder, started) => {
    const display = await startDisplay(folder, env);
    started.push(display);
    return display.env;
  });
}

/**
 * Runs `work` in a desktop session of its own: display, message bus, unlocked keyring, empty home. Elsewhere than on
 * Linux the session that is there is used.
 * @template T
 * @param {(env: NodeJS.ProcessEnv) => Promise<T>} work
 * @param {NodeJS.ProcessEnv} [env]
 */
export function withDesktopSession(work, env = process.env) {
  if (process.platform !== 'linux') return work(env);
  return withHelpers(work, async (folder, started) => {
    const home = join(folder, 'home');
    const runtimeFolder = join(folder, 'run');
    await mkdir(home, { mode: 0o700 });
    await mkdir(runtimeFolder, { mode: 0o700 });
    const {
      XDG_CONFIG_HOME: _config,
      XDG_DATA_HOME: _data,
      XDG_CACHE_HOME: _cache,
      XDG_STATE_HOME: _state,
      ...rest
    } = env;
    const display = await startDisplay(folder, { ...rest, HOME: home, XDG_RUNTIME_DIR: runtimeFolder });
    started.push(display);
    const bus = await startBus(display.env);
    started.push(bus);
    started.push(await startKeyring(bus.env));
    return bus.env;
  });
}
