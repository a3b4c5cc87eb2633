/**
 * Two nodes of a small deterministic world in an exchange, over a channel in memory, with a hand in between for hostile sides.
 */
import type { ConversationId, PeerId } from '../../../../shared/model/ids.ts';
import type { Clock } from '../../../../main/clock.ts';
import {
  runExchange,
  type ExchangeContext,
  type ExchangeOutcome,
} from '../../../../main/messenger/catchUp/exchange.ts';
import { framesOver, type Frames } from '../../../../main/messenger/catchUp/frames.ts';
import { greet } from '../../../../main/messenger/catchUp/handshake.ts';
import type { DirectChannel } from '../../../../main/messenger/ports/network.ts';
import type { Storage } from '../../../../main/messenger/ports/storage.ts';
import type { LogEntry } from '../../../../main/protocol/conversation/contract.ts';
import { channelPair } from '../../../simulate/world/channel.ts';
import { CONVERSATION, type Node, type World } from '../../protocol/support/world.ts';

/** Waits for the event loop, so that a test's clock may be turned in between. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A clock whose timers fire when the test says so. */
export class TestClock implements Clock {
  readonly #world: World;
  readonly #random: (length: number) => Uint8Array;
  #timers: { readonly at: number; readonly run: () => void }[] = [];

  constructor(world: World, random: (length: number) => Uint8Array) {
    this.#world = world;
    this.#random = random;
  }

  now(): number {
    return this.#world.now;
  }

  setTimeout(run: () => void, delayMs: number): object {
    const timer = { at: this.now() + delayMs, run };
    this.#timers.push(timer);
    return timer;
  }

  clearTimeout(timer: object): void {
    this.#timers = this.#timers.filter((other) => other !== timer);
  }

  random(length: number): Uint8Array {
    return this.#random(length);
  }

  get waiting(): number {
    return this.#timers.length;
  }

  /** Everything that is due by now fires. */
  fire(): void {
    for (const timer of [...this.#timers]) {
      if (timer.at > this.now()) continue;
      this.clearTimeout(timer);
      timer.run();
    }
  }
}

export const peerIdOf = (node: Node): PeerId => `peer-${node.name}` as PeerId;

const keepsByItself = (): never => {
  throw new Error('a node of the world keeps by itself');
};

/** What a node keeps, as the store would answer. */
export function logOf(node: Node): Storage['packetLog'] {
  type Kind<K extends LogEntry['kind']> = Extract<LogEntry, { kind: K }>;
  const all = <K extends LogEntry['kind']>(kind: K, epoch?: number): Kind<K>[] =>
    node.log.filter((entry): entry is Kind<K> => entry.kind === kind && (epoch === undefined || entry.epoch === epoch));
  const unique = (epoch: number): Kind<'app'>[] => [
    ...new Map(all('app', epoch).map((entry) => [Buffer.from(entry.hash).toString('hex'), entry])).values(),
  ];
  return {
    put: keepsByItself,
    dropFrom: keepsByItself,
    epoch: (_id, epoch) => all('epoch', epoch)[0],
    commit: (_id, epoch) => all('commit', epoch)[0],
    hashes: (_id, epoch) => unique(epoch).map(({ hash }) => hash),
    messages: (_id, epoch, { after, limit }) =>
      unique(epoch)
        .map(({ hash, payload }, index) => ({ position: index + 1, hash, payload }))
        .filter(({ position }) => position > (after ?? 0))
        .slice(0, limit),
    welcomes: () =>
      all('welcome')
        .map(({ payload }) => payload)
        .reverse(),
  };
}

/** One side of an exchange. */
export function contextOf(world: World, node: Node, clock: Clock, others: readonly Node[]): ExchangeContext {
  let last: Promise<unknown> = Promise.resolve();
  return {
    clock,
    identity: node.identity,
    ownPeerId: peerIdOf(node),
    user: node.user,
    log: logOf(node),
    deliver: (conversationId, packet) => {
      // One after the other, as a mailbox does.
      const step = last.then(async () =>
        node.user.view(conversationId) === undefined ? undefined : world.input(node, packet, conversationId),
      );
      last = step.catch(() => undefined);
      return step;
    },
    memberOf: (peerId) => others.find((other) => peerIdOf(other) === peerId)?.memberId,
    listensTo: (_peerId, conversationId: ConversationId) => conversationId === CONVERSATION,
  };
}

export interface Pair {
  readonly opener: Promise<ExchangeOutcome>;
  readonly taker: Promise<ExchangeOutcome>;
  readonly clock: TestClock;
}

/** Begins an exchange; `between` may change what either side sends. */
export function exchange(
  world: World,
  opener: Node,
  taker: Node,
  between: (channel: DirectChannel, side: 'opener' | 'taker') => DirectChannel = (channel) => channel,
): Pair {
  const clock = new TestClock(world, opener.random);
  const pair = channelPair((run) => setImmediate(run));
  const others = [opener, taker];
  const first = runExchange(between(pair.left, 'opener'), 'opener', peerIdOf(taker), {
    ...contextOf(world, opener, clock, others),
  });
  const second = runExchange(between(pair.right, 'taker'), 'taker', peerIdOf(opener), {
    ...contextOf(world, taker, clock, others),
  });
  // Whoever waits for one of them only must not be told of the other's failure as of nobody's.
  first.catch(() => undefined);
  second.catch(() => undefined);
  return { opener: first, taker: second, clock };
}

/** An honest taker and a hostile opener: the frames in the test's own hands, after an honest proof. */
export async function hostileOpener(
  world: World,
  hostile: Node,
  taker: Node,
): Promise<{
  readonly frames: Frames;
  readonly channel: DirectChannel;
  readonly taker: Promise<ExchangeOutcome>;
  readonly clock: TestClock;
}> {
  const clock = new TestClock(world, hostile.random);
  const pair = channelPair((run) => setImmediate(run));
  const outcome = runExchange(pair.right, 'taker', peerIdOf(hostile), contextOf(world, taker, clock, [hostile, taker]));
  outcome.catch(() => undefined);
  const frames = framesOver(pair.left, clock);
  const { prove } = await greet(frames, {
    identity: hostile.identity,
    ownPeerId: peerIdOf(hostile),
    remotePeerId: peerIdOf(taker),
    random: hostile.random,
  });
  await prove();
  return { frames, channel: pair.left, taker: outcome, clock };
}
