/**
 * What the messenger needs of a network: conversations' topics, people nearby, invites, a doctor.
 * Types only; `main/network/` implements them over libp2p. Knows nothing of the protocol's messages.
 */
import type { ConversationId, MemberId, PeerId } from '../../../shared/model/ids.ts';

/** The two topics of a conversation: `/{conversationId}/1/{subtopic}/proto`. */
export type Subtopic = 'app_msg' | 'welcome';

/** Bytes for, or from, everybody who subscribes to one topic of a conversation. */
export interface NetworkPacket {
  readonly conversationId: ConversationId;
  readonly subtopic: Subtopic;
  readonly payload: Uint8Array;
}

/** A peer as it is known now. `memberId` stands only after the peer proved it to us. */
export interface PeerView {
  readonly peerId: PeerId;
  readonly memberId?: MemberId;
  readonly displayName?: string;
  readonly addresses: readonly string[];
  readonly connected: boolean;
  /** Last measured round trip, in whole ms. */
  readonly roundTripMs?: number;
}

/** A peer worth dialling again. The messenger persists these and hands them back at the next start. */
export interface KnownPeer {
  readonly peerId: PeerId;
  readonly addresses: readonly string[];
  /** When a connection to it last stood, in ms since the epoch; 0 when never (an invite's address). */
  readonly lastSeenAt: number;
}

/** Frames between two peers, in order, in both directions, each at the pace of the side that reads. */
export interface DirectChannel {
  /**
   * Resolves once little of what was sent waits here. Rejects with code `TOO_LARGE` over MAX_CHANNEL_FRAME_BYTES, and when the
   * channel broke.
   */
  send(frame: Uint8Array): Promise<void>;
  /**
   * The next frame, or undefined when no more will come: the other side closed, or the connection went without an error, which
   * looks the same. Rejects when the channel broke, or on a frame that is too long. One at a time.
   */
  receive(): Promise<Uint8Array | undefined>;
  /** Sends nothing any more; resolves once everything sent is on its way. */
  close(): Promise<void>;
  /** Ends both directions at once; the other side's calls reject. */
  abort(error: Error): void;
}

/** What the network tells the messenger. Handlers are called one at a time and must not throw. */
export type NetworkEvent =
  | { readonly kind: 'packet'; readonly packet: NetworkPacket; readonly from: PeerId }
  | { readonly kind: 'peerUpdated'; readonly peer: PeerView }
  /** The peer is no longer connected. */
  | { readonly kind: 'peerLost'; readonly peerId: PeerId }
  /** The connected subscribers of a conversation's topics changed: an outbox may be flushed now. */
  | { readonly kind: 'topicPeers'; readonly conversationId: ConversationId; readonly peers: readonly PeerId[] }
  | { readonly kind: 'inviteOffered'; readonly from: PeerView; readonly invite: string }
  /** A peer opened a catch-up channel; whoever is told has to read and end it. */
  | { readonly kind: 'catchUpOpened'; readonly from: PeerId; readonly channel: DirectChannel }
  | { readonly kind: 'addressesChanged'; readonly listenAddresses: readonly string[] };

/** One network interface's address, and why it is not used if it is not. */
export interface InterfaceDiagnostics {
  readonly name: string;
  readonly address: string;
  readonly family: 'IPv4' | 'IPv6';
  readonly usable: boolean;
  readonly reason?: string;
}

/** One multicast socket of the discovery. */
export interface MdnsSocketDiagnostics {
  readonly interface: string;
  readonly state: 'opening' | 'open' | 'failed' | 'closed';
  readonly error?: string;
}

/** What a person needs to see why nobody is found. */
export interface NetworkDiagnostics {
  readonly listenAddresses: readonly string[];
  readonly interfaces: readonly InterfaceDiagnostics[];
  readonly mdns: {
    readonly enabled: boolean;
    readonly sockets: readonly MdnsSocketDiagnostics[];
    /** When another Conclave or libp2p peer last answered, in ms since the epoch. */
    readonly lastAnswerAt?: number;
  };
  readonly peers: readonly PeerView[];
  readonly topics: readonly { readonly conversationId: ConversationId; readonly subscribers: readonly PeerId[] }[];
  /** How often each thing was refused, failed or done since the start. */
  readonly counters: Readonly<Record<string, number>>;
  /** One sentence that a person can act on. */
  readonly advice: string;
}

/** The network of one running node. */
export interface Network {
  /** Listens, discovers and dials. Rejects with code `NETWORK` when no address can be listened on. */
  start(): Promise<void>;
  /** Closes every socket and timer; resolves when none is left. */
  stop(): Promise<void>;
  readonly peerId: PeerId;
  /** Addresses that others may dial; each ends in `/p2p/<peerId>`. */
  listenAddresses(): readonly string[];
  /** Joins both topics of a conversation; a second call changes nothing. */
  subscribe(conversationId: ConversationId): void;
  unsubscribe(conversationId: ConversationId): void;
  /**
   * Sends to the topic's connected subscribers. `recipients` 0: nobody took it, the caller keeps it in its outbox.
   * Publishing the same bytes again reaches the peers that did not get them before; the others deliver equal bytes
   * once within REPEATED_PACKET_MS, and again after it.
   * Rejects with code `TOO_LARGE` over MAX_CANDIDATE_BYTES with its envelope, `NETWORK` when stopped.
   */
  publish(packet: NetworkPacket): Promise<{ recipients: number }>;
  /** Connected peers that subscribe to the conversation's topics. */
  topicPeers(conversationId: ConversationId): readonly PeerId[];
  /** Dials a multiaddr, with or without `/p2p/<id>`. Rejects with code `NETWORK` when it cannot be dialled. */
  connect(address: string, options?: { readonly signal?: AbortSignal }): Promise<PeerId>;
  /** Addresses from invites or earlier sessions: dialled, and redialled for ever with back-off. */
  addKnownPeers(peers: readonly KnownPeer[]): void;
  /** Peers that a connection stood to, to persist and hand back at the next start. */
  knownPeers(): readonly KnownPeer[];
  /**
   * The machine slept, or something else says that nothing may be where it was: looks at the interfaces, asks every
   * connected peer whether it is there, and dials and asks for everybody else, all at once.
   */
  wake(): void;
  /** Hands an invite to a connected peer; `accepted` is a receipt only. Rejects with code `NETWORK` when it cannot be reached. */
  offerInvite(peerId: PeerId, invite: string): Promise<{ accepted: boolean }>;
  /** Opens a catch-up channel to a connected peer. Rejects with code `NETWORK` when it cannot be reached or does not take it. */
  openCatchUp(peerId: PeerId, options?: { readonly signal?: AbortSignal }): Promise<DirectChannel>;
  /** Our name in `hello`, and whether strangers may see it. */
  setProfile(profile: { readonly displayName: string; readonly visibleNearby: boolean }): void;
  /** Members who share a group with us may know us even when we are not visible nearby. */
  setSharedMembers(isShared: (memberId: MemberId) => boolean): void;
  peers(): readonly PeerView[];
  diagnostics(): NetworkDiagnostics;
}

/** Time, handed in so that tests can turn it. */
export interface NetworkClock {
  /** Milliseconds since the epoch. */
  now(): number;
  setTimeout(callback: () => void, delayMs: number): unknown;
  clearTimeout(timer: unknown): void;
}

/** The part of a pino logger that the network uses. Never handed a secret, an invite or a payload. */
export interface NetworkLogger {
  debug(data: object, message: string): void;
  info(data: object, message: string): void;
  warn(data: object, message: string): void;
  error(data: object, message: string): void;
}

/** Whether a packet may be processed and forwarded. Must be quick and must not throw. */
export type PacketValidator = (packet: NetworkPacket) => 'accept' | 'ignore' | 'reject';

/** What a network is made of. */
export interface NetworkOptions {
  /** 32-byte Ed25519 seed of the libp2p key. */
  readonly privateKey: Uint8Array;
  /** The member that `hello` proves us to be. */
  readonly identity: { readonly memberId: MemberId; sign(payload: Uint8Array): Uint8Array };
  /** Whether `signature` over `payload` was made by `memberId`. */
  readonly verify: (memberId: MemberId, payload: Uint8Array, signature: Uint8Array) => boolean;
  /** Multiaddrs to listen on instead of every usable interface. */
  readonly listen?: readonly string[];
  readonly mdns: boolean;
  readonly onEvent: (event: NetworkEvent) => void;
  /** Size and shape of a packet; the default checks the size only. */
  readonly validate?: PacketValidator;
  readonly clock: NetworkClock;
  /** Unpredictable bytes: jitter of redials, the name that discovery answers under. */
  readonly random: (length: number) => Uint8Array;
  readonly logger: NetworkLogger;
  /** Opens addresses beyond loopback, private and link-local ones. */
  readonly allowPublicAddresses: boolean;
}
