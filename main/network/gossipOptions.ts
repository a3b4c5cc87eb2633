/**
 * How gossipsub is set up for a LAN: signatures, ids, limits, scoring. Each number has its reason here or in shared/limits.ts.
 * Knows nothing of conversations beyond "is this topic ours".
 */
import type { GossipsubOpts } from '@chainsafe/libp2p-gossipsub';
import {
  MAX_GOSSIP_BACKLOG_BYTES,
  MAX_GOSSIP_RPC_BYTES,
  MAX_KNOWN_PEERS,
  MAX_TOPIC_PACKET_BYTES,
} from '../../shared/limits.ts';
import { reachOfIp } from './addresses.ts';
import { ENVELOPE_BYTES, gossipMessageId } from './topics.ts';

/** Half of a neighbour's penalty is forgiven in this time. */
const PENALTY_HALF_LIFE_MS = 30_000;

/** Penalties for packets that the validator rejected: honest peers send none, so a score moves for cause only. */
export interface Penalties {
  add(peerId: string, now: number): void;
  /** The penalty now, a number <= 0. */
  score(peerId: string, now: number): number;
}

/** Makes an empty register of penalties. */
export function createPenalties(): Penalties {
  const byPeer = new Map<string, { amount: number; at: number }>();
  const current = (peerId: string, now: number): number => {
    const entry = byPeer.get(peerId);
    return entry === undefined ? 0 : entry.amount * 0.5 ** (Math.max(0, now - entry.at) / PENALTY_HALF_LIFE_MS);
  };
  return {
    add(peerId, now) {
      const amount = current(peerId, now) + 1;
      byPeer.delete(peerId);
      byPeer.set(peerId, { amount, at: now });
      const oldest = byPeer.keys().next();
      if (byPeer.size > MAX_KNOWN_PEERS && oldest.done !== true) byPeer.delete(oldest.value);
    },
    score: (peerId, now) => -current(peerId, now),
  };
}

/** Many nodes behind one private address are a household or a test machine, not a Sybil attack. */
class PrivateAddresses extends Set<string> {
  override has(ip: string): boolean {
    return reachOfIp(ip) !== 'public';
  }
}

/** A message that must not even enter gossip's caches. */
class RefusedPacketError extends Error {
  override readonly name = 'RefusedPacketError';
}

export interface GossipRules {
  isSubscribed(topic: string): boolean;
  score(peerId: string): number;
  count(counter: string): void;
}

/** Options of gossipsub. */
export function gossipOptions(rules: GossipRules): Partial<GossipsubOpts> {
  return {
    globalSignaturePolicy: 'StrictSign',
    msgIdFn: (message) => gossipMessageId(message.topic, message.data),
    emitSelf: false,
    canRelayMessage: false,
    fallbackToFloodsub: false,
    doPX: false,
    // Everybody on a LAN is one hop away: the publisher reaches each subscriber itself.
    floodPublish: true,
    allowPublishToZeroTopicPeers: true,
    ignoreDuplicatePublishError: true,
    heartbeatInterval: 500,
    // Messages stay available to neighbours for 6 s, and are offered for 3 s.
    mcacheLength: 12,
    mcacheGossip: 6,
    seenTTL: 120_000,
    // A closed and reopened conversation must find its mesh again quickly.
    unsubcribeBackoff: 2_000,
    pruneBackoff: 10_000,
    // One at a time: order is kept per neighbour, and a flood waits in its own stream.
    awaitRpcHandler: true,
    awaitRpcMessageHandler: true,
    // Two connections between a pair can stand for a moment, each with its stream.
    maxInboundStreams: 4,
    maxOutboundStreams: 4,
    maxInboundDataLength: MAX_GOSSIP_RPC_BYTES,
    maxOutboundBufferSize: MAX_GOSSIP_BACKLOG_BYTES,
    maxTopicBytesPerPeer: 1024 * 1024,
    decodeRpcLimits: {
      maxSubscriptions: 1_024,
      maxMessages: 1_024,
      maxIhaveMessageIDs: 5_000,
      maxIwantMessageIDs: 5_000,
      maxIdontwantMessageIDs: 512,
      maxControlMessages: 1_024,
      maxPeerInfos: 16,
    },
    // Runs before gossip remembers the message: what is not ours costs no memory.
    dataTransform: {
      inboundTransform(topic, data) {
        if (!rules.isSubscribed(topic)) {
          rules.count('gossip.foreignTopic');
          throw new RefusedPacketError('not our topic');
        }
        if (data.length <= ENVELOPE_BYTES || data.length > MAX_TOPIC_PACKET_BYTES + ENVELOPE_BYTES) {
          rules.count('gossip.badSize');
          throw new RefusedPacketError('not the size of a packet');
        }
        return data;
      },
      outboundTransform: (_topic, data) => data,
    },
    scoreParams: {
      appSpecificScore: (peerId) => rules.score(peerId),
      appSpecificWeight: 1,
      IPColocationFactorWeight: -5,
      IPColocationFactorThreshold: 10,
      IPColocationFactorWhitelist: new PrivateAddresses(),
      // Broken promises happen to honest nodes on a laptop that slept: only many in a row count.
      behaviourPenaltyWeight: -1,
      behaviourPenaltyThreshold: 10,
      behaviourPenaltyDecay: 0.5,
      retainScore: 10 * 60_000,
    },
    scoreThresholds: {
      gossipThreshold: -20,
      publishThreshold: -40,
      graylistThreshold: -60,
      acceptPXThreshold: 1_000,
      opportunisticGraftThreshold: 1,
    },
  };
}
