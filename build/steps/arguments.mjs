/**
 * The command line of build/run.mjs: which command, and what is passed on. Pure.
 */
import { CommandError } from './terminal.mjs';

export const COMMANDS = /** @type {const} */ ([
  'start',
  'test',
  'headless',
  'check',
  'bench',
  'conformance',
  'simulate',
  'soak',
  'generate',
  'format',
  'dist',
]);

/** @typedef {(typeof COMMANDS)[number]} Command */

/**
 * @param {readonly string[]} argv what follows the script's name
 * @returns {{ command: Command, rest: string[] }}
 */
export function parseArguments(argv) {
  const [name, ...others] = argv;
  const command = COMMANDS.find((known) => known === name);
  if (command === undefined) {
    throw new CommandError(`Usage: node build/run.mjs <${COMMANDS.join('|')}> [-- arguments]`, 2);
  }
  // npm swallows the `--`; a direct call keeps it.
  const rest = others[0] === '--' ? others.slice(1) : others;
  return { command, rest };
}
