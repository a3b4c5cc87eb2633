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
/** H-22: two clocks may differ by 120 s; a vote's window has to be long beside it. */
const MOST_SKEW_MS = 58_000;
const SKEW_OF_WINDOW = 0.1;

export function drawPlan(options: PlanOptions): Plan {
  const { seed, members, minutes, realMls, calm = false } = options;
  const dice = new Dice(`plan ${seed}`);
  const people = dice.whole(members.least, members.most);
  const rules = drawRules(dice);
  const lastsMs = minutes * MINUTE_MS;
  const mostHostile = Math.floor(people / 3);
  const drawnHostile = dice.chance(0.5) ? dice.whole(0, mostHostile) : 0;
  const hostileCount = options.attacks === undefined ? drawnHostile : mostHostile;
  const everybody = Array.from({ length: people }, (_, index) => index);
  const hostile = dice.some(everybody.slice(1), hostileCount).sort((left, right) => left - right);
  const drawn: Event[] = [
    { at: 0, kind: 'create', who: 0 },
    ...joins(dice, people, lastsMs),
    ...acts(dice, people, lastsMs),
    ...(hostile.length === 0 || calm
      ? []
      : hostileActs(dice, hostile, { people, lastsMs, among: options.attacks ?? attacks })),
    ...(calm ? [] : faults(dice, people, lastsMs, Math.min(MOST_SKEW_MS, rules.consensusTimeoutMs * SKEW_OF_WINDOW))),
  ];
  return {
    seed: String(seed),
    people,
    hostile: calm ? [] : hostile,
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

function acts(dice: Dice, people: number, lastsMs: number): Event[] {
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
  const count = Math.round((lastsMs / ACT_EVERY_MS) * dice.pick([0.5, 1, 2]));
  return Array.from({ length: count }, () => drawOne(dice.whole(Math.floor(lastsMs * 0.1), lastsMs)));
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
