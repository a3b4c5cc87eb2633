/**
 * Adds up what a run did and writes it for people: speed, what was exercised, and each failure with the command that repeats it.
 */
import { isAboutAgreement } from '../check/agreement.ts';
import { repeatCommand, type RunOptions } from './options.ts';
import type { WorkerAnswer } from './worker.ts';

const HOUR_MS = 3_600_000;
const SHOWN_VIOLATIONS = 3;
/** Commands of one kind at the end. */
const SHOWN_SEEDS = 20;

const share = (part: number, whole: number): string => `${((100 * part) / Math.max(1, whole)).toFixed(1)} %`;

function note(seeds: Map<string, number[]>, invariant: string, seed: number): void {
  seeds.set(invariant, [...(seeds.get(invariant) ?? []), seed]);
}

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
  /** Seeds whose members agreed at the end. */
  #agreed = 0;
  /** Seeds that lack messages somewhere, or have them in several orders. */
  readonly #short = new Map<string, number[]>();

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
    if (!outcome.violations.some(({ invariant }) => isAboutAgreement(invariant))) this.#agreed += 1;
    const first = outcome.violations[0];
    if (first !== undefined) note(this.#failures, first.invariant, seed);
    for (const invariant of new Set(outcome.shortfalls.map((each) => each.invariant)))
      note(this.#short, invariant, seed);
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
    const acknowledged = this.#counts.get('messages acknowledged') ?? 0;
    const everywhere = this.#counts.get('messages everywhere') ?? 0;
    return [
      ...lines.map(([name, times]) => `  ${name.padEnd(width)}  ${times}`),
      this.progress(now),
      `${this.#realMls} seeds with the real MLS; ${speed} simulated member-seconds a second`,
      `agreement: ${this.#agreed} of ${this.#seeds} seeds end with one state (${share(this.#agreed, this.#seeds)})`,
      `delivery: ${everywhere} of ${acknowledged} acknowledged messages are everywhere (${share(everywhere, acknowledged)})`,
      ...this.#commands(this.#failures, 'FAILED'),
      ...this.#commands(this.#short, 'fell short'),
      this.failed === 0 ? 'no promise was broken' : `${this.failed} seeds FAILED`,
    ].join('\n');
  }

  /** What became of seeds, and the command that repeats each. */
  #commands(bySeed: ReadonlyMap<string, readonly number[]>, verdict: string): string[] {
    return [...bySeed].flatMap(([invariant, seeds]) => [
      `${seeds.length} seeds ${verdict}: ${invariant}`,
      ...seeds.slice(0, SHOWN_SEEDS).map((seed) => `  ${repeatCommand(this.#options, seed)}`),
      ...(seeds.length > SHOWN_SEEDS ? [`  and ${seeds.length - SHOWN_SEEDS} more`] : []),
    ]);
  }
}
