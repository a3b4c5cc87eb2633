/**
 * Child processes: run to the end and collect, hand the terminal over, or keep one in the background until it is
 * ended by its own process id. Nothing here outlives this process.
 */
import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** How long a child may take to end itself before it is killed: enough to close an encrypted database. */
const GRACE_MS = 10_000;
/** How soon the end of the npm that started us is noticed. */
const ORPHAN_CHECK_MS = 500;

/**
 * @typedef {object} Finished
 * @property {number} code exit code; 128 + signal number where a signal ended it
 * @property {string} output stdout and stderr in order of arrival
 * @property {string} stdout
 */

/**
 * The full path of a program on PATH, or undefined.
 * @param {string} program
 * @param {NodeJS.ProcessEnv} [env]
 */
export function which(program, env = process.env) {
  for (const folder of (env['PATH'] ?? '').split(delimiter)) {
    if (folder === '') continue;
    const candidate = join(folder, program);
    try {
      accessSync(candidate, constants.X_OK);
      return candidate;
    } catch {
      // Not in this folder: look in the next one.
    }
  }
  return undefined;
}

/**
 * The command that also dies when this process is killed outright, where the system can do that.
 * @param {string} program
 * @param {readonly string[]} args
 * @returns {[string, string[]]}
 */
export function boundToUs(program, args) {
  const setpriv = process.platform === 'linux' ? which('setpriv') : undefined;
  if (setpriv === undefined) return [program, [...args]];
  return [setpriv, ['--pdeathsig', 'KILL', '--', program, ...args]];
}

/**
 * How npm is started on this system: through the npm that started us where there is one.
 * @param {readonly string[]} args
 * @returns {{ program: string, args: string[], shell: boolean }}
 */
export function npmCommand(args) {
  const script = process.env['npm_execpath'];
  if (script !== undefined && /npm-cli\.[cm]?js$/.test(script)) {
    return { program: process.execPath, args: [script, ...args], shell: false };
  }
  const windows = process.platform === 'win32';
  return { program: windows ? 'npm.cmd' : 'npm', args: [...args], shell: windows };
}

/**
 * @param {number | null} code
 * @param {NodeJS.Signals | null} signal
 */
function exitCodeOf(code, signal) {
  if (signal === null) return code ?? 1;
  const numbers = /** @type {Record<string, number>} */ ({ SIGHUP: 1, SIGINT: 2, SIGABRT: 6, SIGKILL: 9, SIGTERM: 15 });
  return 128 + (numbers[signal] ?? 0);
}

/**
 * Runs a program to its end and collects what it says.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, shell?: boolean, timeoutMs?: number, signal?: AbortSignal }} [options]
 * @returns {Promise<Finished>}
 */
export function collect(program, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      shell: options.shell ?? false,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(options.timeoutMs === undefined ? {} : { timeout: options.timeoutMs }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
      killSignal: 'SIGKILL',
    });
    let output = '';
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
      output += text;
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
      output += text;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      resolve({ code: exitCodeOf(code, signal), output, stdout });
    });
  });
}

/**
 * Hands the terminal to a program and waits for it. SIGINT, SIGTERM and SIGHUP are passed on; a second signal, or a
 * child that does not end within the grace time, is killed.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, shell?: boolean, stdout?: 'inherit' | 'stderr' }} [options]
 * @returns {Promise<number>} the exit code
 */
export function handOver(program, args, options = {}) {
  const [boundProgram, boundArgs] = options.shell === true ? [program, [...args]] : boundToUs(program, args);
  return new Promise((resolve, reject) => {
    const child = spawn(boundProgram, boundArgs, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      shell: options.shell ?? false,
      stdio: ['inherit', options.stdout === 'stderr' ? process.stderr : 'inherit', 'inherit'],
    });
    let asked = false;
    /** @type {NodeJS.Timeout | undefined} */
    let deadline;
    /** @param {NodeJS.Signals} signal */
    const pass = (signal) => {
      child.kill(asked ? 'SIGKILL' : signal);
      if (asked) return;
      asked = true;
      deadline = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
    };
    const signals = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);
    for (const signal of signals) process.on(signal, pass);
    // npm ends its shell on a signal, and the shell tells nobody: being orphaned is how we hear of it.
    const parent = process.ppid;
    const orphanWatch =
      process.env['npm_lifecycle_event'] === undefined
        ? undefined
        : setInterval(() => {
            if (process.ppid !== parent && !asked) pass('SIGTERM');
          }, ORPHAN_CHECK_MS);
    const finish = () => {
      clearInterval(orphanWatch);
      clearTimeout(deadline);
      for (const signal of signals) process.off(signal, pass);
    };
    child.on('error', (error) => {
      finish();
      reject(error);
    });
    child.on('close', (code, signal) => {
      finish();
      resolve(exitCodeOf(code, signal));
    });
  });
}

/**
 * Starts a helper that stays in the background. `stop` ends it by its process id and waits until it is gone.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, input?: string, pipes?: number }} [options] `pipes`: how many descriptors from 1 on are read
 */
export function background(program, args, options = {}) {
  const [boundProgram, boundArgs] = boundToUs(program, args);
  /** @type {('ignore' | 'pipe')[]} */
  const stdio = [options.input === undefined ? 'ignore' : 'pipe', 'ignore', 'ignore'];
  for (let descriptor = 1; descriptor <= (options.pipes ?? 0); descriptor += 1) stdio[descriptor] = 'pipe';
  // A group of its own: Ctrl-C is for the app, which must not lose its display while it ends.
  const child = spawn(boundProgram, boundArgs, { env: options.env ?? process.env, stdio, detached: true });
  /** @type {Promise<void>} */
  const gone = new Promise((resolve) => {
    child.once('error', () => {
      resolve();
    });
    child.once('exit', () => {
      resolve();
    });
  });
  if (options.input !== undefined) child.stdin?.end(options.input);
  return {
    child,
    gone,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      const deadline = setTimeout(() => child.kill('SIGKILL'), GRACE_MS / 5);
      await gone;
      clearTimeout(deadline);
    },
  };
}
