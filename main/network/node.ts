/**
 * The libp2p node: transports, encryption, limits, and the gate that keeps public addresses out in both directions.
 * Knows no conversation and no member.
 */
import { gossipsub } from '@chainsafe/libp2p-gossipsub';
import type { GossipSub, GossipsubOpts } from '@chainsafe/libp2p-gossipsub';
import { noise } from '@chainsafe/libp2p-noise';
import { yamux } from '@chainsafe/libp2p-yamux';
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys';
import { identify } from '@libp2p/identify';
import { FaultTolerance } from '@libp2p/interface';
import type { Libp2p, PeerId as Libp2pPeerId } from '@libp2p/interface';
import { ping } from '@libp2p/ping';
import type { Ping } from '@libp2p/ping';
import { tcp } from '@libp2p/tcp';
import type { Multiaddr } from '@multiformats/multiaddr';
import { createLibp2p } from 'libp2p';
import {
  DIAL_ADDRESS_MS,
  DIAL_MS,
  DIRECT_EXCHANGE_MS,
  MAX_CONNECTIONS,
  MAX_GOSSIP_BACKLOG_BYTES,
  MAX_PEER_ADDRESSES,
  MAX_PENDING_CONNECTIONS,
  MAX_STREAM_WINDOW_BYTES,
  MAX_STREAMS_PER_CONNECTION,
  PROBE_INTERVAL_MS,
  PROBE_LONGEST_MS,
} from '../../shared/limits.ts';
import { isAllowedAddress } from './addresses.ts';

/** Connections that one peer may hold: two can cross while both dial, one may be dying. */
const MAX_CONNECTIONS_PER_PEER = 4;
/** New connections a second from one host: a household behind one address. */
const MAX_CONNECTIONS_PER_HOST_SECOND = 32;

/** Pings on one connection: another question while earlier ones wait for a peer that may be gone. */
const MAX_PING_STREAMS = 4;

/** What of libp2p's insides we need: listening on an interface that came up later, and no longer when it went. */
export interface Listening {
  listen(addresses: Multiaddr[]): Promise<void>;
  getAddrs(): Multiaddr[];
  getListeners(): readonly { getAddrs(): Multiaddr[]; close(): Promise<void> }[];
}

/** The services on our node. */
export interface NodeServices extends Record<string, unknown> {
  readonly ping: Ping;
  readonly pubsub: GossipSub;
  readonly listening: Listening;
}

export interface NodeOptions {
  /** 32-byte Ed25519 seed. */
  readonly seed: Uint8Array;
  readonly gossip: Partial<GossipsubOpts>;
  readonly allowPublicAddresses: boolean;
  /** Which of the addresses that are listened on may be advertised. */
  readonly isAnnounced: (address: Multiaddr) => boolean;
  readonly count: (counter: string) => void;
}

export type Node = Libp2p<NodeServices>;

/** Makes a node that neither listens nor dials yet. */
export async function createNode(options: NodeOptions): Promise<Node> {
  const { allowPublicAddresses, count } = options;
  const privateKey = await generateKeyPairFromSeed('Ed25519', options.seed);
  const refuse = (address: Multiaddr, counter: string): boolean => {
    const isRefused = !isAllowedAddress(address, allowPublicAddresses);
    if (isRefused) count(counter);
    return isRefused;
  };
  const isCrowded = (peerId: Libp2pPeerId): boolean => {
    const isFull = node.getConnections(peerId).length >= MAX_CONNECTIONS_PER_PEER;
    if (isFull) count('connection.tooManyOfPeer');
    return isFull;
  };
  const node: Node = await createLibp2p<NodeServices>({
    start: false,
    privateKey,
    addresses: { listen: [], announceFilter: (addresses) => addresses.filter(options.isAnnounced) },
    // Address by address we decide ourselves what a failure to listen means.
    transportManager: { faultTolerance: FaultTolerance.NO_FATAL },
    transports: [
      tcp({
        maxConnections: MAX_CONNECTIONS + MAX_PENDING_CONNECTIONS,
        dialOpts: { noDelay: true, keepAlive: true },
        listenOpts: { noDelay: true, keepAlive: true },
      }),
    ],
    connectionEncrypters: [noise()],
    streamMuxers: [
      yamux({
        maxInboundStreams: MAX_STREAMS_PER_CONNECTION,
        maxOutboundStreams: MAX_STREAMS_PER_CONNECTION,
        // A window under what a stream may keep for a reader that pauses, which would break it.
        streamOptions: { maxWriteBufferLength: MAX_GOSSIP_BACKLOG_BYTES, maxStreamWindowSize: MAX_STREAM_WINDOW_BYTES },
      }),
    ],
    connectionManager: {
      maxConnections: MAX_CONNECTIONS,
      maxParallelDials: 16,
      maxDialQueueLength: 256,
      maxPeerAddrsToDial: MAX_PEER_ADDRESSES,
      dialTimeout: DIAL_MS,
      addressDialTimeout: DIAL_ADDRESS_MS,
      inboundUpgradeTimeout: DIAL_MS,
      inboundStreamProtocolNegotiationTimeout: DIRECT_EXCHANGE_MS,
      outboundStreamProtocolNegotiationTimeout: DIRECT_EXCHANGE_MS,
      maxIncomingPendingConnections: MAX_PENDING_CONNECTIONS,
      inboundConnectionThreshold: MAX_CONNECTIONS_PER_HOST_SECOND,
      // The order that we hand in is last-seen first.
      addressSorter: () => 0,
      // Names are resolved by the system when public addresses are allowed; dnsaddr lists are not followed.
      resolvers: {},
      reconnectRetries: 0,
    },
    connectionMonitor: {
      pingInterval: PROBE_INTERVAL_MS,
      // Not adaptive downwards: a busy laptop must not lose its friends to one long task.
      pingTimeout: { minTimeout: PROBE_LONGEST_MS, maxTimeout: PROBE_LONGEST_MS },
    },
    connectionGater: {
      denyDialMultiaddr: (address) => refuse(address, 'connection.dialRefused'),
      denyInboundConnection: (connection) => refuse(connection.remoteAddr, 'connection.inboundRefused'),
      denyInboundEncryptedConnection: isCrowded,
      filterMultiaddrForPeer: (_peer, address) => isAllowedAddress(address, allowPublicAddresses),
    },
    services: {
      // No identify/push: our hello tells new addresses, and its timers would outlive stop().
      identify: identify({ timeout: DIRECT_EXCHANGE_MS, maxMessageSize: 16 * 1024 }),
      ping: ping({
        timeout: DIRECT_EXCHANGE_MS,
        maxInboundStreams: MAX_PING_STREAMS,
        maxOutboundStreams: MAX_PING_STREAMS,
      }),
      pubsub: gossipsub(options.gossip),
      listening: (components) => components.transportManager,
    },
  });
  return node;
}
