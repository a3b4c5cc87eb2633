/**
 * One hash over everything that happens in a run, in order: two runs of one seed must end with the same. Knows no meaning.
 */
import { createHash } from 'node:crypto';

export class Trace {
  readonly #hash = createHash('sha256');
  readonly #listener: ((line: string) => void) | undefined;
  entries = 0;

  constructor(listener?: (line: string) => void) {
    this.#listener = listener;
  }

  note(line: string, bytes?: Uint8Array): void {
    this.entries += 1;
    this.#hash.update(`${line}\n`);
    if (bytes !== undefined) this.#hash.update(bytes);
    this.#listener?.(line);
  }

  digest(): string {
    return this.#hash.copy().digest('hex');
  }
}
