/**
 * One person's device: disk and keychain that last, and the process that runs on them until it crashes: the messenger's own
 * session and use cases over simulated ports. Knows nothing of what its person wants.
 */
import type { ApiEvent } from '../../../shared/api/events.ts';
import type { ConversationId, MemberId } from '../../../shared/model/ids.ts';
import type { UseCaseContext } from '../../../main/messenger/context.ts';
import type { Handlers, Logger } from '../../../main/messenger/contract.ts';
import { conversationHandlers } from '../../../main/messenger/conversations.ts';
import { governanceHandlers } from '../../../main/messenger/governance.ts';
import { inviteHandlers } from '../../../main/messenger/invites.ts';
import { messageHandlers } from '../../../main/messenger/messages.ts';
import { deriveKeys } from '../../../main/messenger/rootSecret.ts';
import { openSession, type Session } from '../../../main/messenger/session.ts';
import type { NetworkPacket } from '../../../main/messenger/ports/network.ts';
import type { Storage } from '../../../main/messenger/ports/storage.ts';
import type { State } from '../../../main/protocol/conversation/index.ts';
import type { Step } from '../../../main/protocol/conversation/contract.ts';
import { createIdentity, type Identity } from '../../../main/protocol/identity/index.ts';
import type { createMlsService, MlsService } from '../../../main/protocol/mls/index.ts';
import {
  decodeDeviceSignatureKey,
  encodeDeviceSignatureKey,
  generateDeviceSignatureKey,
} from '../../../main/protocol/mls/index.ts';
import type { Random } from '../../../main/protocol/random.ts';
import { createUser, type User } from '../../../main/protocol/user/index.ts';
import { StorageError } from '../../../main/storage/errors.ts';
import { byteStream } from './chance.ts';
import { processClock, type ProcessClock } from './clock.ts';
import { emptyDisk, type Disk } from './disk.ts';
import { memoryKeychain } from './keychain.ts';
import type { Ether } from './network.ts';
import { knownSigner } from './signatures.ts';
import { openStore } from './store.ts';
import type { World } from './world.ts';

export type MlsFactory = typeof createMlsService;

/** The use cases that people of the simulation reach. */
export type UseCases = Pick<
  Handlers,
  Extract<
    keyof Handlers,
    | `conversation.${string}`
    | `invite.${string}`
    | `message.${string}`
    | `member.remove`
    | `proposal.${string}`
    | 'governance.log'
  >
>;

const HEARD_PACKETS = 100;

/** What the rest of the simulation sees of a device. */
export interface DeviceWatcher {
  event(device: Device, event: ApiEvent): void;
  installed(device: Device, step: Step<State>): void;
  /** A step that could not be made durable was taken back. */
  dropped(device: Device, step: Step<State>): void;
  /** Something was logged as an error, or was rejected and nobody took it. */
  failed(device: Device, message: string, error: unknown): void;
  crashed(device: Device): void;
}

/** Whether an error only says that the disk was full, as it was. */
export const isForWantOfSpace = (error: unknown): boolean => error instanceof StorageError && error.problem === 'full';

/** Thrown at the place where the power went; nobody catches it for long, because nobody is left. */
class PowerCut extends Error {
  override readonly name = 'PowerCut';
}

/** What lives until the next crash. */
export interface Process {
  readonly clock: ProcessClock;
  readonly storage: Storage;
  readonly mls: MlsService;
  readonly user: User<State>;
  /** Undefined while it opens. */
  session: Session | undefined;
  useCases: UseCases | undefined;
  alive: boolean;
}

export interface DeviceOptions {
  readonly world: World;
  readonly ether: Ether;
  readonly index: number;
  readonly createMls: MlsFactory;
  readonly watcher: DeviceWatcher;
}

export class Device {
  readonly index: number;
  readonly name: string;
  readonly identity: Identity;
  readonly random: Random;
  readonly disk: Disk = emptyDisk();
  /** The state of each conversation as the process sees it. */
  readonly states = new Map<ConversationId, State>();
  /** The last packets that came, oldest first. */
  readonly heard: NetworkPacket[] = [];
  /** What a hostile owner keeps from the wire. */
  withholds: (packet: NetworkPacket) => boolean = () => false;
  skewMs = 0;
  asleep = false;
  /** Nothing can be written; what is there can be read. */
  isFull = false;
  /** The device is at the bottom of a lake. */
  isLost = false;
  /** Since when, by true time, it runs, is awake and has space. */
  upSince = 0;
  process: Process | undefined;
  readonly #options: DeviceOptions;
  readonly #keychain;
  #writesUntilCrash: number | undefined;

  constructor(options: DeviceOptions) {
    const { world, index } = options;
    this.#options = options;
    this.index = index;
    this.name = `person ${index}`;
    this.random = byteStream(`${world.seed}/device ${index}`);
    this.#keychain = memoryKeychain({
      kind: 'privateKey',
      privateKey: byteStream(`${world.seed}/wallet ${index}`)(32),
    });
    this.identity = createIdentity(byteStream(`${world.seed}/wallet ${index}`)(32));
  }

  get memberId(): MemberId {
    return this.identity.memberId;
  }

  get now(): number {
    return this.#options.world.now + this.skewMs;
  }

  isOnline(): boolean {
    return this.process?.alive === true && this.process.session !== undefined && !this.asleep;
  }

  /** The state of a conversation, once the person is a member. */
  active(conversationId: ConversationId): (State & { readonly kind: 'active' }) | undefined {
    const state = this.process?.alive === true ? this.states.get(conversationId) : undefined;
    return state?.kind === 'active' ? state : undefined;
  }

  /** A hostile owner puts another state in the place of the present. */
  replace(after: State & { readonly kind: 'active' }): void {
    const { conversationId } = after;
    const before = this.states.get(conversationId);
    this.process?.user.install({
      conversationId,
      before,
      after,
      effects: [],
      lifecycle: [],
      reply: {},
      nextWakeupAt: undefined,
    });
    this.states.set(conversationId, after);
  }

  /** What a wire-tapper at this device would still have. */
  #remember(packet: NetworkPacket): void {
    this.heard.push(packet);
    if (this.heard.length > HEARD_PACKETS) this.heard.shift();
  }

  /** Starts the process on what the disk holds. */
  boot(): void {
    if (this.process?.alive === true || this.isLost) return;
    this.#open().catch((error: unknown) => {
      if (error instanceof PowerCut) return;
      if (isForWantOfSpace(error)) {
        // It says so and ends; its person tries again when there is space.
        if (this.process !== undefined) this.process.alive = false;
        return;
      }
      this.#options.watcher.failed(this, 'the session did not open', error);
    });
  }

  async #open(): Promise<void> {
    const { world, ether, createMls, watcher } = this.#options;
    world.trace.note(`boot ${this.index}`);
    this.states.clear();
    const random: Random = (length) => this.random(length);
    const clock = processClock(world, {
      skew: () => this.skewMs,
      isAlive: () => process.alive,
      isAsleep: () => this.asleep,
      random,
    });
    const storage = openStore(this.disk, (name, bytes) => {
      this.#point(process, name, bytes);
    });
    const secret = await this.#keychain.read();
    if (secret === undefined) throw new Error('the keychain is empty');
    const identity = knownSigner(createIdentity(deriveKeys(secret).identityPrivateKey));
    const signatureKey =
      this.disk.profile?.deviceSignatureKey ?? encodeDeviceSignatureKey(generateDeviceSignatureKey(random));
    const mls = createMls({ identity, signatureKey: decodeDeviceSignatureKey(signatureKey), random });
    const user = createUser({ identity, mls, random, displayName: this.name });
    const process: Process = { clock, storage, mls, user, session: undefined, useCases: undefined, alive: true };
    this.process = process;
    if (this.disk.profile === undefined)
      storage.transaction(() => {
        storage.profile.put({ memberId: identity.memberId, displayName: this.name, deviceSignatureKey: signatureKey });
        storage.people.putName(identity.memberId, this.name);
      });
    const session = await openSession({
      identity,
      storage,
      user: this.#watched(process),
      clock,
      logger: this.#logger(process),
      emit: (event) => {
        if (process.alive) watcher.event(this, event);
      },
      createNetwork: async (onEvent) =>
        ether.network({
          index: this.index,
          memberId: this.memberId,
          displayName: this.name,
          isOnline: () => this.isOnline(),
          withholds: (packet) => this.withholds(packet),
          onEvent: (event) => {
            if (event.kind === 'packet') this.#remember(event.packet);
            if (process.alive) onEvent(event);
          },
        }),
    });
    if (!process.alive) return;
    this.upSince = world.now;
    process.session = session;
    const context: UseCaseContext = { clock, session: () => session };
    process.useCases = {
      ...conversationHandlers(context),
      ...inviteHandlers(context),
      ...governanceHandlers(context),
      ...messageHandlers(context),
    };
    ether.changed();
  }

  /** The registry, with an eye on what becomes the present. */
  #watched(process: Process): User<State> {
    const { watcher, world } = this.#options;
    const { user } = process;
    const see = (conversationId: ConversationId, state: State | undefined): void => {
      if (state === undefined) this.states.delete(conversationId);
      else this.states.set(conversationId, state);
    };
    return {
      ...user,
      install: (step) => {
        user.install(step);
        see(step.conversationId, step.after);
        world.trace.note(
          `step ${this.index} ${step.effects.map(({ kind }) => kind).join(',')} ${step.nextWakeupAt ?? '-'}`,
        );
        if (process.alive) watcher.installed(this, step);
      },
      drop: (step) => {
        user.drop(step);
        see(step.conversationId, step.before);
        if (process.alive) watcher.dropped(this, step);
      },
    };
  }

  #logger(process: Process): Logger {
    const { watcher } = this.#options;
    return {
      debug: () => undefined,
      info: () => undefined,
      warn: () => undefined,
      error: (data, message) => {
        const error = 'error' in data ? data.error : data;
        if (process.alive && !isForWantOfSpace(error)) watcher.failed(this, message, error);
      },
    };
  }

  #point(process: Process, name: string, bytes?: Uint8Array): void {
    // A dead process may still run a few promises; nothing that it does lasts.
    if (!process.alive) throw new PowerCut();
    if (this.isFull && name !== 'durable') throw new StorageError('full', 'There is no space left.');
    this.#options.world.trace.note(`write ${this.index} ${name}`, bytes);
    if (this.#writesUntilCrash === undefined) return;
    this.#writesUntilCrash -= 1;
    if (this.#writesUntilCrash > 0) return;
    this.crash();
    throw new PowerCut();
  }

  /** The power goes at the `writes`-th write from now on; the places before and after each commit count too. */
  crashAfter(writes: number): void {
    this.#writesUntilCrash = writes;
  }

  /** Ends the process now, wherever it is. */
  crash(): void {
    this.#writesUntilCrash = undefined;
    const { process } = this;
    if (process?.alive !== true) return;
    process.alive = false;
    this.#options.world.trace.note(`crash ${this.index}`);
    this.#options.ether.unplug({ index: this.index });
    this.#options.watcher.crashed(this);
  }

  /** Space on the disk is gone, or there again. */
  setFull(isFull: boolean): void {
    this.isFull = isFull;
    this.upSince = this.#options.world.now;
  }

  /** It never runs again. */
  lose(): void {
    this.isLost = true;
    this.crash();
  }

  /** Suspends the process: it keeps everything and does nothing. */
  sleep(): void {
    this.asleep = true;
    this.#options.ether.changed();
  }

  wake(): void {
    if (!this.asleep) return;
    this.asleep = false;
    this.upSince = this.#options.world.now;
    this.process?.clock.wake();
    this.#options.ether.changed();
  }
}
