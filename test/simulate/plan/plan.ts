/**
 * A whole simulation before it runs: who is there, and a list of acts and faults with their times. Plain data, so that a list that
 * fails can be made shorter. Knows nothing that runs.
 */
import type { ConversationSettings } from '../../../shared/api/settings.ts';
import type { Storm } from '../world/weather.ts';
import type { Attack } from '../people/attacks.ts';

/** How somebody votes when asked, and how long they think. */
export interface Temper {
  readonly yes: number;
  readonly no: number;
  /** Share of the voting window that thinking takes at most. */
  readonly patience: number;
}

/** What happens at `at` ms after the start. People are numbers; `who` is who does it or whom it befalls. */
export type Event = { readonly at: number } & (
  | { readonly kind: 'create'; readonly who: number }
  | { readonly kind: 'join'; readonly who: number; readonly inviter: number }
  | { readonly kind: 'chat'; readonly who: number }
  | { readonly kind: 'remove'; readonly who: number; readonly target: number }
  | { readonly kind: 'leave'; readonly who: number }
  | { readonly kind: 'resetInvite'; readonly who: number }
  | { readonly kind: 'attack'; readonly who: number; readonly attack: Attack; readonly target: number }
  | { readonly kind: 'sleep'; readonly who: number; readonly forMs: number }
  | { readonly kind: 'crash'; readonly who: number; readonly writes: number; readonly forMs: number }
  /** Asleep or shut down across many epochs, and back. */
  | { readonly kind: 'away'; readonly who: number; readonly how: 'asleep' | 'off'; readonly forMs: number }
  /** The device is lost: nobody ever hears of it again. */
  | { readonly kind: 'lost'; readonly who: number }
  | { readonly kind: 'diskFull'; readonly who: number; readonly forMs: number }
  | { readonly kind: 'skew'; readonly who: number; readonly ms: number }
  | { readonly kind: 'slow'; readonly who: number; readonly ms: number; readonly forMs: number }
  | { readonly kind: 'storm'; readonly storm: Storm; readonly share: number; readonly forMs: number }
  | { readonly kind: 'partition'; readonly parts: readonly (readonly number[])[]; readonly forMs: number }
);

export interface Plan {
  readonly seed: string;
  readonly people: number;
  /** Who plays foul. */
  readonly hostile: readonly number[];
  readonly tempers: readonly Temper[];
  readonly rules: ConversationSettings;
  readonly realMls: boolean;
  /** When faults stop, in ms after the start. */
  readonly lastsMs: number;
  /** In the order of time. */
  readonly events: readonly Event[];
}

/** A line for people. */
export function describe(event: Event): string {
  const { at, kind, ...rest } = event;
  const details = Object.entries(rest).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  return `${(at / 1000).toFixed(1).padStart(7)} s  ${kind}  ${details.join(', ')}`;
}
