/**
 * The packages of the lock file, installed when they are not there yet. Knows npm only through its command line.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readMarker } from './fingerprint.mjs';
import { collect, npmCommand } from './processes.mjs';
import { CommandError, say, secondsSince } from './terminal.mjs';

/** npm's own record of what it put into node_modules. */
const INSTALLED_RECORD = '.package-lock.json';
const MARKER = '.conclave-lock-hash';

/** @typedef {{ version?: string, integrity?: string, optional?: boolean, devOptional?: boolean,
 *   optionalDependencies?: Record<string, string> }} LockedPackage */

/** @param {string} root */
export function lockHash(root) {
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
}

/**
 * Whether npm's record of the installed packages holds what the lock file asks for. Packages for other systems are
 * optional and may be missing; nothing may have another version or hash.
 * @param {Record<string, LockedPackage>} wanted `packages` of package-lock.json
 * @param {Record<string, LockedPackage>} installed `packages` of node_modules/.package-lock.json
 */
export function isInstalled(wanted, installed) {
  return Object.entries(wanted).every(([path, want]) => {
    if (path === '') return true;
    const have = installed[path];
    if (have === undefined) return want.optional === true || want.devOptional === true;
    return have.version === want.version && have.integrity === want.integrity;
  });
}

/**
 * @param {string} path
 * @returns {Record<string, LockedPackage>}
 */
function packagesOf(path) {
  const parsed = /** @type {{ packages?: Record<string, LockedPackage> }} */ (JSON.parse(readFileSync(path, 'utf8')));
  return parsed.packages ?? {};
}

/**
 * What has to be done so that node_modules matches the lock file.
 * @param {string} root
 * @returns {'nothing' | 'record' | 'install'} `record`: the packages are right, only our marker is missing
 */
export function installStep(root) {
  if (readMarker(join(root, 'node_modules', MARKER)) === lockHash(root)) return 'nothing';
  const record = join(root, 'node_modules', INSTALLED_RECORD);
  if (!existsSync(record)) return 'install';
  return isInstalled(packagesOf(join(root, 'package-lock.json')), packagesOf(record)) ? 'record' : 'install';
}

/**
 * @param {string} root
 * @param {...string} args
 */
function runNpm(root, ...args) {
  const npm = npmCommand([...args, '--no-audit', '--no-fund', '--loglevel=error']);
  return collect(npm.program, npm.args, { cwd: root, shell: npm.shell });
}

/**
 * Brings node_modules in line with the lock file.
 * @param {string} root
 */
export async function ensureInstalled(root) {
  const step = installStep(root);
  if (step === 'nothing') return;
  if (step === 'install') {
    say('installing the packages of package-lock.json (npm ci)');
    const startedAt = performance.now();
    const done = await runNpm(root, 'ci');
    if (done.code !== 0) throw new CommandError(`npm ci failed:\n${done.output.trim()}`);
    say(`packages installed in ${secondsSince(startedAt)} s`);
  }
  mkdirSync(join(root, 'node_modules'), { recursive: true });
  writeFileSync(join(root, 'node_modules', MARKER), `${lockHash(root)}\n`);
}
