/**
 * What `npm run simulate` is told on its command line. Pure.
 */
import { isRule, rules, type Rule } from '../mutation/rules.ts';
import { attacks, isAttack, type Attack } from '../people/attacks.ts';
import type { PlanOptions } from '../plan/draw.ts';

export interface RunOptions {
  readonly firstSeed: number;
  readonly seeds: number;
  readonly members: PlanOptions['members'];
  readonly minutes: number;
  readonly realMls: PlanOptions['realMls'];
  readonly jobs: number;
  /** How many failures are made short. */
  readonly shrink: number;
  /** A rule that the simulated software does not keep. */
  readonly without: Rule | undefined;
  /** Without any fault or attack. */
  readonly calm: boolean;
  /** What hostile members do; undefined: everything, and some groups have none. */
  readonly attacks: readonly Attack[] | undefined;
  /** Tells every step of the one seed. */
  readonly trace: boolean;
}

export class UsageError extends Error {}

export const USAGE =
  'npm run simulate -- [--seeds 1000] [--first-seed 1] [--seed N] [--members 3-20] [--minutes 5] [--real-mls all|tenth|none] [--jobs 2] [--shrink 3] [--without H-1] [--attacks flood,replay] [--calm] [--trace]';

const DEFAULTS: RunOptions = {
  firstSeed: 1,
  seeds: 100,
  members: { least: 3, most: 20 },
  minutes: 5,
  realMls: 'tenth',
  jobs: 2,
  shrink: 3,
  without: undefined,
  calm: false,
  attacks: undefined,
  trace: false,
};
const MOST_MEMBERS = 64;

export function parseOptions(argv: readonly string[]): RunOptions {
  let options = DEFAULTS;
  const rest = [...argv];
  for (let name = rest.shift(); name !== undefined; name = rest.shift()) {
    if (name === '--trace') {
      options = { ...options, trace: true };
      continue;
    }
    if (name === '--calm') {
      options = { ...options, calm: true };
      continue;
    }
    const value = rest.shift();
    if (value === undefined) throw new UsageError(`${name} needs a value. ${USAGE}`);
    options = { ...options, ...parsed(name, value) };
  }
  return options;
}

function parsed(name: string, value: string): Partial<RunOptions> {
  switch (name) {
    case '--seeds':
      return { seeds: whole(name, value, 1) };
    case '--first-seed':
      return { firstSeed: whole(name, value, 0) };
    case '--seed':
      return { firstSeed: whole(name, value, 0), seeds: 1 };
    case '--minutes':
      return { minutes: whole(name, value, 1) };
    case '--jobs':
      return { jobs: whole(name, value, 1) };
    case '--shrink':
      return { shrink: whole(name, value, 0) };
    case '--without':
      if (isRule(value)) return { without: value };
      throw new UsageError(`--without is one of ${Object.keys(rules).join(', ')}. ${USAGE}`);
    case '--attacks':
      return { attacks: attackNames(value) };
    case '--members':
      return { members: range(value) };
    case '--real-mls':
      if (value === 'all' || value === 'tenth' || value === 'none') return { realMls: value };
      throw new UsageError(`--real-mls is all, tenth or none. ${USAGE}`);
    default:
      throw new UsageError(`${name} is unknown. ${USAGE}`);
  }
}

function attackNames(value: string): readonly Attack[] {
  const names = value.split(',');
  const known = names.filter(isAttack);
  if (known.length === names.length) return known;
  throw new UsageError(`--attacks are some of ${attacks.join(', ')}. ${USAGE}`);
}

function whole(name: string, value: string, least: number): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number) || number < least)
    throw new UsageError(`${name} ${value}: a whole number from ${least}.`);
  return number;
}

/** `5` or `3-20`. */
function range(value: string): RunOptions['members'] {
  const match = /^(\d+)(?:-(\d+))?$/.exec(value);
  const least = Number(match?.[1]);
  const most = Number(match?.[2] ?? match?.[1]);
  if (match === null || least < 2 || most < least || most > MOST_MEMBERS)
    throw new UsageError(`--members ${value}: a number or a range such as 3-20, at most ${MOST_MEMBERS}.`);
  return { least, most };
}

/** The command that repeats one seed of this run. */
export function repeatCommand(options: RunOptions, seed: number): string {
  const { members, minutes, realMls, without, calm, attacks: only } = options;
  const command = `npm run simulate -- --seed ${seed} --members ${members.least}-${members.most} --minutes ${minutes} --real-mls ${realMls}`;
  return [
    command,
    ...(without === undefined ? [] : [`--without ${without}`]),
    ...(only === undefined ? [] : [`--attacks ${only.join(',')}`]),
    ...(calm ? ['--calm'] : []),
  ].join(' ');
}
