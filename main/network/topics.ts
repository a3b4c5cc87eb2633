/**
 * Topics, the envelope around a packet, message ids, and the memory of what was delivered.
 * Knows nothing of libp2p or of what a packet means.
 */
import { createHash } from 'node:crypto';
import type { Subtopic } from '../messenger/ports/network.ts';
import type { ConversationId } from '../../shared/model/ids.ts';

export const SUBTOPICS: readonly Subtopic[] = Object.freeze(['app_msg', 'welcome']);

/** The gossip topic of a conversation's subtopic. */
export function topicOf(conversationId: ConversationId, subtopic: Subtopic): string {
  return `/${conversationId}/1/${subtopic}/proto`;
}

/** Bytes that the envelope adds: the attempt as u64, big-endian. */
export const ENVELOPE_BYTES = 8;

/**
 * Puts an attempt number before the payload.
 *
 * Gossip forgets nothing for two minutes, so equal bytes sent again would reach nobody, not even a peer who came late,
 * and a neighbour would not pass them on to it. The attempt makes a deliberate re-send a new gossip message, while the
 * payload's own hash (see `createRecentKeys`) still keeps it from being delivered twice.
 */
export function sealEnvelope(attempt: bigint, payload: Uint8Array): Uint8Array {
  const data = new Uint8Array(ENVELOPE_BYTES + payload.length);
  new DataView(data.buffer).setBigUint64(0, attempt);
  data.set(payload, ENVELOPE_BYTES);
  return data;
}

/** The payload inside an envelope; undefined when there is none. */
export function openEnvelope(data: Uint8Array): Uint8Array | undefined {
  return data.length > ENVELOPE_BYTES ? data.subarray(ENVELOPE_BYTES) : undefined;
}

/** Gossip's message id: SHA-256 over topic and envelope. Two members who re-send the same bytes in one attempt share it. */
export function gossipMessageId(topic: string, data: Uint8Array): Uint8Array {
  return createHash('sha256').update(topic, 'utf8').update('\0').update(data).digest();
}

/** Identity of a packet whoever sends it and however often. */
export function contentKey(topic: string, payload: Uint8Array): string {
  return Buffer.from(gossipMessageId(topic, payload)).toString('base64');
}

/** Keys that were seen less than `lifetimeMs` ago, at most `limit` of them. */
export interface RecentKeys {
  /** Remembers the key; true when it was not remembered yet. Seeing it again does not prolong its memory. */
  add(key: string, now: number): boolean;
}

/** Makes an empty memory of keys. */
export function createRecentKeys(lifetimeMs: number, limit: number): RecentKeys {
  const seenAt = new Map<string, number>();
  return {
    add(key, now) {
      for (const [old, at] of seenAt) {
        const isFresh = now - at < lifetimeMs && now >= at;
        if (isFresh && seenAt.size < limit) break;
        seenAt.delete(old);
      }
      if (seenAt.has(key)) return false;
      seenAt.set(key, now);
      return true;
    },
  };
}
