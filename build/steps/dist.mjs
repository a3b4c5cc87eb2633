/**
 * `npm run dist`: packages for people. Only the official Electron may go into one; a trial with another needs
 * CONCLAVE_DIST_UNOFFICIAL=1 and carries that in its name.
 */
import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { handOver } from './processes.mjs';
import { CommandError, say } from './terminal.mjs';

/**
 * What may be packaged with a runtime.
 * @param {import('./runtime.mjs').Runtime} runtime
 * @param {NodeJS.ProcessEnv} env
 * @returns {'release' | 'trial'}
 */
export function packagingFor(runtime, env) {
  if (runtime.source === 'official') return 'release';
  if (env['CONCLAVE_DIST_UNOFFICIAL'] === '1') return 'trial';
  throw new CommandError(
    'A package for people needs the official Electron, which could not be reached; CONCLAVE_DIST_UNOFFICIAL=1 builds a trial folder with what is here.',
  );
}

/**
 * @param {string} root
 * @param {import('./runtime.mjs').Runtime} runtime
 * @param {readonly string[]} rest passed to electron-builder
 * @returns {Promise<number>} exit code
 */
export async function packageApp(root, runtime, rest) {
  const packaging = packagingFor(runtime, process.env);
  const builder = join(root, 'node_modules', 'electron-builder', 'cli.js');
  const common = [
    builder,
    `-c.electronDist=${runtime.folder}`,
    `-c.electronVersion=${runtime.version}`,
    '--publish',
    'never',
  ];
  if (packaging === 'release') return handOver(process.execPath, [...common, ...rest], { cwd: root });

  say(`packaging a trial with an unofficial Electron ${runtime.version}: not for release`);
  const output = join(root, 'dist', 'trial');
  await rm(output, { recursive: true, force: true });
  const code = await handOver(process.execPath, [...common, '--dir', `-c.directories.output=${output}`, ...rest], {
    cwd: root,
  });
  if (code !== 0) return code;
  const unpacked = `${process.platform === 'darwin' ? 'mac' : process.platform === 'win32' ? 'win' : 'linux'}-unpacked`;
  if (!existsSync(join(output, unpacked))) throw new CommandError(`electron-builder left no ${unpacked}.`);
  const name = join(
    root,
    'dist',
    `conclave-UNOFFICIAL-electron-${runtime.version}-${process.platform}-${process.arch}`,
  );
  await rm(name, { recursive: true, force: true });
  await rename(join(output, unpacked), name);
  await rm(output, { recursive: true, force: true });
  say(`packaged into ${name}`);
  return 0;
}
