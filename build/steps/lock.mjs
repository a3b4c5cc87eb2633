/**
 * One set-up at a time per tree: two first starts at once must not install, download or bundle over each other.
 * A lock whose holder is gone is taken over.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { CommandError, say } from './terminal.mjs';

/** Longer than any install over a slow line; after that something is wrong and a person should look. */
const PATIENCE_MS = 20 * 60_000;

/**
 * Where the lock of a tree lives: outside the tree, because `npm ci` empties node_modules.
 * @param {string} root
 */
export function lockPath(root) {
  const name = createHash('sha256').update(root).digest('hex').slice(0, 16);
  const folder = join(tmpdir(), `conclave-build-${String(userInfo().uid)}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return join(folder, `${name}.lock`);
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}

/**
 * @param {string} path
 * @returns {number | undefined} the holder's process id, undefined where it cannot be read (just released or half written)
 */
function holderOf(path) {
  try {
    const pid = Number.parseInt(readFileSync(path, 'utf8'), 10);
    return Number.isNaN(pid) ? undefined : pid;
  } catch {
    return undefined;
  }
}

/** @param {string} path */
function tryTake(path) {
  try {
    writeFileSync(path, `${String(process.pid)}\n`, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Runs `work` while holding the lock.
 * @template T
 * @param {string} path
 * @param {() => Promise<T>} work
 * @param {{ patienceMs?: number, pollMs?: number }} [options]
 * @returns {Promise<T>}
 */
export async function withLock(path, work, { patienceMs = PATIENCE_MS, pollMs = 200 } = {}) {
  const giveUpAt = performance.now() + patienceMs;
  let told = false;
  while (!tryTake(path)) {
    const holder = holderOf(path);
    if (holder !== undefined && !isAlive(holder)) {
      takeAway(path, holder);
      continue;
    }
    if (performance.now() > giveUpAt) {
      throw new CommandError(
        `Another set-up (process ${String(holder)}) holds ${path} for too long; end it or remove that file.`,
      );
    }
    if (!told && holder !== undefined) say(`waiting for another set-up (process ${String(holder)})`);
    told ||= holder !== undefined;
    await wait(pollMs);
  }
  const release = () => {
    if (holderOf(path) === process.pid) rmSync(path, { force: true });
  };
  process.once('exit', release);
  try {
    return await work();
  } finally {
    release();
    process.off('exit', release);
  }
}

/**
 * Removes a dead holder's lock. It is moved aside first and looked at again, so that of two who see the same dead
 * holder the slower one does not remove the lock that the faster one has just taken.
 * @param {string} path
 * @param {number} holder
 */
function takeAway(path, holder) {
  const aside = `${path}.${randomUUID()}`;
  try {
    renameSync(path, aside);
  } catch {
    return; // Somebody else took it away.
  }
  if (holderOf(aside) === holder) {
    rmSync(aside, { force: true });
    return;
  }
  try {
    renameSync(aside, path);
  } catch {
    rmSync(aside, { force: true });
  }
}
