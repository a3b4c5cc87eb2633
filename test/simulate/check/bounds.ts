/**
 * Whether everything that a member keeps stays within its limits. Knows states and limits, nothing of how they came about.
 */
import {
  MAX_ACTIVE_SESSIONS_PER_PROPOSER,
  MAX_EARLY_VOTES,
  MAX_EQUIVOCATIONS,
  MAX_HEARD_MEMBERS,
  MAX_MEMBERS,
  MAX_OWN_KEPT,
  MAX_OWN_PAYLOAD_HASHES,
  MAX_OWN_WELCOMES,
  MAX_PARKED_BYTES,
  MAX_PARKED_PACKETS,
  MAX_PENDING_UPDATES,
  MAX_QUEUED_MESSAGES,
  MAX_RESOLVED_PROPOSALS,
  MAX_SESSIONS,
} from '../../../shared/limits.ts';
import type { ConversationId } from '../../../shared/model/ids.ts';
import type { Device } from '../world/device.ts';

/** Packets that wait for the wire: an evening's worth of a person alone, with all that its group sends by itself. */
const MOST_WAITING_PACKETS = 4096;

/** What is too large at this device now. */
export function beyondLimits(device: Device, conversationId: ConversationId): string[] {
  const state = device.active(conversationId);
  if (state === undefined) return [];
  const members = device.process?.mls.members(state.group).length ?? 0;
  const sizes: readonly (readonly [name: string, size: number, limit: number])[] = [
    ['parked packets', state.parked.length, MAX_PARKED_PACKETS],
    ['parked bytes', state.parked.reduce((sum, { payload }) => sum + payload.length, 0), MAX_PARKED_BYTES],
    ['stashed candidates', state.stash.length, MAX_MEMBERS],
    ['candidates', state.round?.candidates.length ?? 0, MAX_MEMBERS],
    // An open vote is never evicted: when all places are taken, each proposer has a few more (H-18).
    ['sessions', state.consensus.sessions.length, MAX_SESSIONS + MAX_ACTIVE_SESSIONS_PER_PROPOSER * members],
    ['equivocations', state.consensus.equivocations.length, MAX_EQUIVOCATIONS],
    ['early votes', state.votes.early.length, MAX_EARLY_VOTES],
    ['automatic votes', state.votes.automatic.length, MAX_SESSIONS + MAX_ACTIVE_SESSIONS_PER_PROPOSER * members],
    ['approved changes', state.queues.approved.length, MAX_RESOLVED_PROPOSALS],
    ['outcomes', state.queues.resolved.length, MAX_RESOLVED_PROPOSALS],
    ['pending updates', state.pendingUpdates.entries.length, MAX_PENDING_UPDATES],
    ['welcomes', state.welcomes.length, MAX_OWN_WELCOMES],
    ['own messages', state.own.length, MAX_QUEUED_MESSAGES + MAX_OWN_KEPT],
    ['heard members', state.heard.length, MAX_HEARD_MEMBERS],
    ['own payloads', state.volatile.ownPayloads.length, MAX_OWN_PAYLOAD_HASHES],
    ['outbox', device.disk.outbox.size, MOST_WAITING_PACKETS],
  ];
  return sizes.flatMap(([name, size, limit]) => (size > limit ? [`${name}: ${size} of ${limit}`] : []));
}

/** Key packages that were used up and are still there. */
export function usedKeyPackages(device: Device, conversationId: ConversationId): string[] {
  if (device.active(conversationId) === undefined || !device.isOnline()) return [];
  const parts = device.disk.shelves.get(conversationId)?.parts;
  return parts?.has('joiner') === true ? ['the used key package is still stored'] : [];
}
