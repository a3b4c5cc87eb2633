/**
 * `npm run soak`: nodes that are killed again and again, and a LAN that is cut for a minute, for which `npm test` does not have
 * the time.
 */
import { parseArgs } from 'node:util';
import { CommandError } from './terminal.mjs';
import { runVitest } from './tests.mjs';

const USUAL_KILLS = 300;

/**
 * @param {readonly string[]} args
 * @returns {number} how often nodes are killed at random instants
 */
export function killsOf(args) {
  try {
    const { values } = parseArgs({ args: [...args], options: { kills: { type: 'string' } } });
    const kills = Number(values.kills ?? USUAL_KILLS);
    if (Number.isInteger(kills) && kills > 0) return kills;
  } catch {
    // The sentence below says how it goes.
  }
  throw new CommandError('Usage: npm run soak -- [--kills NUMBER]', 2);
}

/**
 * @param {string} root
 * @param {import('./runtime.mjs').Runtime} runtime
 * @param {number} kills
 * @returns {Promise<number>} vitest's exit code
 */
export function soak(root, runtime, kills) {
  process.env['CONCLAVE_KILLS'] = String(kills);
  process.env['CONCLAVE_SOAK'] = '1';
  return runVitest(root, runtime, [
    '--project',
    'headless',
    '--project',
    'network',
    'test/headless/kills.test.ts',
    'test/network/bridge.test.ts',
  ]);
}
