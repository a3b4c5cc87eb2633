/**
 * The `catch-up` protocol on the wire: opens and accepts channels, so many of each peer. Who may learn what over one is the
 * messenger's to judge.
 */
import type { Connection, Stream } from '@libp2p/interface';
import type { DirectChannel, NetworkClock } from '../messenger/ports/network.ts';
import { CATCH_UP_BURST, CATCH_UP_REFILL_MS, DIRECT_EXCHANGE_MS, MAX_KNOWN_PEERS } from '../../shared/limits.ts';
import type { PeerId } from '../../shared/model/ids.ts';
import { createRateLimiter } from './backoff.ts';
import { startDeadline } from './deadline.ts';
import { directChannel } from './directChannel.ts';

export const CATCH_UP_PROTOCOL = '/conclave/catch-up/1.0.0';

export interface CatchUpOptions {
  readonly clock: NetworkClock;
  readonly onOpened: (from: PeerId, channel: DirectChannel) => void;
  readonly count: (counter: string) => void;
}

export interface CatchUpProtocol {
  /** Opens a channel. Throws when the peer does not take it, or the signal fires. */
  open(connection: Connection, signal: AbortSignal): Promise<DirectChannel>;
  handle(stream: Stream, connection: Connection): void;
}

/** Makes the protocol; the caller registers `handle` under CATCH_UP_PROTOCOL. */
export function createCatchUp({ clock, onOpened, count }: CatchUpOptions): CatchUpProtocol {
  const limiter = createRateLimiter(CATCH_UP_BURST, CATCH_UP_REFILL_MS, MAX_KNOWN_PEERS);
  return {
    async open(connection, parent) {
      const deadline = startDeadline(clock, DIRECT_EXCHANGE_MS, parent);
      try {
        return directChannel(await connection.newStream(CATCH_UP_PROTOCOL, { signal: deadline.signal }));
      } finally {
        deadline.done();
      }
    },
    handle(stream, connection) {
      const from = connection.remotePeer.toString() as PeerId;
      if (!limiter.take(from, clock.now())) {
        count('catchUp.rateLimited');
        stream.abort(new Error('too many exchanges'));
        return;
      }
      count('catchUp.opened');
      onOpened(from, directChannel(stream));
    },
  };
}
