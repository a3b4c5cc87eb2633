/**
 * The system packages that windows, the keyring and the network tests need on Linux.
 */
import { existsSync } from 'node:fs';
import { collect, which } from './processes.mjs';
import { CommandError, say, secondsSince } from './terminal.mjs';

/** Debian's names: what Electron links to, what the tests start, and the fonts that screenshots need. */
export const DEBIAN_PACKAGES = [
  'xvfb',
  'xauth',
  'libgtk-3-0',
  'libnss3',
  'libasound2',
  'libgbm1',
  'libxss1',
  'libsecret-1-0',
  'dbus',
  'dbus-x11',
  'gnome-keyring',
  'iproute2',
  'fonts-noto-color-emoji',
  'fonts-noto-cjk',
];

/** Programs without which a desktop session for the tests cannot be had. */
const SESSION_PROGRAMS = ['Xvfb', 'dbus-daemon', 'dbus-send', 'gnome-keyring-daemon'];

/**
 * Which packages are missing, given the output of dpkg-query. Newer releases rename some to `…t64`.
 * @param {readonly string[]} wanted
 * @param {string} listing lines of `<package> <status>`
 */
export function missingPackages(wanted, listing) {
  const installed = new Set(
    listing
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter(([, status]) => status === 'ii' || status === 'hi')
      .map(([name]) => name),
  );
  return wanted.filter((name) => !installed.has(name) && !installed.has(`${name}t64`));
}

/** @param {readonly string[]} packages */
export function installCommand(packages) {
  return `apt-get update && apt-get install --yes --no-install-recommends ${packages.join(' ')}`;
}

/**
 * Makes sure that tests can have a desktop session: installs what is missing as root on Debian, else says what to do.
 */
export async function ensureSystemPackages() {
  if (process.platform !== 'linux') return;
  const lacking = SESSION_PROGRAMS.filter((program) => which(program) === undefined);
  if (!existsSync('/etc/debian_version') || which('dpkg-query') === undefined) {
    if (lacking.length > 0)
      throw new CommandError(
        `The tests need ${lacking.join(', ')}: install them with your system's package manager.`,
        2,
      );
    return;
  }
  const names = DEBIAN_PACKAGES.flatMap((name) => [name, `${name}t64`]);
  const query = await collect('dpkg-query', [
    '--show',
    '--showformat=${binary:Package} ${db:Status-Abbrev}\n',
    ...names,
  ]);
  const missing = missingPackages(DEBIAN_PACKAGES, query.stdout.replaceAll(/:[a-z0-9]+ /g, ' '));
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0) {
    const sentence = `system packages are missing: run as root: ${installCommand(missing)}`;
    if (lacking.length > 0) throw new CommandError(sentence, 2);
    say(sentence);
    return;
  }
  say(`installing system packages: ${missing.join(' ')}`);
  const startedAt = performance.now();
  const done = await collect('sh', ['-c', installCommand(missing)], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  if (done.code !== 0)
    throw new CommandError(`apt-get failed:\n${done.output.trim().split('\n').slice(-15).join('\n')}`);
  say(`system packages installed in ${secondsSince(startedAt)} s`);
}

/**
 * Why an Electron that ended with "not found" did so: the libraries that its loader misses, in one sentence.
 * @param {string} executable
 * @returns {Promise<string | undefined>}
 */
export async function explainMissingLibraries(executable) {
  if (process.platform !== 'linux' || which('ldd') === undefined) return undefined;
  const { stdout } = await collect('ldd', [executable]);
  const missing = stdout
    .split('\n')
    .filter((line) => line.includes('not found'))
    .map((line) => line.trim().split(' ')[0]);
  if (missing.length === 0) return undefined;
  return `Electron misses ${missing.join(', ')}: on Debian run as root: ${installCommand(DEBIAN_PACKAGES)}`;
}
