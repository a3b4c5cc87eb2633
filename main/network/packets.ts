/**
 * Conversations' packets over gossip: subscribe, publish so that latecomers are reached, deliver once, tell who listens.
 * Knows gossipsub and the address book's sessions; knows nothing of what a packet means.
 */
import { TopicValidatorResult } from '@chainsafe/libp2p-gossipsub';
import type { GossipSub, GossipsubMessage } from '@chainsafe/libp2p-gossipsub';
import type { NetworkClock, NetworkPacket, PacketValidator, Subtopic } from '../messenger/ports/network.ts';
import {
  GOSSIP_BURST_PACKETS,
  GOSSIP_PACKETS_PER_SECOND,
  MAX_KNOWN_PEERS,
  MAX_REMEMBERED_PACKETS,
  MAX_TOPIC_PACKET_BYTES,
  REPEATED_PACKET_MS,
} from '../../shared/limits.ts';
import type { ConversationId, PeerId } from '../../shared/model/ids.ts';
import { createRateLimiter } from './backoff.ts';
import { NetworkTooLargeError } from './errors.ts';
import type { Penalties } from './gossipOptions.ts';
import { contentKey, createRecentKeys, openEnvelope, sealEnvelope, SUBTOPICS, topicOf } from './topics.ts';

/** Re-sends of equal bytes by several members within one such window share a gossip id and are forwarded once. */
const ATTEMPT_WINDOW_MS = 2_000;
/** How often subscribers are compared while a stream to one of them is still being opened. */
const STREAM_RECHECK_MS = 50;
const MAX_STREAM_RECHECKS = 100;

export interface PacketsOptions {
  readonly clock: NetworkClock;
  readonly gossip: () => GossipSub;
  readonly penalties: Penalties;
  readonly validate: PacketValidator;
  /** The session of a peer that is connected with a gossip stream towards it, else undefined. */
  readonly writableSession: (peerId: PeerId) => number | undefined;
  readonly onPacket: (packet: NetworkPacket, from: PeerId) => void;
  readonly onTopicPeers: (conversationId: ConversationId, peers: readonly PeerId[]) => void;
  readonly count: (counter: string) => void;
}

export interface Packets {
  subscribe(conversationId: ConversationId): void;
  unsubscribe(conversationId: ConversationId): void;
  publish(packet: NetworkPacket): Promise<{ recipients: number }>;
  topicPeers(conversationId: ConversationId): readonly PeerId[];
  conversations(): readonly ConversationId[];
  isSubscribed(topic: string): boolean;
  receive(message: GossipsubMessage): void;
  /** Compares the subscribers with what was last told, and tells what changed. */
  refresh(): void;
  stop(): void;
}

/** Makes the packet service. Gossip must deliver each `gossipsub:message` to `receive`. */
export function createPackets(options: PacketsOptions): Packets {
  const { clock, count } = options;
  const topics = new Map<string, { readonly conversationId: ConversationId; readonly subtopic: Subtopic }>();
  const lastTold = new Map<ConversationId, string>();
  const attempts = new Map<string, bigint>();
  const delivered = createRecentKeys(REPEATED_PACKET_MS, MAX_REMEMBERED_PACKETS);
  const neighbours = createRateLimiter(GOSSIP_BURST_PACKETS, 1_000 / GOSSIP_PACKETS_PER_SECOND, MAX_KNOWN_PEERS);
  let recheckTimer: unknown;
  let rechecks = 0;

  function subscribersOf(conversationId: ConversationId): PeerId[] {
    const gossip = options.gossip();
    const [first = new Set<string>(), second = new Set<string>()] = SUBTOPICS.map(
      (subtopic) => new Set(gossip.getSubscribers(topicOf(conversationId, subtopic)).map(String)),
    );
    return [...first].filter((peerId) => second.has(peerId)).sort() as PeerId[];
  }

  function topicPeers(conversationId: ConversationId): PeerId[] {
    return subscribersOf(conversationId).filter((peerId) => options.writableSession(peerId) !== undefined);
  }

  function refresh(): void {
    let isWaiting = false;
    const sessions = new Map<PeerId, number | undefined>();
    const sessionOf = (peerId: PeerId): number | undefined => {
      if (!sessions.has(peerId)) sessions.set(peerId, options.writableSession(peerId));
      return sessions.get(peerId);
    };
    for (const conversationId of conversations()) {
      const subscribers = subscribersOf(conversationId);
      const peers = subscribers.filter((peerId) => sessionOf(peerId) !== undefined);
      isWaiting ||= peers.length < subscribers.length;
      // A peer that was away meanwhile counts as a change: what was sent into its dead connection is lost.
      const state = peers.map((peerId) => `${peerId}#${sessionOf(peerId) ?? 0}`).join(' ');
      if (state === (lastTold.get(conversationId) ?? '')) continue;
      lastTold.set(conversationId, state);
      options.onTopicPeers(conversationId, peers);
    }
    if (!isWaiting) rechecks = 0;
    else if (recheckTimer === undefined && rechecks < MAX_STREAM_RECHECKS) {
      rechecks += 1;
      recheckTimer = clock.setTimeout(() => {
        recheckTimer = undefined;
        refresh();
      }, STREAM_RECHECK_MS);
    }
  }

  function conversations(): ConversationId[] {
    return [...new Set([...topics.values()].map(({ conversationId }) => conversationId))];
  }

  function validateFrom(neighbour: string, topic: string, data: Uint8Array): TopicValidatorResult {
    const place = topics.get(topic);
    const payload = openEnvelope(data);
    if (place === undefined || payload === undefined) return TopicValidatorResult.Ignore;
    if (!neighbours.take(neighbour, clock.now())) {
      count('gossip.rateLimited');
      return TopicValidatorResult.Ignore;
    }
    switch (options.validate({ ...place, payload })) {
      case 'accept':
        return TopicValidatorResult.Accept;
      case 'ignore':
        count('gossip.ignored');
        return TopicValidatorResult.Ignore;
      case 'reject':
        count('gossip.rejected');
        options.penalties.add(neighbour, clock.now());
        return TopicValidatorResult.Reject;
    }
  }

  /** The number of the next attempt: the window's, unless this content had that number already. */
  function nextAttempt(key: string): bigint {
    const window = BigInt(Math.max(0, Math.floor(clock.now() / ATTEMPT_WINDOW_MS)));
    const last = attempts.get(key);
    const attempt = last === undefined || window > last ? window : last + 1n;
    attempts.delete(key);
    attempts.set(key, attempt);
    const oldest = attempts.keys().next();
    if (attempts.size > MAX_REMEMBERED_PACKETS && oldest.done !== true) attempts.delete(oldest.value);
    return attempt;
  }

  return {
    subscribe(conversationId) {
      const gossip = options.gossip();
      for (const subtopic of SUBTOPICS) {
        const topic = topicOf(conversationId, subtopic);
        if (topics.has(topic)) continue;
        topics.set(topic, { conversationId, subtopic });
        gossip.topicValidators.set(topic, (neighbour, message) =>
          validateFrom(neighbour.toString(), message.topic, message.data),
        );
        gossip.subscribe(topic);
      }
      refresh();
    },
    unsubscribe(conversationId) {
      const gossip = options.gossip();
      for (const subtopic of SUBTOPICS) {
        const topic = topicOf(conversationId, subtopic);
        if (!topics.delete(topic)) continue;
        gossip.unsubscribe(topic);
        gossip.topicValidators.delete(topic);
      }
      lastTold.delete(conversationId);
    },
    async publish({ conversationId, subtopic, payload }) {
      if (payload.length === 0 || payload.length > MAX_TOPIC_PACKET_BYTES) {
        throw new NetworkTooLargeError('A packet', MAX_TOPIC_PACKET_BYTES, payload.length);
      }
      const topic = topicOf(conversationId, subtopic);
      const key = contentKey(topic, payload);
      // Our own packet may come back from a neighbour in another member's envelope.
      delivered.add(key, clock.now());
      const send = async (): Promise<number> => {
        const data = sealEnvelope(nextAttempt(key), payload);
        return (await options.gossip().publish(topic, data)).recipients.length;
      };
      let recipients = await send();
      // Gossip refuses an id that another member's equal packet used a moment ago: the next attempt has its own.
      if (recipients === 0 && topicPeers(conversationId).length > 0) recipients = await send();
      count(recipients === 0 ? 'gossip.publishedToNobody' : 'gossip.published');
      return { recipients };
    },
    topicPeers,
    conversations,
    isSubscribed: (topic) => topics.has(topic),
    receive({ msg }) {
      const place = topics.get(msg.topic);
      const payload = openEnvelope(msg.data);
      if (place === undefined || payload === undefined || msg.type !== 'signed') return;
      if (!delivered.add(contentKey(msg.topic, payload), clock.now())) {
        count('gossip.repeated');
        return;
      }
      count('gossip.delivered');
      options.onPacket({ ...place, payload: Uint8Array.from(payload) }, msg.from.toString() as PeerId);
    },
    refresh,
    stop() {
      if (recheckTimer !== undefined) clock.clearTimeout(recheckTimer);
    },
  };
}
