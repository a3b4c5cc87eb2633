/**
 * Runs one plan: devices, people and faults in one world, watched all the time, until everything is quiet and everybody is compared.
 */
import type { ConversationId } from '../../shared/model/ids.ts';
import { createMlsService } from '../../main/protocol/mls/index.ts';
import { attack } from './people/hostile.ts';
import { Person } from './people/person.ts';
import type { Event, Plan } from './plan/plan.ts';
import { compareAll } from './check/agreement.ts';
import { strangerObjections } from './check/stranger.ts';
import { Watch, type Violation } from './check/watch.ts';
import { Dice } from './world/chance.ts';
import { Device } from './world/device.ts';
import { Ether } from './world/network.ts';
import { forgetStandInKeys } from './standIn/keys.ts';
import { createStandInMlsService } from './standIn/service.ts';
import { rememberSigners } from './world/signatures.ts';
import { Weather } from './world/weather.ts';
import { START, World } from './world/world.ts';

export interface Outcome {
  readonly traceHash: string;
  readonly traceEntries: number;
  readonly violations: readonly Violation[];
  /** Acknowledged messages that somebody lacks at the end, or whose order differs. */
  readonly shortfalls: readonly Violation[];
  /** What was exercised, by name. */
  readonly counts: Readonly<Record<string, number>>;
  readonly simulatedMs: number;
}

/** How often a quiet world is looked at. */
const LOOK_EVERY_MS = 5_000;
/** How often everything that grows is measured. */
const PATROL_EVERY_MS = 10_000;
/**
 * How long everything may take to settle after the last fault, beside the voting windows: two recoveries, one after the other, each of whom
 * begins when a member has asked in vain for a minute.
 */
const SETTLE_MS = 240_000;
/** Windows that settling may need: one that is open, and one that follows from it. */
const SETTLE_WINDOWS = 3;

export async function simulate(plan: Plan, listener?: (line: string) => void): Promise<Outcome> {
  rememberSigners();
  forgetStandInKeys();
  const simulation = new Simulation(plan, listener);
  await simulation.run();
  return simulation.outcome();
}

class Simulation {
  readonly #plan: Plan;
  readonly #world: World;
  readonly #weather: Weather;
  readonly #ether: Ether;
  readonly #people: readonly Person[];
  readonly #watch: Watch;
  #conversationId: ConversationId | undefined;
  #shortfalls: readonly Violation[] = [];

  constructor(plan: Plan, listener: ((line: string) => void) | undefined) {
    this.#plan = plan;
    this.#world = new World(plan.seed, listener);
    this.#weather = new Weather(new Dice(`${plan.seed}/weather`));
    this.#ether = new Ether(this.#world, this.#weather);
    this.#watch = new Watch(this.#world, plan);
    this.#people = Array.from({ length: plan.people }, (_, index) => this.#person(index));
    this.#watch.devices = this.#people.map(({ device }) => device);
  }

  #person(index: number): Person {
    const watch = this.#watch;
    const device = new Device({
      world: this.#world,
      ether: this.#ether,
      index,
      createMls: this.#plan.realMls ? createMlsService : createStandInMlsService,
      watcher: {
        event: (sender, event) => {
          this.#people[index]?.sees(event);
          watch.sees(sender, event);
        },
        installed: (_device, step) => watch.installed(device, step),
        dropped: (_device, step) => watch.dropped(device, step),
        failed: (_device, message, error) => watch.failed(device, message, error),
        crashed: (crashed) => watch.crashed(crashed),
      },
    });
    return new Person({
      world: this.#world,
      device,
      temper: this.#plan.tempers[index] ?? { yes: 1, no: 0, patience: 0.1 },
      votingWindowMs: this.#plan.rules.consensusTimeoutMs,
      failed: (_device, message, error) => watch.failed(device, message, error),
    });
  }

  async run(): Promise<void> {
    for (const { device } of this.#people) device.boot();
    for (const event of this.#plan.events) this.#world.after(event.at, () => this.#happen(event));
    this.#patrol();
    await this.#world.runUntil(START + this.#plan.lastsMs);
    this.#calm();
    await this.#settle();
  }

  #patrol(): void {
    if (this.#conversationId !== undefined) this.#watch.patrol(this.#conversationId);
    this.#world.after(PATROL_EVERY_MS, () => this.#patrol());
  }

  /** Faults end: everybody is awake, running and connected. */
  #calm(): void {
    this.#world.trace.note('calm');
    this.#weather.clear();
    for (const person of this.#people) {
      if (person.device.isFull) person.device.setFull(false);
      person.device.withholds = () => false;
      this.#start(person);
    }
    this.#ether.changed();
  }

  /** Waits until everybody agrees, or for as long as that may take. */
  async #settle(): Promise<void> {
    const { consensusTimeoutMs } = this.#plan.rules;
    const end = this.#world.now + SETTLE_WINDOWS * consensusTimeoutMs + SETTLE_MS;
    do await this.#world.runUntil(this.#world.now + LOOK_EVERY_MS);
    while (this.#world.now < end && (this.#disagreements().length > 0 || this.#lacks()));
    for (const violation of this.#disagreements()) this.#watch.violate(violation.invariant, violation.detail);
    if (this.#conversationId === undefined) return;
    this.#shortfalls = this.#watch.delivered(this.#honest(), this.#conversationId);
    for (const objection of await strangerObjections(this.#honest(), this.#conversationId))
      this.#watch.violate('a stranger can verify the journal', objection);
  }

  /** Whether a message is still on its way to somebody. */
  #lacks(): boolean {
    const id = this.#conversationId;
    return id !== undefined && this.#watch.shortfalls(this.#honest(), id).length > 0;
  }

  #disagreements(): readonly Violation[] {
    return this.#conversationId === undefined ? [] : compareAll(this.#honest(), this.#conversationId, this.#world);
  }

  #honest(): readonly Device[] {
    return this.#people
      .map(({ device }) => device)
      .filter(({ index, isLost }) => !this.#plan.hostile.includes(index) && !isLost);
  }

  #start({ device }: Person): void {
    if (device.isLost) return;
    device.wake();
    device.boot();
    this.#world.after(1_000, () => {
      if (this.#conversationId !== undefined) this.#people[device.index]?.looks(this.#conversationId);
    });
  }

  #happen(event: Event): void {
    const world = this.#world;
    world.trace.note(`event ${event.kind}`);
    const who = 'who' in event ? this.#people[event.who] : undefined;
    const conversationId = this.#conversationId;
    switch (event.kind) {
      case 'create':
        who?.create(this.#plan.rules, (created) => {
          this.#conversationId = created;
        });
        return;
      case 'storm':
        this.#fault(event.storm);
        this.#weather.set(event.storm, event.share);
        world.after(event.forMs, () => this.#weather.set(event.storm, 0));
        return;
      case 'partition':
        this.#fault('partition');
        this.#weather.partition(event.parts);
        this.#ether.changed();
        world.after(event.forMs, () => {
          this.#weather.partition([]);
          this.#ether.changed();
        });
        return;
      default:
        if (who !== undefined && conversationId !== undefined) this.#act(event, who, conversationId);
    }
  }

  #fault(name: string): void {
    this.#watch.count(`fault ${name}`);
  }

  #act(event: Event, who: Person, conversationId: ConversationId): void {
    const { device } = who;
    const world = this.#world;
    switch (event.kind) {
      case 'join':
        this.#member(event.inviter, conversationId)?.invite(conversationId, (link) => {
          who.join(link);
        });
        return;
      case 'chat':
        this.#member(event.who, conversationId)?.chat(conversationId);
        return;
      case 'remove': {
        const target = this.#people[event.target];
        if (target !== undefined) who.remove(conversationId, target.device);
        return;
      }
      case 'leave':
        who.leave(conversationId);
        return;
      case 'resetInvite':
        who.resetInvite(conversationId);
        return;
      case 'attack':
        this.#attack(event, device, conversationId);
        return;
      case 'sleep':
        this.#fault('sleep');
        device.sleep();
        world.after(event.forMs, () => this.#start(who));
        return;
      case 'crash':
        device.crashAfter(event.writes);
        world.after(event.forMs, () => {
          device.crash();
          this.#start(who);
        });
        return;
      case 'away':
        this.#fault(`away ${event.how}`);
        if (event.how === 'asleep') device.sleep();
        else device.crash();
        world.after(event.forMs, () => this.#start(who));
        return;
      case 'lost':
        this.#fault('lost');
        device.lose();
        return;
      case 'diskFull':
        this.#fault('diskFull');
        device.setFull(true);
        world.after(event.forMs, () => {
          device.setFull(false);
          this.#start(who);
        });
        return;
      case 'skew':
        this.#fault('skew');
        device.skewMs = event.ms;
        return;
      case 'slow':
        this.#fault('slow');
        this.#weather.slow(device.index, event.ms);
        world.after(event.forMs, () => this.#weather.slow(device.index, 0));
        return;
      case 'create':
      case 'storm':
      case 'partition':
        return;
      default:
        event satisfies never;
    }
  }

  #attack(event: Event & { readonly kind: 'attack' }, device: Device, conversationId: ConversationId): void {
    const target = this.#people[event.target]?.device;
    const { process } = device;
    const state = device.active(conversationId);
    if (target === undefined || process === undefined || state === undefined || !device.isOnline()) return;
    const accomplice = {
      world: this.#world,
      ether: this.#ether,
      // Its own, so that leaving out an attack changes nothing else.
      dice: new Dice(`${this.#plan.seed}/attack ${event.at} ${event.who}`),
      device,
      target,
      devices: this.#people.map((person) => person.device),
      gang: this.#people.map((person) => person.device).filter(({ index }) => this.#plan.hostile.includes(index)),
      conversationId,
      identity: device.identity,
      mls: process.mls,
      state,
    };
    attack(event.attack, accomplice).then(
      (done) => {
        if (done) this.#watch.count(`attack ${event.attack}`);
      },
      (error: unknown) => {
        this.#watch.violate('the simulation itself works', `${event.attack}: ${String(error)}`);
      },
    );
  }

  /** The one named if it is a member, else the next who is. */
  #member(index: number, conversationId: ConversationId): Person | undefined {
    const inTurn = [...this.#people.slice(index), ...this.#people.slice(0, index)];
    return inTurn.find(({ device }) => device.active(conversationId) !== undefined);
  }

  outcome(): Outcome {
    for (const { done } of this.#people)
      for (const [name, times] of Object.entries(done)) this.#watch.count(`act ${name}`, times);
    for (const [storm, times] of Object.entries(this.#weather.counts)) this.#watch.count(`copies ${storm}`, times);
    this.#watch.count('copies delivered', this.#ether.deliveries);
    return {
      traceHash: this.#world.trace.digest(),
      traceEntries: this.#world.trace.entries,
      violations: this.#watch.violations,
      shortfalls: this.#shortfalls,
      counts: this.#watch.counts,
      simulatedMs: this.#world.now - START,
    };
  }
}
