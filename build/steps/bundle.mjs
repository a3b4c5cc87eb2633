/**
 * The app as Electron runs it: bundled by electron-vite into out/ when a source has changed since the last time.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fingerprint, readMarker } from './fingerprint.mjs';
import { collect } from './processes.mjs';
import { runtimeEnvironment } from './runtime.mjs';
import { CommandError, say, secondsSince } from './terminal.mjs';

/** Everything that decides what comes out. */
const SOURCES = [
  'main',
  'preload',
  'renderer',
  'shared',
  'electron.vite.config.ts',
  'package.json',
  'package-lock.json',
  'tsconfig.base.json',
];
/** What must have come out. */
const PRODUCTS = ['out/main/index.js', 'out/main/headless.js', 'out/preload/index.cjs', 'out/renderer/index.html'];

/**
 * @param {string} root
 * @param {import('./runtime.mjs').Runtime} runtime
 */
export async function ensureBundled(root, runtime) {
  const marker = join(root, 'out', '.sources');
  const sources = fingerprint(root, SOURCES);
  const complete = PRODUCTS.every((product) => existsSync(join(root, product)));
  if (complete && readMarker(marker) === sources) return;

  say('building the app');
  const startedAt = performance.now();
  const builder = join(root, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js');
  const done = await collect(process.execPath, [builder, 'build', '--logLevel', 'warn'], {
    cwd: root,
    env: { ...runtimeEnvironment(runtime), NODE_ENV: 'production' },
  });
  if (done.code !== 0) throw new CommandError(`The app could not be built:\n${done.output.trim()}`);
  const missing = PRODUCTS.filter((product) => !existsSync(join(root, product)));
  if (missing.length > 0) throw new CommandError(`The build left no ${missing.join(', ')}.`);
  writeFileSync(marker, `${sources}\n`);
  say(`built in ${secondsSince(startedAt)} s`);
}
