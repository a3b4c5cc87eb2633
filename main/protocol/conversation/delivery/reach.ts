/**
 * When what we wrote is encrypted (architecture 5: encrypt late): not while nobody is there to hear it, not before the first
 * exchange with somebody who is there again, not in an epoch that the group has left, not while a change settles (H-31).
 */
import { BEHIND_PATIENCE_MS, CATCH_UP_PATIENCE_MS } from '../../../../shared/limits.ts';
import type { Draft } from '../draft.ts';
import { knownBehindSince } from '../lag.ts';
import { members } from '../roster.ts';
import type { DeliveryMemory } from './state.ts';

export function changeMemory(draft: Draft, change: Partial<DeliveryMemory>): void {
  const { volatile } = draft.state;
  draft.state.volatile = { ...volatile, delivery: { ...volatile.delivery, ...change } };
}

export const memoryOf = (draft: Draft): DeliveryMemory => draft.state.volatile.delivery;

/** Nobody who can hear us is connected. */
export function loseReach(draft: Draft): void {
  changeMemory(draft, { reach: { kind: 'nobody' } });
}

/** Somebody is: what we missed comes first, if it comes soon. */
export function findReach(draft: Draft): void {
  if (memoryOf(draft).reach.kind !== 'nobody') return;
  changeMemory(draft, { reach: { kind: 'catchingUp', until: draft.now + CATCH_UP_PATIENCE_MS } });
}

/** What we missed is coming: it may take a while. */
export function keepCatchingUp(draft: Draft): void {
  if (memoryOf(draft).reach.kind !== 'catchingUp') return;
  changeMemory(draft, { reach: { kind: 'catchingUp', until: draft.now + CATCH_UP_PATIENCE_MS } });
}

export function openReach(draft: Draft): void {
  if (memoryOf(draft).reach.kind !== 'open') changeMemory(draft, { reach: { kind: 'open' } });
}

export const isReachable = (draft: Draft): boolean => memoryOf(draft).reach.kind !== 'nobody';

/** Until when, ms, what we wrote waits; undefined: it need not, or for something that has no time. */
function heldUntil(draft: Draft): number {
  const { reach, sayAfter } = memoryOf(draft);
  if (members(draft).length < 2) return 0;
  if (reach.kind === 'nobody') return Number.POSITIVE_INFINITY;
  const since = knownBehindSince(draft);
  return Math.max(
    sayAfter,
    reach.kind === 'catchingUp' ? reach.until : 0,
    since === undefined ? 0 : since + BEHIND_PATIENCE_MS,
  );
}

function isSettled({ state }: Draft): boolean {
  const { phase } = state.phase;
  return phase === 'working' || phase === 'reelection';
}

export const maySay = (draft: Draft): boolean => isSettled(draft) && heldUntil(draft) <= draft.now;

/** When what waits may be said; undefined when nothing waits, or not for a time. */
export function sayDueAt(draft: Draft): number | undefined {
  if (!isSettled(draft) || draft.state.own.every(({ waiting }) => !waiting)) return undefined;
  const until = heldUntil(draft);
  return Number.isFinite(until) ? until : undefined;
}
