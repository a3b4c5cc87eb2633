/**
 * The `hello` protocol on the wire: after connecting, both sides say who they are, or that they do not.
 *
 * The dialler asks first, the other answers knowing who asked, and the dialler may add its name once it knows who answered:
 * three frames at most, each optional name decided by `composeHello`.
 */
import { UnsupportedProtocolError } from '@libp2p/interface';
import type { Connection, Stream } from '@libp2p/interface';
import type { NetworkClock, NetworkLogger } from '../messenger/ports/network.ts';
import { DIRECT_EXCHANGE_MS, HELLO_BURST, HELLO_REFILL_MS, MAX_KNOWN_PEERS } from '../../shared/limits.ts';
import type { MemberId, PeerId } from '../../shared/model/ids.ts';
import { createRateLimiter } from './backoff.ts';
import { pause, startDeadline } from './deadline.ts';
import { frameStream } from './directFrames.ts';
import { composeHello, HELLO_PROTOCOL, helloSchema, judgeHello } from './helloMessages.ts';
import type { Hello, HelloSpeaker } from './helloMessages.ts';

/** Waits after each failed exchange; the last one ends the attempts for this connection. */
const RETRY_WAITS_MS: readonly number[] = [2_000, 8_000, 0];

export interface HelloOptions {
  readonly clock: NetworkClock;
  readonly logger: NetworkLogger;
  readonly speaker: () => HelloSpeaker;
  readonly verify: (memberId: MemberId, payload: Uint8Array, signature: Uint8Array) => boolean;
  /** Who the peer proved to be before, in this process. */
  readonly provenMember: (peerId: PeerId) => MemberId | undefined;
  readonly onHello: (connection: Connection, learned: HelloLearned) => void;
  readonly count: (counter: string) => void;
}

/** What one hello taught us of its speaker. */
export interface HelloLearned {
  readonly listenAddresses: readonly string[];
  readonly member?: { readonly memberId: MemberId; readonly displayName: string };
  /** It knows who we are and does not say who it is: a name that it told us earlier no longer stands. */
  readonly hides?: boolean;
}

export interface HelloProtocol {
  /**
   * Opens an exchange, again after a wait when it fails. Never throws: a peer without the protocol stays anonymous.
   */
  greet(connection: Connection, signal: AbortSignal): Promise<void>;
  /** Answers an exchange that a peer opened. */
  handle(stream: Stream, connection: Connection): Promise<void>;
}

/** Makes the protocol; the caller registers `handle` under HELLO_PROTOCOL. */
export function createHello(options: HelloOptions): HelloProtocol {
  const { clock, logger, count } = options;
  const limiter = createRateLimiter(HELLO_BURST, HELLO_REFILL_MS, MAX_KNOWN_PEERS);

  /** Judges a hello that came after ours (`told`, if any); returns who the peer is proven to be by now. */
  function learn(connection: Connection, hello: Hello, told: Hello | undefined): MemberId | undefined {
    const remote = connection.remotePeer.toString() as PeerId;
    const verdict = judgeHello(hello, options.speaker().peerId, remote, options.verify);
    switch (verdict.kind) {
      case 'forged':
        count('hello.forged');
        logger.warn({ peerId: remote }, 'a peer claimed a member id without proof');
        return options.provenMember(remote);
      case 'anonymous':
        count('hello.anonymous');
        options.onHello(connection, { listenAddresses: hello.listenAddresses, hides: told?.named !== undefined });
        return options.provenMember(remote);
      case 'proven':
        count('hello.proven');
        options.onHello(connection, {
          listenAddresses: hello.listenAddresses,
          member: { memberId: verdict.memberId, displayName: verdict.displayName },
        });
        return verdict.memberId;
    }
  }

  /** One exchange that we open; throws when it does not complete. */
  async function exchange(connection: Connection, signal: AbortSignal): Promise<void> {
    const remote = connection.remotePeer.toString() as PeerId;
    const deadline = startDeadline(clock, DIRECT_EXCHANGE_MS, signal);
    let stream: Stream | undefined;
    try {
      stream = await connection.newStream(HELLO_PROTOCOL, { signal: deadline.signal });
      const frames = frameStream(stream);
      const first = composeHello(options.speaker(), remote, options.provenMember(remote));
      await frames.write(first, deadline.signal);
      const member = learn(connection, await frames.read(helloSchema, deadline.signal), first);
      if (first.named === undefined) {
        await frames.write(composeHello(options.speaker(), remote, member), deadline.signal);
      }
      await stream.close({ signal: deadline.signal });
    } catch (error) {
      stream?.abort(error instanceof Error ? error : new Error(String(error)));
      throw error;
    } finally {
      deadline.done();
    }
  }

  return {
    async greet(connection, signal) {
      for (const wait of RETRY_WAITS_MS) {
        if (signal.aborted || connection.status !== 'open') return;
        try {
          await exchange(connection, signal);
          return;
        } catch (error) {
          count('hello.failed');
          logger.debug({ peerId: connection.remotePeer.toString(), error: String(error) }, 'hello did not complete');
          if (error instanceof UnsupportedProtocolError) return;
        }
        await pause(clock, wait, signal);
      }
    },
    async handle(stream, connection) {
      const remote = connection.remotePeer.toString() as PeerId;
      if (!limiter.take(remote, clock.now())) {
        count('hello.rateLimited');
        stream.abort(new Error('too many hellos'));
        return;
      }
      const deadline = startDeadline(clock, DIRECT_EXCHANGE_MS);
      try {
        const frames = frameStream(stream);
        const asked = await frames.read(helloSchema, deadline.signal);
        const member = learn(connection, asked, undefined);
        const answer = composeHello(options.speaker(), remote, member);
        await frames.write(answer, deadline.signal);
        if (asked.named === undefined) learn(connection, await frames.read(helloSchema, deadline.signal), answer);
        await stream.close({ signal: deadline.signal });
      } catch (error) {
        count('hello.malformed');
        logger.debug({ peerId: remote, error: String(error) }, 'a hello could not be answered');
        stream.abort(error instanceof Error ? error : new Error(String(error)));
      } finally {
        deadline.done();
      }
    },
  };
}
