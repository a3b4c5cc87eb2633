/**
 * Draws a plan from a seed: everything that will be done and everything that will go wrong, before anything runs.
 */
import { attacks, type Attack } from '../people/attacks.ts';
import { Dice } from '../world/chance.ts';
import type { Event, Plan, Temper } from './plan.ts';
import { drawRules } from './rules.ts';

export interface PlanOptions {
  readonly seed: number;
  readonly members: { readonly least: number; readonly most: number };
  readonly minutes: number;
  readonly realMls: 'all' | 'tenth' | 'none';
  /** Nothing goes wrong and nobody is hostile: people only. */
  readonly calm?: boolean;
  /** Somebody is hostile, and does only this. */
  readonly attacks?: readonly Attack[] | undefined;
}

const MINUTE_MS = 60_000;
/** Somebody does something about this often. */
const ACT_EVERY_MS = 5_000;
/** H-22: two clocks may differ by 120 s, each by half of it; a vote's window has to be long beside it. */
const MOST_SKEW_MS = 60_000;
const SKEW_OF_WINDOW = 0.2;
/** How often somebody is away for long, and how often a device is lost. */
const AWAY_SHARE = 0.3;
const LOST_SHARE = 0.15;
const AWAY_MS = { least: 6 * MINUTE_MS, most: 12 * MINUTE_MS };
/** While somebody is away for long the others do something about this often. */
const QUIET_ACT_EVERY_MS = 40_000;

export function drawPlan(options: PlanOptions): Plan {
  const { seed, members, minutes, realMls, calm = false } = options;
  const dice = new Dice(`plan ${seed}`);
  const people = dice.whole(members.least, members.most);
  const rules = drawRules(dice);
  const busyMs = minutes * MINUTE_MS;
  const mostHostile = Math.floor(people / 3);
  const drawnHostile = dice.chance(0.5) ? dice.whole(0, mostHostile) : 0;
  const hostileCount = options.attacks === undefined ? drawnHostile : mostHostile;
  const everybody = Array.from({ length: people }, (_, index) => index);
  const hostile = calm ? [] : dice.some(everybody.slice(1), hostileCount).sort((left, right) => left - right);
  const mostSkewMs = Math.min(MOST_SKEW_MS, rules.consensusTimeoutMs * SKEW_OF_WINDOW);
  const hostileOptions = { people, lastsMs: busyMs, among: options.attacks ?? attacks };
  const busy: Event[] = [
    { at: 0, kind: 'create', who: 0 },
    ...joins(dice, people, busyMs),
    ...acts(dice, people, { fromMs: busyMs * 0.1, toMs: busyMs, everyMs: ACT_EVERY_MS }),
    ...(hostile.length === 0 ? [] : hostileActs(dice, hostile, hostileOptions)),
    ...(calm ? [] : faults(dice, people, busyMs, mostSkewMs)),
  ];
  const honest = everybody.filter((index) => !hostile.includes(index));
  const quiet = calm ? [] : absences(dice, honest, { people, busyMs });
  const lost = calm || hostile.length + 1 > mostHostile ? [] : losses(dice, honest, busyMs);
  const drawn = [...busy, ...quiet, ...lost];
  const lastsMs = Math.max(busyMs, ...quiet.map((event) => ('forMs' in event ? event.at + event.forMs : event.at)));
  return {
    seed: String(seed),
    people,
    hostile,
    tempers: everybody.map(() => drawTemper(dice)),
    rules,
    realMls: realMls === 'all' || (realMls === 'tenth' && seed % 10 === 0),
    lastsMs,
    events: drawn.sort((left, right) => left.at - right.at),
  };
}

function drawTemper(dice: Dice): Temper {
  const yes = dice.pick([0.95, 0.8, 0.6, 0.3]);
  return { yes, no: (1 - yes) * dice.pick([0.2, 0.5, 0.9]), patience: dice.pick([0.1, 0.4, 0.8, 1.2]) };
}

/** Most come early, a few at a time; some later. */
function joins(dice: Dice, people: number, lastsMs: number): Event[] {
  return Array.from({ length: people - 1 }, (_, index) => {
    const late = dice.chance(0.2);
    const at = late ? dice.whole(0, Math.floor(lastsMs * 0.8)) : dice.whole(500, Math.floor(lastsMs * 0.25));
    const inviter = dice.chance(0.6) ? 0 : dice.whole(0, people - 1);
    return { at, kind: 'join', who: index + 1, inviter };
  });
}

interface Busy {
  readonly fromMs: number;
  readonly toMs: number;
  readonly everyMs: number;
}

function acts(dice: Dice, people: number, { fromMs, toMs, everyMs }: Busy): Event[] {
  const anybody = (): number => dice.whole(0, people - 1);
  const drawOne = (at: number): Event => {
    const lot = dice.next();
    const who = anybody();
    if (lot < 0.45) return { at, kind: 'chat', who };
    if (lot < 0.67) return { at, kind: 'remove', who, target: anybody() };
    if (lot < 0.77) return { at, kind: 'leave', who };
    if (lot < 0.95) return { at, kind: 'join', who, inviter: anybody() };
    return { at, kind: 'resetInvite', who };
  };
  const count = Math.round(((toMs - fromMs) / everyMs) * dice.pick([0.5, 1, 2]));
  return Array.from({ length: count }, () => drawOne(dice.whole(Math.floor(fromMs), Math.floor(toMs))));
}

/** One or two are away for minutes, while the others go on at their leisure. */
function absences(
  dice: Dice,
  honest: readonly number[],
  { people, busyMs }: { readonly people: number; readonly busyMs: number },
): Event[] {
  if (!dice.chance(AWAY_SHARE)) return [];
  const away = dice.some(honest, dice.whole(1, 2)).map((who): Event & { readonly kind: 'away' } => ({
    at: dice.whole(Math.floor(busyMs * 0.4), busyMs),
    kind: 'away',
    who,
    how: dice.pick(['asleep', 'off']),
    forMs: dice.whole(AWAY_MS.least, AWAY_MS.most),
  }));
  const back = Math.max(...away.map(({ at, forMs }) => at + forMs));
  return [...away, ...acts(dice, people, { fromMs: busyMs, toMs: back, everyMs: QUIET_ACT_EVERY_MS })];
}

/** At most one device, so that it and the hostile ones are not more than a third. */
function losses(dice: Dice, honest: readonly number[], busyMs: number): Event[] {
  if (!dice.chance(LOST_SHARE)) return [];
  return [{ at: dice.whole(Math.floor(busyMs * 0.3), busyMs), kind: 'lost', who: dice.pick(honest) }];
}

interface HostileOptions {
  readonly people: number;
  readonly lastsMs: number;
  readonly among: readonly Attack[];
}

function hostileActs(dice: Dice, hostile: readonly number[], { people, lastsMs, among }: HostileOptions): Event[] {
  const count = Math.round((lastsMs / ACT_EVERY_MS) * dice.pick([0.5, 1, 2]));
  return Array.from({ length: count }, () => ({
    at: dice.whole(Math.floor(lastsMs * 0.1), lastsMs),
    kind: 'attack',
    who: dice.pick(hostile),
    attack: dice.pick(among),
    target: dice.whole(0, people - 1),
  }));
}

function faults(dice: Dice, people: number, lastsMs: number, mostSkewMs: number): Event[] {
  const anybody = (): number => dice.whole(0, people - 1);
  const sometime = (): number => dice.whole(0, Math.floor(lastsMs * 0.95));
  const many = (most: number): number => (dice.chance(0.3) ? 0 : dice.whole(1, most));
  const list: Event[] = [];
  const perMinutes = Math.max(1, Math.round(lastsMs / MINUTE_MS));
  const some = (most: number, draw: () => Event): void => {
    for (let count = many(most); count > 0; count -= 1) list.push(draw());
  };
  some(people, () => ({ at: sometime(), kind: 'skew', who: anybody(), ms: dice.whole(-mostSkewMs, mostSkewMs) }));
  some(perMinutes, () => ({ at: sometime(), kind: 'sleep', who: anybody(), forMs: dice.whole(1_000, lastsMs / 2) }));
  some(2 * perMinutes, () => ({
    at: sometime(),
    kind: 'crash',
    who: anybody(),
    writes: dice.whole(1, 60),
    forMs: dice.whole(500, lastsMs / 4),
  }));
  some(perMinutes, () => ({ at: sometime(), kind: 'diskFull', who: anybody(), forMs: dice.whole(1_000, lastsMs / 4) }));
  some(perMinutes, () => ({
    at: sometime(),
    kind: 'slow',
    who: anybody(),
    ms: dice.whole(300, 3_000),
    forMs: dice.whole(5_000, lastsMs / 2),
  }));
  some(2 * perMinutes, () => ({
    at: sometime(),
    kind: 'storm',
    storm: dice.pick(['drop', 'duplicate', 'reorder', 'delay', 'corrupt']),
    share: dice.pick([0.02, 0.1, 0.3]),
    forMs: dice.whole(5_000, lastsMs / 2),
  }));
  some(perMinutes, () => {
    const cut = dice.some(
      Array.from({ length: people }, (_, index) => index),
      dice.whole(1, Math.ceil(people / 2)),
    );
    return { at: sometime(), kind: 'partition', parts: [cut], forMs: dice.whole(2_000, lastsMs / 3) };
  });
  return list;
}
