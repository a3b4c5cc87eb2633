/**
 * Looks on while a simulation runs: counts what happens, and notes whatever must not happen. Knows who is hostile; what a hostile
 * member's own device says is nobody's concern.
 */
import type { ApiEvent } from '../../../shared/api/events.ts';
import type { GovernanceEntry } from '../../../shared/api/model.ts';
import type { ConversationId } from '../../../shared/model/ids.ts';
import type { Step } from '../../../main/protocol/conversation/contract.ts';
import type { State } from '../../../main/protocol/conversation/index.ts';
import type { Plan } from '../plan/plan.ts';
import type { Device } from '../world/device.ts';
import type { World } from '../world/world.ts';

export interface Violation {
  /** Names the promise that was broken; shrinking keeps it. */
  readonly invariant: string;
  readonly detail: string;
}

/** More of one run say nothing new. */
const MAX_VIOLATIONS = 50;

export class Watch {
  devices: readonly Device[] = [];
  readonly violations: Violation[] = [];
  readonly counts: Record<string, number> = {};
  readonly #world: World;
  readonly #plan: Plan;

  constructor(world: World, plan: Plan) {
    this.#world = world;
    this.#plan = plan;
  }

  count(name: string, times = 1): void {
    this.counts[name] = (this.counts[name] ?? 0) + times;
  }

  violate(invariant: string, detail: string): void {
    this.#world.trace.note(`VIOLATION ${invariant}: ${detail}`);
    if (this.violations.length < MAX_VIOLATIONS)
      this.violations.push({ invariant, detail: `${this.#world.elapsed().trim()} s: ${detail}` });
  }

  isHonest(device: Device): boolean {
    return !this.#plan.hostile.includes(device.index);
  }

  event(event: ApiEvent): void {
    if (event.type === 'commit.applied') this.count('commit applied');
  }

  installed(step: Step<State>): void {
    for (const effect of step.effects) {
      if (effect.kind === 'event' && effect.event.kind === 'PhaseChange') this.count(`phase ${effect.event.phase}`);
    }
  }

  journal(device: Device, _conversationId: ConversationId, entry: GovernanceEntry): void {
    if (this.isHonest(device)) this.count(`journal ${entry.kind}`);
  }

  failed(device: Device, message: string, error: unknown): void {
    if (!this.isHonest(device)) return;
    const cause = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.violate('no unhandled error', `${device.name}: ${message}: ${cause.split('\n').slice(0, 6).join(' | ')}`);
  }
}
