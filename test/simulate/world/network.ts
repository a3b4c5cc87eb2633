/**
 * The network that all devices share: gossip that reaches every connected subscriber, each copy after a time of its own, unless
 * the weather takes it. Implements the messenger's port; knows no protocol, only bytes.
 */
import { createHash } from 'node:crypto';
import { REPEATED_PACKET_MS } from '../../../shared/limits.ts';
import type { ConversationId, MemberId, PeerId } from '../../../shared/model/ids.ts';
import type { DirectChannel, Network, NetworkEvent, NetworkPacket } from '../../../main/messenger/ports/network.ts';
import { channelPair, type ChannelPair } from './channel.ts';
import type { Weather } from './weather.ts';
import type { World } from './world.ts';

/** One process at the network. */
export interface Station {
  readonly index: number;
  /** Whom it proves to be to everybody who connects, and what it calls itself. */
  readonly memberId: MemberId;
  readonly displayName: string;
  /** Running, awake and started. */
  readonly isOnline: () => boolean;
  readonly onEvent: (event: NetworkEvent) => void;
  /** Whether its owner keeps a packet from the wire, and says that it was taken. */
  readonly withholds: (packet: NetworkPacket) => boolean;
}

interface Plug extends Station {
  readonly peerId: PeerId;
  readonly topics: Set<ConversationId>;
  /** What was delivered last, by hash: equal bytes come once (REPEATED_PACKET_MS). */
  readonly delivered: Map<string, number>;
  /** The subscribers that it was last told of, by conversation. */
  readonly told: Map<ConversationId, string>;
  /** The stations that it was last told are connected. */
  readonly known: Set<Plug>;
}

/** Two ends that talk directly. */
interface Line {
  readonly ends: readonly [Plug, Plug];
  readonly pair: ChannelPair;
}

/** A link's own delay: everybody has some neighbours that are near and some that are far. */
const NEAREST_MS = 2;
const FARTHEST_MS = 40;
/** How much later somebody hears what only others were told. */
const SLOWEST_RELAY_MS = 600;
/** How long a connection takes that comes up. */
const SLOWEST_CONNECTION_MS = 1500;

export class Ether {
  readonly #world: World;
  readonly #weather: Weather;
  readonly #plugs: Plug[] = [];
  #lines: Line[] = [];
  /** Copies that arrived. */
  deliveries = 0;

  constructor(world: World, weather: Weather) {
    this.#world = world;
    this.#weather = weather;
  }

  /** The network of one process. */
  network(station: Station): Network {
    const plug: Plug = {
      ...station,
      peerId: `sim${station.index}` as PeerId,
      topics: new Set(),
      delivered: new Map(),
      told: new Map(),
      known: new Set(),
    };
    return {
      peerId: plug.peerId,
      start: async () => {
        this.#plugs.push(plug);
        this.changed();
      },
      stop: async () => {
        this.unplug(station);
      },
      listenAddresses: () => [`/ip4/10.0.0.${station.index + 1}/tcp/4001/p2p/${plug.peerId}`],
      subscribe: (conversationId) => {
        plug.topics.add(conversationId);
        this.changed();
      },
      unsubscribe: (conversationId) => {
        plug.topics.delete(conversationId);
        this.changed();
      },
      publish: async (packet) => ({
        recipients: station.withholds(packet)
          ? this.#audience(plug, packet.conversationId).length
          : this.publish(plug, packet),
      }),
      topicPeers: (conversationId) => this.#audience(plug, conversationId).map(({ peerId }) => peerId),
      connect: async () => plug.peerId,
      addKnownPeers: () => undefined,
      knownPeers: () => [],
      wake: () => undefined,
      offerInvite: async () => ({ accepted: false }),
      openCatchUp: (peerId) => this.#openCatchUp(plug, peerId),
      setProfile: () => undefined,
      setSharedMembers: () => undefined,
      peers: () => [],
      diagnostics: () => ({
        listenAddresses: [],
        interfaces: [],
        mdns: { enabled: false, sockets: [] },
        peers: [],
        topics: [],
        counters: {},
        advice: '',
      }),
    };
  }

  unplug({ index }: Pick<Station, 'index'>): void {
    const at = this.#plugs.findIndex((plug) => plug.index === index);
    if (at < 0) return;
    this.#plugs.splice(at, 1);
    this.changed();
  }

  #connected(left: Plug, right: Plug): boolean {
    return left.isOnline() && right.isOnline() && this.#weather.together(left.index, right.index);
  }

  #audience(plug: Plug, conversationId: ConversationId): Plug[] {
    return this.#plugs.filter(
      (other) => other !== plug && other.topics.has(conversationId) && this.#connected(plug, other),
    );
  }

  /**
   * Sends from a station, or as somebody on its wire would; answers with how many were there to take it. `reaches` chooses who
   * gets it first: a hostile member need not tell everybody at once, but gossip passes on what one of them heard.
   */
  publish(
    sender: Pick<Station, 'index'>,
    packet: NetworkPacket,
    reaches: (index: number) => boolean = () => true,
  ): number {
    const plug = this.#plugs.find(({ index }) => index === sender.index);
    if (plug === undefined || !plug.isOnline()) return 0;
    const hash = createHash('sha256').update(packet.payload).digest('hex').slice(0, 16);
    const audience = this.#audience(plug, packet.conversationId);
    this.#world.trace.note(`send ${plug.index} ${packet.subtopic} ${hash} ${audience.length}`);
    const isPassedOn = audience.some(({ index }) => reaches(index));
    for (const receiver of audience) {
      if (reaches(receiver.index)) this.#dispatch(plug, receiver, packet, { hash, relayMs: 0 });
      else if (isPassedOn)
        this.#dispatch(plug, receiver, packet, { hash, relayMs: this.#world.dice.whole(1, SLOWEST_RELAY_MS) });
    }
    return audience.length;
  }

  /** How long a byte takes between two stations that nothing disturbs. */
  #distance(from: Plug, to: Plug): number {
    return NEAREST_MS + ((from.index * 7919 + to.index * 104729) % (FARTHEST_MS - NEAREST_MS));
  }

  /** A line that loses nothing until one end is cut off, and then everything. */
  async #openCatchUp(from: Plug, peerId: PeerId): Promise<DirectChannel> {
    const to = this.#plugs.find((plug) => plug.peerId === peerId);
    if (to === undefined || !this.#connected(from, to)) throw new Error('not connected');
    const delayMs = this.#distance(from, to);
    const pair = channelPair((run) => this.#world.after(delayMs + this.#world.dice.whole(0, 1), run));
    this.#lines.push({ ends: [from, to], pair });
    this.#world.trace.note(`channel ${from.index} ${to.index}`);
    this.#world.after(delayMs, () => {
      if (!pair.isBroken()) to.onEvent({ kind: 'catchUpOpened', from: from.peerId, channel: pair.right });
    });
    return pair.left;
  }

  #dispatch(
    from: Plug,
    to: Plug,
    packet: NetworkPacket,
    { hash, relayMs }: { readonly hash: string; readonly relayMs: number },
  ): void {
    const near = this.#distance(from, to);
    for (const copy of this.#weather.copies(from.index, to.index, packet.payload)) {
      this.#world.after(near + relayMs + copy.delayMs, () => {
        this.#deliver(from, to, { ...packet, payload: copy.payload }, copy.isFault ? undefined : hash);
      });
    }
  }

  /** Without a hash the copy is a fault's doing, and comes however often it came before. */
  #deliver(from: Plug, to: Plug, packet: NetworkPacket, hash: string | undefined): void {
    if (!this.#plugs.includes(to) || !to.topics.has(packet.conversationId) || !to.isOnline()) return;
    if (!this.#weather.together(from.index, to.index)) return;
    const { now } = this.#world;
    if (hash !== undefined) {
      const last = to.delivered.get(hash);
      if (last !== undefined && now - last < REPEATED_PACKET_MS) return;
      to.delivered.set(hash, now);
    }
    this.deliveries += 1;
    this.#world.trace.note(`take ${to.index} from ${from.index} ${hash ?? 'again'}`);
    to.onEvent({ kind: 'packet', packet: { ...packet, payload: packet.payload.slice() }, from: from.peerId });
  }

  /** Somebody came, went, or was cut off: whoever hears of other subscribers now is told a little later. */
  changed(): void {
    this.#cutLines();
    for (const plug of this.#plugs) {
      if (!plug.isOnline()) {
        plug.told.clear();
        plug.known.clear();
        continue;
      }
      this.#introduce(plug);
      for (const conversationId of plug.topics) {
        const peers = this.#audience(plug, conversationId).map(({ peerId }) => peerId);
        const key = peers.join(' ');
        if (plug.told.get(conversationId) === key) continue;
        plug.told.set(conversationId, key);
        this.#world.after(this.#world.dice.whole(1, SLOWEST_CONNECTION_MS), () => {
          if (this.#plugs.includes(plug) && plug.isOnline())
            plug.onEvent({ kind: 'topicPeers', conversationId, peers });
        });
      }
    }
  }

  #cutLines(): void {
    this.#lines = this.#lines.filter(({ ends: [left, right], pair }) => {
      const stands = this.#plugs.includes(left) && this.#plugs.includes(right) && this.#connected(left, right);
      if (!stands) pair.cut();
      return stands && !pair.isBroken();
    });
  }

  /** Tells a station who is connected to it since, and who is not any more. */
  #introduce(plug: Plug): void {
    const connected = this.#plugs.filter((other) => other !== plug && this.#connected(plug, other));
    for (const other of [...plug.known]) {
      if (connected.includes(other)) continue;
      plug.known.delete(other);
      this.#tell(plug, 0, () => ({ kind: 'peerLost', peerId: other.peerId }));
    }
    for (const other of connected) {
      if (plug.known.has(other)) continue;
      plug.known.add(other);
      this.#tell(plug, this.#world.dice.whole(1, SLOWEST_CONNECTION_MS), () => {
        const { peerId, memberId, displayName } = other;
        const isStill = plug.known.has(other) && this.#plugs.includes(other) && this.#connected(plug, other);
        return isStill
          ? { kind: 'peerUpdated', peer: { peerId, memberId, displayName, addresses: [], connected: true } }
          : undefined;
      });
    }
  }

  #tell(plug: Plug, delayMs: number, compose: () => NetworkEvent | undefined): void {
    this.#world.after(delayMs, () => {
      const event = this.#plugs.includes(plug) && plug.isOnline() ? compose() : undefined;
      if (event !== undefined) plug.onEvent(event);
    });
  }
}
