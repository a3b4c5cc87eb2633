/**
 * Adds up what a run did and writes it for people: speed, what was exercised, and each failure with the command that repeats it.
 */
import { repeatCommand, type RunOptions } from './options.ts';
import type { WorkerAnswer } from './worker.ts';

const HOUR_MS = 3_600_000;
const SHOWN_VIOLATIONS = 3;

export class Report {
  readonly #options: RunOptions;
  readonly #startedAt: number;
  readonly #counts = new Map<string, number>();
  #seeds = 0;
  #realMls = 0;
  #simulatedMs = 0;
  #memberMs = 0;
  /** Failed seeds by the promise that broke first. */
  readonly #failures = new Map<string, number[]>();

  constructor(options: RunOptions, startedAt: number) {
    this.#options = options;
    this.#startedAt = startedAt;
  }

  get failed(): number {
    return [...this.#failures.values()].reduce((sum, seeds) => sum + seeds.length, 0);
  }

  add({ seed, outcome, people, realMls }: WorkerAnswer): void {
    this.#seeds += 1;
    if (realMls) this.#realMls += 1;
    this.#simulatedMs += outcome.simulatedMs;
    this.#memberMs += outcome.simulatedMs * people;
    for (const [name, times] of Object.entries(outcome.counts))
      this.#counts.set(name, (this.#counts.get(name) ?? 0) + times);
    const first = outcome.violations[0];
    if (first !== undefined)
      this.#failures.set(first.invariant, [...(this.#failures.get(first.invariant) ?? []), seed]);
  }

  /** One line while it runs. */
  progress(now: number): string {
    const seconds = (now - this.#startedAt) / 1000;
    const hours = (this.#simulatedMs / HOUR_MS).toFixed(1);
    const rate = (this.#seeds / seconds).toFixed(1);
    return `${this.#seeds} of ${this.#options.seeds} seeds, ${rate} seeds/s, ${hours} simulated hours, ${this.failed} failed`;
  }

  failure({ seed, outcome, history }: WorkerAnswer): string {
    const violations = outcome.violations
      .slice(0, SHOWN_VIOLATIONS)
      .map((each) => `  ${each.invariant}: ${each.detail}`);
    const shorter =
      history === undefined
        ? []
        : ['  the shortest history that still fails:', ...history.map((line) => `    ${line}`)];
    return [`seed ${seed} FAILED; repeat with: ${repeatCommand(this.#options, seed)}`, ...violations, ...shorter].join(
      '\n',
    );
  }

  summary(now: number): string {
    const seconds = (now - this.#startedAt) / 1000;
    const speed = (this.#memberMs / 1000 / seconds).toFixed(0);
    const lines = [...this.#counts].sort(([left], [right]) => (left < right ? -1 : 1));
    const width = Math.max(0, ...lines.map(([name]) => name.length));
    return [
      ...lines.map(([name, times]) => `  ${name.padEnd(width)}  ${times}`),
      this.progress(now),
      `${this.#realMls} seeds with the real MLS; ${speed} simulated member-seconds a second`,
      ...[...this.#failures].map(
        ([invariant, seeds]) => `  ${seeds.length} x ${invariant}: seeds ${seeds.slice(0, 20).join(', ')}`,
      ),
      this.failed === 0 ? 'no promise was broken' : `${this.failed} seeds FAILED`,
    ].join('\n');
  }
}
