/**
 * What the build tools say, and how they fail. Everything goes to stderr: stdout belongs to the program that is run.
 */

/** A failure that is told in one sentence, without a stack. `exitCode` becomes the process's own. */
export class CommandError extends Error {
  /**
   * @param {string} message one sentence for a person
   * @param {number} [exitCode]
   */
  constructor(message, exitCode = 1) {
    super(message);
    this.name = 'CommandError';
    this.exitCode = exitCode;
  }
}

/** @param {string} line */
export function say(line) {
  process.stderr.write(`conclave: ${line}\n`);
}

/**
 * Seconds since `startedAt` for people, one decimal.
 * @param {number} startedAt `performance.now()` at the start
 */
export function secondsSince(startedAt) {
  return ((performance.now() - startedAt) / 1000).toFixed(1);
}
