/**
 * When exchanges are made, and with whom: with every member that connects, with some when a conversation lacks something, with
 * whoever listens while we wait to be let in. One with each peer at a time, a few in all. Knows no frame.
 */
import {
  CATCH_UP_ASKED_AT_ONCE,
  CATCH_UP_ASKED_IN_TURN,
  CATCH_UP_PAUSE_MS,
  CATCH_UP_WAIT_MS,
  MAX_CATCH_UP_DOUBLINGS,
  MAX_EXCHANGES_EACH_WAY,
} from '../../../shared/limits.ts';
import type { ConversationId, MemberId, PeerId } from '../../../shared/model/ids.ts';
import type { Clock } from '../../clock.ts';
import type { Logger } from '../contract.ts';
import type { DirectChannel, Network, PeerView } from '../ports/network.ts';
import { runExchange, type ExchangeContext, type ExchangeOutcome } from './exchange.ts';

export interface CatchUpOptions extends Omit<ExchangeContext, 'ownPeerId' | 'listensTo' | 'memberOf'> {
  readonly network: Pick<Network, 'peerId' | 'openCatchUp' | 'topicPeers'>;
  readonly logger: Logger;
  /** An exchange with a member ended in order. */
  readonly caughtUp: (conversationId: ConversationId, them: MemberId, whole: boolean) => void;
}

export interface CatchUp {
  /** A peer is there, or is known better now. */
  peerUpdated(peer: PeerView): void;
  peerLost(peerId: PeerId): void;
  /** Somebody may share a group with us since. */
  sharesChanged(): void;
  /** These listen to a conversation's topics now. */
  topicPeers(conversationId: ConversationId, peers: readonly PeerId[]): void;
  /** A peer opened an exchange. */
  opened(from: PeerId, channel: DirectChannel): void;
  /** A conversation lacks something, or is behind. */
  ask(conversationId: ConversationId): void;
  /** Ends all exchanges; resolves when none is left. */
  close(): Promise<void>;
}

interface Running {
  readonly way: 'in' | 'out';
  readonly controller: AbortController;
  readonly done: Promise<void>;
}

interface Peer {
  readonly peerId: PeerId;
  memberId: MemberId | undefined;
  /** Since it connected there was an exchange, or one is on its way. */
  isGreeted: boolean;
  /** When the last exchange with it ended, ms; it outlives a connection. */
  endedAt: number | undefined;
  /** Exchanges in a row that failed or brought nothing that was asked for. */
  failures: number;
  timer: ReturnType<Clock['setTimeout']> | undefined;
  running: Running | undefined;
  connected: boolean;
}

export function createCatchUp(options: CatchUpOptions): CatchUp {
  const { network, clock, logger, user } = options;
  const peers = new Map<PeerId, Peer>();
  /** Conversations that lack something, and how many more members are asked for it. */
  const wanting = new Map<ConversationId, number>();
  let closed = false;

  const context: ExchangeContext = {
    ...options,
    ownPeerId: network.peerId,
    memberOf: (peerId) => peers.get(peerId)?.memberId,
    listensTo: (peerId, conversationId) => network.topicPeers(conversationId).includes(peerId),
  };

  const peerOf = (peerId: PeerId): Peer => {
    const known = peers.get(peerId);
    if (known !== undefined) return known;
    const peer: Peer = {
      peerId,
      memberId: undefined,
      isGreeted: false,
      endedAt: undefined,
      failures: 0,
      timer: undefined,
      running: undefined,
      connected: false,
    };
    peers.set(peerId, peer);
    return peer;
  };
  const countRunning = (way: 'in' | 'out'): number =>
    [...peers.values()].filter(({ running }) => running?.way === way).length;

  const cancel = (peer: Peer): void => {
    if (peer.timer !== undefined) clock.clearTimeout(peer.timer);
    peer.timer = undefined;
  };

  /** Opens an exchange with a peer in `delayMs`, unless one is planned or runs. */
  const plan = (peer: Peer, delayMs: number): void => {
    if (closed || !peer.connected || peer.timer !== undefined || peer.running !== undefined) return;
    peer.timer = clock.setTimeout(() => {
      peer.timer = undefined;
      if (closed || !peer.connected || peer.running !== undefined) return;
      if (countRunning('out') >= MAX_EXCHANGES_EACH_WAY) plan(peer, CATCH_UP_PAUSE_MS);
      else open(peer);
    }, delayMs);
  };

  /** No sooner than after a pause since the last, which grows while exchanges bring nothing. */
  const planAgain = (peer: Peer): void => {
    const pause = CATCH_UP_PAUSE_MS * 2 ** Math.min(peer.failures, MAX_CATCH_UP_DOUBLINGS);
    plan(peer, peer.endedAt === undefined ? 0 : Math.max(0, peer.endedAt + pause - clock.now()));
  };

  const run = (peer: Peer, way: 'in' | 'out', work: (signal: AbortSignal) => Promise<DirectChannel>): void => {
    cancel(peer);
    peer.isGreeted = true;
    const controller = new AbortController();
    const carryOut = async (): Promise<void> => {
      // Whoever comes in its place counts from then on.
      const isReplaced = (): boolean => peer.running?.controller !== controller;
      try {
        const channel = await work(controller.signal);
        controller.signal.addEventListener('abort', () => {
          channel.abort(new Error('the exchange is given up'));
        });
        if (controller.signal.aborted) channel.abort(new Error('the exchange is given up'));
        const outcome = await runExchange(channel, way === 'out' ? 'opener' : 'taker', peer.peerId, context);
        if (!isReplaced()) ended(peer, outcome);
      } catch (error) {
        if (isReplaced()) return;
        peer.failures += 1;
        logger.info({ peer: peer.peerId, error: String(error) }, 'an exchange did not end in order');
        settled(peer);
        if (way === 'out' && peer.failures <= MAX_CATCH_UP_DOUBLINGS) planAgain(peer);
      }
    };
    // One turn later, so that it is known to run before it ends.
    peer.running = { way, controller, done: Promise.resolve().then(carryOut) };
  };

  const open = (peer: Peer): void => {
    run(peer, 'out', (signal) => network.openCatchUp(peer.peerId, { signal }));
  };

  const settled = (peer: Peer): void => {
    peer.running = undefined;
    peer.endedAt = clock.now();
    if (!peer.connected) peers.delete(peer.peerId);
  };

  const ended = (peer: Peer, outcome: ExchangeOutcome): void => {
    const { them, conversations, missing, stuck, useful, given } = outcome;
    logger.debug({ peer: peer.peerId, useful, given, missing: missing.size }, 'an exchange ended');
    if (them !== undefined)
      for (const conversationId of conversations) {
        const standing = user.standing(conversationId, clock.now());
        if (standing?.kind === 'member' && standing.members.includes(them))
          options.caughtUp(conversationId, them, !stuck.has(conversationId));
      }
    for (const conversationId of conversations) askOn(conversationId, useful > 0);
    peer.failures = stuck.size > 0 && useful === 0 ? peer.failures + 1 : 0;
    settled(peer);
    // It comes on when the vote is over, or the freeze.
    if (stuck.size > 0 && peer.failures <= MAX_CATCH_UP_DOUBLINGS) planAgain(peer);
  };

  /** Plans exchanges with so many of those who may have it, longest not asked first. */
  const askSome = (conversationId: ConversationId, count: number): void => {
    const standing = user.standing(conversationId, clock.now());
    if (standing === undefined) return;
    const listening = network.topicPeers(conversationId);
    const able = [...peers.values()].filter(({ peerId, memberId, connected, running }) => {
      const isOfGroup =
        standing.kind === 'joiner'
          ? listening.includes(peerId)
          : memberId !== undefined && standing.members.includes(memberId);
      return connected && running === undefined && isOfGroup;
    });
    const longestAgo = able.sort((a, b) => (a.endedAt ?? 0) - (b.endedAt ?? 0));
    for (const peer of longestAgo.slice(0, count)) planAgain(peer);
  };

  /** Somebody was asked: the next one is when that brought nothing. */
  const askOn = (conversationId: ConversationId, isHelped: boolean): void => {
    const left = wanting.get(conversationId);
    if (left === undefined) return;
    if (isHelped || left === 0) {
      wanting.delete(conversationId);
      return;
    }
    wanting.set(conversationId, left - 1);
    askSome(conversationId, 1);
  };

  /** A member whom we did not greet since it connected: the one with the smaller id opens, the other when nothing came. */
  const greet = (peer: Peer): void => {
    if (peer.isGreeted || peer.memberId === undefined || !user.sharesConversationWith(peer.memberId)) return;
    plan(peer, network.peerId < peer.peerId ? 0 : CATCH_UP_WAIT_MS);
  };

  return {
    peerUpdated({ peerId, memberId, connected }) {
      if (!connected) return;
      const peer = peerOf(peerId);
      peer.connected = true;
      peer.memberId = memberId;
      greet(peer);
    },
    peerLost(peerId) {
      const peer = peers.get(peerId);
      if (peer === undefined) return;
      cancel(peer);
      peer.connected = false;
      peer.isGreeted = false;
      peer.failures = 0;
      peer.running?.controller.abort();
      if (peer.running === undefined) peers.delete(peerId);
    },
    sharesChanged() {
      for (const peer of peers.values()) if (peer.connected) greet(peer);
    },
    topicPeers(conversationId, listening) {
      if (user.standing(conversationId, clock.now())?.awaited === undefined) return;
      for (const peerId of listening) {
        const peer = peerOf(peerId);
        peer.connected = true;
        planAgain(peer);
      }
    },
    opened(from, channel) {
      const peer = peerOf(from);
      peer.connected = true;
      // Both opened at once: the one of the smaller id goes on.
      const isSecond = peer.running !== undefined && (peer.running.way === 'in' || network.peerId < from);
      if (closed || isSecond || countRunning('in') >= MAX_EXCHANGES_EACH_WAY) {
        channel.abort(new Error('not now'));
        return;
      }
      peer.running?.controller.abort();
      run(peer, 'in', async () => channel);
    },
    ask(conversationId) {
      wanting.set(conversationId, CATCH_UP_ASKED_IN_TURN);
      askSome(conversationId, CATCH_UP_ASKED_AT_ONCE);
    },
    async close() {
      closed = true;
      const running = [...peers.values()].flatMap((peer) => {
        cancel(peer);
        peer.running?.controller.abort();
        return peer.running?.done ?? [];
      });
      await Promise.all(running);
    },
  };
}
