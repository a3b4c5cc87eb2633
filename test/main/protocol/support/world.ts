/**
 * A small deterministic world of users with real MLS: one manual clock, one packet bus that may delay, drop, repeat and reorder, and
 * for every node what a messenger would have stored. One seed replays exactly.
 */
import { createHash } from 'node:crypto';
import type { GovernanceEntry, Message, Proposal } from '../../../../shared/api/model.ts';
import { friendsPreset, type ConversationSettings } from '../../../../shared/api/settings.ts';
import type { ConversationId, MemberId, MessageId, ProposalId } from '../../../../shared/model/ids.ts';
import type { ConversationOptions, State } from '../../../../main/protocol/conversation/index.ts';
import type {
  ConversationInput,
  ConversationLifecycle,
  ConversationView,
  Effect,
  LogEntry,
  SessionEvent,
  Step,
  Subtopic,
} from '../../../../main/protocol/conversation/contract.ts';
import { createIdentity, type Identity } from '../../../../main/protocol/identity/index.ts';
import {
  createMlsService,
  generateDeviceSignatureKey,
  type DeviceSignatureKey,
  type MlsGroup,
  type MlsService,
} from '../../../../main/protocol/mls/index.ts';
import type { Random } from '../../../../main/protocol/random.ts';
import { encodeAppMessage } from '../../../../main/protocol/wire/index.ts';
import { createUser, type JoinInvite, type User } from '../../../../main/protocol/user/index.ts';

export const START = Date.UTC(2026, 4, 1, 12);
export const CONVERSATION = 'aaaabbbbccccddddeeeeffffgg' as ConversationId;

/** A deterministic stream: SHA-256 of seed and counter. */
export function seededRandom(seed: string): Random {
  let counter = 0;
  return (length) => {
    const bytes = new Uint8Array(length);
    for (let offset = 0; offset < length; offset += 32) {
      const block = createHash('sha256').update(`${seed}/${counter++}`).digest();
      bytes.set(block.subarray(0, Math.min(32, length - offset)), offset);
    }
    return bytes;
  };
}

export interface Packet {
  readonly from: string;
  readonly subtopic: Subtopic;
  readonly payload: Uint8Array;
  readonly conversationId: ConversationId;
}

/** When a packet reaches a node, in ms after it was sent, once for each entry; none: it is lost. */
export type Delivery = (packet: Packet, to: string, index: number) => readonly number[];

export interface WorldOptions {
  readonly seed?: string;
  readonly delivery?: Delivery;
  /** Every node is made anew from what it stored after each of its steps. */
  readonly restartAlways?: boolean;
  readonly options?: Partial<ConversationOptions>;
}

interface Stored {
  readonly parts: Map<string, Uint8Array>;
  readonly scores: Map<MemberId, bigint>;
}

/** One person with one device, and what its messenger stored. */
export interface Node {
  readonly name: string;
  readonly memberId: MemberId;
  readonly identity: Identity;
  readonly mls: MlsService;
  readonly deviceKey: DeviceSignatureKey;
  readonly random: Random;
  user: User<State>;
  wakeAt: number | undefined;
  readonly stored: Map<ConversationId, Stored>;
  readonly messages: Map<MessageId, Message>;
  readonly journal: GovernanceEntry[];
  /** Records of the group's journal by epoch. */
  readonly groupJournal: Map<number, Uint8Array>;
  /** What it keeps for others, as the store would. */
  readonly log: LogEntry[];
  readonly proposals: Map<ProposalId, Proposal>;
  readonly events: SessionEvent[];
  readonly lifecycle: ConversationLifecycle[];
  readonly names: Map<MemberId, string>;
  /** Packets that this node sent. */
  readonly sent: Packet[];
  readonly steps: Step<State>[];
}

interface InFlight {
  readonly at: number;
  readonly order: number;
  readonly to: Node;
  readonly packet: Packet;
}

export class World {
  now = START;
  readonly nodes = new Map<string, Node>();
  delivery: Delivery;
  readonly #options: WorldOptions;
  #flying: InFlight[] = [];
  #sent = 0;
  #order = 0;

  constructor(options: WorldOptions = {}) {
    this.#options = options;
    this.delivery = options.delivery ?? (() => [5]);
  }

  /** Makes a node with a fresh identity, or with that of an earlier node on another device; or with another identity on its device. */
  node(name: string, sameWalletAs?: Node, sameDeviceAs?: Node): Node {
    const seed = `${this.#options.seed ?? 'world'}/${name}`;
    const random = seededRandom(seed);
    const identity = sameWalletAs?.identity ?? createIdentity(createHash('sha256').update(`wallet ${seed}`).digest());
    const deviceKey = sameDeviceAs?.deviceKey ?? generateDeviceSignatureKey(random);
    const mls = createMlsService({ identity, signatureKey: deviceKey, random });
    const node: Node = {
      name,
      memberId: identity.memberId,
      identity,
      mls,
      deviceKey,
      random,
      user: this.#makeUser(name, identity, mls, random),
      wakeAt: undefined,
      stored: new Map(),
      messages: new Map(),
      journal: [],
      groupJournal: new Map(),
      log: [],
      proposals: new Map(),
      events: [],
      lifecycle: [],
      names: new Map(),
      sent: [],
      steps: [],
    };
    this.nodes.set(name, node);
    return node;
  }

  #makeUser(name: string, identity: Identity, mls: MlsService, random: Random): User<State> {
    const { options } = this.#options;
    return createUser({ identity, mls, random, displayName: name, ...(options === undefined ? {} : { options }) });
  }

  /** Throws the running user away and goes on from what was stored. */
  restart(node: Node): void {
    node.user = this.#makeUser(node.name, node.identity, node.mls, node.random);
    node.wakeAt = undefined;
    for (const [conversationId, { parts, scores }] of node.stored) {
      const wakeAt = node.user.restore({ conversationId, parts, scores: [...scores] }, this.now);
      if (wakeAt !== undefined) node.wakeAt = Math.min(node.wakeAt ?? wakeAt, wakeAt);
    }
  }

  async create(node: Node, settings: Partial<ConversationSettings> = {}, conversationId = CONVERSATION): Promise<void> {
    const rules = { ...friendsPreset, ...settings };
    this.#commit(
      node,
      await node.user.createConversationWithConfig({ conversationId, name: 'Hikers', settings: rules }, this.now),
    );
  }

  /** The invite that a member would hand out now. */
  invite(node: Node, conversationId = CONVERSATION): JoinInvite {
    const secret = this.view(node, conversationId).inviteSecret;
    if (secret === undefined) throw new Error(`${node.name} has no invite secret`);
    return { conversationId, conversationName: 'Hikers', inviter: node.memberId, inviterName: node.name, secret };
  }

  async join(node: Node, invite: JoinInvite): Promise<void> {
    this.#commit(node, await node.user.startConversation({ kind: 'join', invite }, this.now));
  }

  async input(node: Node, input: ConversationInput, conversationId = CONVERSATION): Promise<Step<State>> {
    const step = await node.user.step(conversationId, input, this.now);
    this.#commit(node, step);
    return step;
  }

  async say(node: Node, text: string): Promise<MessageId> {
    const hex = Buffer.from(node.random(16)).toString('hex');
    const time = this.now.toString(16).padStart(12, '0');
    const messageId =
      `${time.slice(0, 8)}-${time.slice(8)}-7${hex.slice(0, 3)}-8${hex.slice(3, 6)}-${hex.slice(6, 18)}` as MessageId;
    await this.input(node, { kind: 'sendMessage', messageId, text });
    return messageId;
  }

  view(node: Node, conversationId = CONVERSATION): ConversationView {
    const view = node.user.view(conversationId);
    if (view === undefined) throw new Error(`${node.name} has no such conversation`);
    return view;
  }

  #commit(node: Node, step: Step<State>): void {
    const { conversationId } = step;
    node.user.install(step);
    node.steps.push(step);
    node.lifecycle.push(...step.lifecycle);
    if (step.after === undefined) node.stored.delete(conversationId);
    else {
      const stored = node.stored.get(conversationId) ?? { parts: new Map(), scores: new Map() };
      node.stored.set(conversationId, stored);
      const { parts, scores } = node.user.writesOf(step);
      for (const { name, bytes } of parts) {
        if (bytes === null) stored.parts.delete(name);
        else stored.parts.set(name, bytes);
      }
      for (const { memberId, score } of scores) {
        if (score === null) stored.scores.delete(memberId);
        else stored.scores.set(memberId, score);
      }
    }
    node.wakeAt = step.nextWakeupAt;
    for (const effect of step.effects) this.#carryOut(node, conversationId, effect);
    if (this.#options.restartAlways === true) this.restart(node);
  }

  #carryOut(node: Node, conversationId: ConversationId, effect: Effect): void {
    switch (effect.kind) {
      case 'publish':
        this.send({ from: node.name, subtopic: effect.subtopic, payload: effect.payload, conversationId });
        return;
      case 'message':
        if (!node.messages.has(effect.message.messageId)) node.messages.set(effect.message.messageId, effect.message);
        return;
      case 'messageStatus': {
        const message = node.messages.get(effect.messageId);
        if (message !== undefined) node.messages.set(effect.messageId, { ...message, status: effect.status });
        return;
      }
      case 'delivery': {
        const message = node.messages.get(effect.messageId);
        if (message === undefined) return;
        const { deliveredTo, expected } = effect;
        const isEverywhere = expected > 0 && deliveredTo.length === expected;
        const status = isEverywhere ? 'delivered' : message.status;
        node.messages.set(effect.messageId, { ...message, deliveredTo: [...deliveredTo], expected, status });
        return;
      }
      case 'journal':
        node.journal.push(effect.entry);
        return;
      case 'groupJournal':
        for (const epoch of [...node.groupJournal.keys()]) if (epoch >= effect.epoch) node.groupJournal.delete(epoch);
        node.groupJournal.set(effect.epoch, effect.record);
        return;
      case 'log':
        keep(node.log, effect.entry);
        return;
      case 'abandoned':
        for (const epoch of [...node.groupJournal.keys()]) if (epoch >= effect.from) node.groupJournal.delete(epoch);
        return;
      case 'proposal':
        node.proposals.set(effect.proposal.proposalId, effect.proposal);
        return;
      case 'memberName':
        node.names.set(effect.memberId, effect.displayName);
        return;
      case 'catchUp':
        return;
      case 'event':
        node.events.push(effect.event);
        return;
      default:
        effect satisfies never;
    }
  }

  /** Puts a packet on the bus. */
  send(packet: Packet): void {
    this.nodes.get(packet.from)?.sent.push(packet);
    const index = this.#sent++;
    for (const to of this.nodes.values()) {
      if (to.name === packet.from) continue;
      for (const after of this.delivery(packet, to.name, index)) {
        this.#flying.push({ at: this.now + after, order: this.#order++, to, packet });
      }
    }
  }

  /** Runs packets and wake-ups until `ms` have passed. */
  async run(ms: number): Promise<void> {
    const end = this.now + ms;
    while (await this.#next(end));
    this.now = end;
  }

  /** The earliest packet or wake-up up to `end`; false when there is none. */
  async #next(end: number): Promise<boolean> {
    const packet = this.#flying.reduce<InFlight | undefined>(
      (first, other) =>
        first === undefined || other.at < first.at || (other.at === first.at && other.order < first.order)
          ? other
          : first,
      undefined,
    );
    const waking = [...this.nodes.values()].reduce<Node | undefined>(
      (first, other) =>
        other.wakeAt !== undefined && (first?.wakeAt === undefined || other.wakeAt < first.wakeAt) ? other : first,
      undefined,
    );
    const wakeAt = waking?.wakeAt ?? Infinity;
    const at = Math.min(packet?.at ?? Infinity, wakeAt);
    if (at > end) return false;
    this.now = Math.max(this.now, at);
    if (packet !== undefined && packet.at <= wakeAt) {
      this.#flying = this.#flying.filter((other) => other !== packet);
      const { to } = packet;
      const { conversationId, subtopic, payload } = packet.packet;
      if (to.user.view(conversationId) === undefined) return true;
      await this.input(to, { kind: 'packet', subtopic, payload: Uint8Array.from(payload) }, conversationId);
      return true;
    }
    if (waking === undefined) return false;
    waking.wakeAt = undefined;
    for (const conversationId of waking.user.conversations())
      await this.input(waking, { kind: 'wake' }, conversationId);
    return true;
  }

  /** A group of which `names[0]` is the creator and into which all others were let, one after the other. */
  async group(names: readonly string[], settings: Partial<ConversationSettings> = {}): Promise<Node[]> {
    const nodes = names.map((name) => this.node(name));
    const [creator, ...others] = nodes;
    if (creator === undefined) throw new Error('a group needs a creator');
    await this.create(creator, settings);
    for (const other of others) {
      await this.join(other, this.invite(creator));
      await this.run(30_000);
      if (this.view(other).phase !== 'working')
        throw new Error(`${other.name} did not get in: ${JSON.stringify(this.view(creator).counters)}`);
    }
    return nodes;
  }
}

/** What the store does with an entry of the log. */
function keep(log: LogEntry[], entry: LogEntry): void {
  const isGone = (other: LogEntry): boolean =>
    (entry.kind === 'epoch' && other.epoch >= entry.epoch) ||
    (entry.kind === 'commit' && other.kind === 'commit' && other.epoch === entry.epoch);
  log.splice(0, log.length, ...log.filter((other) => !isGone(other)), entry);
}

/** What must be equal at all members: epoch, authenticator, members, list, rules. */
export function agreed(view: ConversationView) {
  return {
    epoch: view.epoch,
    epochAuthenticator: view.epochAuthenticator,
    journalHead: view.journalHead,
    members: view.members.map(({ memberId }) => memberId),
    roles: view.members.map(({ memberId, role }) => [memberId, role]),
    stewards: view.stewards,
    electionEpoch: view.electionEpoch,
    settings: view.settings,
    name: view.name,
    inviteSecret: Buffer.from(view.inviteSecret ?? []).toString('hex'),
  };
}

/** Texts of people, in the order in which the node stored them. */
export const texts = (node: Node): string[] =>
  [...node.messages.values()].filter(({ system }) => system === undefined).map(({ text }) => text);

/** The MLS group of a member, for tests that play a hostile member: what it encrypts is genuine, what it says need not be. */
export function groupOf(node: Node): MlsGroup {
  const state = node.steps.at(-1)?.after;
  if (state?.kind !== 'active') throw new Error(`${node.name} is no member`);
  return state.group;
}

/** Where the ratchet of a member stands that forged messages in its present epoch. */
const forged = new WeakMap<Node, MlsGroup>();

/** Sends any AppMessage as that member, outside its own conversation core. */
export async function forge(world: World, node: Node, message: Parameters<typeof encodeAppMessage>[0]): Promise<void> {
  const own = groupOf(node);
  const last = forged.get(node);
  const base = last?.epoch === own.epoch ? last : own;
  const { group, ciphertext } = await node.mls.encrypt(base, encodeAppMessage(message));
  forged.set(node, group);
  world.send({ from: node.name, subtopic: 'app_msg', payload: ciphertext, conversationId: CONVERSATION });
}
