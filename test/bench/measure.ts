/** How benchmarks measure and print: medians after a warm-up, and a table on standard output. */

/** Milliseconds that each of `rounds` runs took, after `warmUp` runs that do not count. */
export async function sample(rounds: number, warmUp: number, work: () => unknown): Promise<number[]> {
  const times: number[] = [];
  for (let round = 0; round < warmUp + rounds; round += 1) {
    const startedAt = performance.now();
    await work();
    if (round >= warmUp) times.push(performance.now() - startedAt);
  }
  return times;
}

/** The value below which a share of the samples lies. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((left, right) => left - right);
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  if (value === undefined) throw new Error('no samples');
  return value;
}

export const median = (samples: readonly number[]): number => percentile(samples, 0.5);

export const milliseconds = (value: number): string => (value < 10 ? value.toFixed(2) : value.toFixed(0));

/** Prints rows under their heads, columns aligned. */
export function printTable(title: string, head: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = head.map((cell, column) => Math.max(cell.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ');
  process.stdout.write(`\n${title}\n${[head, ...rows].map(line).join('\n')}\n`);
}
