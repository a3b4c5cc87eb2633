/**
 * Simulated time: takes the earliest thing that is due, lets it happen, and lets every promise settle before the next. Knows
 * neither devices nor protocol.
 */
import { Agenda, type Appointment } from './agenda.ts';
import { Dice } from './chance.ts';
import { Trace } from './trace.ts';

/** Noon of some day; nothing depends on which. */
export const START = Date.UTC(2026, 4, 1, 12);

/** Resolves when no promise is left that could go on by itself: only microtasks run in the code under test. */
const settled = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

export class World {
  /** True time in ms; each device's own clock may differ. */
  now = START;
  readonly seed: string;
  readonly trace: Trace;
  readonly dice: Dice;
  readonly #agenda = new Agenda();

  constructor(seed: string, listener?: (line: string) => void) {
    this.seed = seed;
    this.dice = new Dice(`${seed}/world`);
    this.trace = new Trace(listener === undefined ? undefined : (line) => listener(`${this.elapsed()} ${line}`));
  }

  /** Seconds since the start, for people. */
  elapsed(): string {
    return ((this.now - START) / 1000).toFixed(3).padStart(8);
  }

  /** `run` happens `delayMs` from now. */
  after(delayMs: number, run: () => void): Appointment {
    return this.#agenda.add(this.now + Math.max(0, Math.ceil(delayMs)), run);
  }

  async runUntil(end: number): Promise<void> {
    await settled();
    for (let entry = this.#agenda.take(end); entry !== undefined; entry = this.#agenda.take(end)) {
      this.now = Math.max(this.now, entry.at);
      entry.run();
      await settled();
    }
    this.now = end;
  }
}
