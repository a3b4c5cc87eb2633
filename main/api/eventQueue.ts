/**
 * Events that wait for a slow reader, bounded. Policy: events tell that something changed, not what everything is now;
 * a reader that falls behind gets one `events.lost` in place of all that waited, and reads again what it shows.
 */
import type { ApiEvent } from '../../shared/api/events.ts';
import { MAX_QUEUED_EVENTS } from '../../shared/limits.ts';

export interface EventQueue {
  push(event: ApiEvent): void;
  /** Takes the oldest events out, at most `count`. */
  take(count: number): ApiEvent[];
  readonly size: number;
}

export function createEventQueue(limit: number = MAX_QUEUED_EVENTS): EventQueue {
  let waiting: ApiEvent[] = [];
  let lost = 0;

  return {
    push(event) {
      if (waiting.length >= limit) {
        lost += waiting.length;
        waiting = [];
      }
      waiting.push(event);
    },
    take(count) {
      const taken: ApiEvent[] = [];
      if (lost > 0 && count > 0) {
        taken.push({ type: 'events.lost', count: lost });
        lost = 0;
      }
      taken.push(...waiting.splice(0, count - taken.length));
      return taken;
    },
    get size() {
      return waiting.length + (lost > 0 ? 1 : 0);
    },
  };
}
