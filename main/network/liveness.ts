/**
 * Asks over one connection whether its peer is still there, and closes the connection when no answer comes in time.
 * For the moments in which there is reason to doubt; the node's own probes look at every connection by and by.
 */
import { UnsupportedProtocolError } from '@libp2p/interface';
import type { Connection, Stream } from '@libp2p/interface';
import { byteStream } from '@libp2p/utils';
import type { NetworkClock, NetworkLogger } from '../messenger/ports/network.ts';
import { DOUBTED_PROBE_MS } from '../../shared/limits.ts';
import { startDeadline } from './deadline.ts';

/** libp2p's own ping: a peer of any make answers it. */
const PING_PROTOCOL = '/ipfs/ping/1.0.0';
const PING_BYTES = 32;

export interface LivenessOptions {
  readonly clock: NetworkClock;
  readonly logger: NetworkLogger;
  readonly random: (length: number) => Uint8Array;
  readonly count: (counter: string) => void;
  readonly signal: AbortSignal;
}

export interface Liveness {
  /** Closes the connection unless its peer answers within DOUBTED_PROBE_MS. Never throws. */
  check(connection: Connection): Promise<void>;
}

/**
 * Closes a connection in a turn of its own: a stream that was opened on it in this very turn still sends its first frame
 * when the turn ends, and the muxer throws where nobody catches when the connection is gone by then.
 */
export function abandon(clock: NetworkClock, connection: Connection, reason: Error): void {
  clock.setTimeout(() => connection.abort(reason), 0);
}

const isOpen = (connection: Connection): boolean => connection.status === 'open';

/** Makes the examiner; each connection is asked once at a time. */
export function createLiveness(options: LivenessOptions): Liveness {
  const { clock, logger, count } = options;
  const asked = new Set<string>();

  async function ask(connection: Connection, signal: AbortSignal): Promise<void> {
    let stream: Stream | undefined;
    try {
      stream = await connection.newStream(PING_PROTOCOL, { signal });
      const bytes = byteStream(stream);
      await Promise.all([
        bytes.write(options.random(PING_BYTES), { signal }),
        bytes.read({ bytes: PING_BYTES, signal }),
      ]);
      await stream.close({ signal });
    } catch (error) {
      stream?.abort(error instanceof Error ? error : new Error(String(error)));
      // To refuse the protocol is an answer too.
      if (!(error instanceof UnsupportedProtocolError)) throw error;
    }
  }

  return {
    async check(connection) {
      if (asked.has(connection.id) || !isOpen(connection)) return;
      asked.add(connection.id);
      const deadline = startDeadline(clock, DOUBTED_PROBE_MS, options.signal);
      try {
        await ask(connection, deadline.signal);
      } catch (error) {
        // Closed meanwhile for another reason: nothing was learnt of the peer.
        if (options.signal.aborted || !isOpen(connection)) return;
        count('connection.dead');
        logger.info({ peerId: connection.remotePeer.toString(), error: String(error) }, 'a connection leads nowhere');
        abandon(clock, connection, error instanceof Error ? error : new Error(String(error)));
      } finally {
        deadline.done();
        asked.delete(connection.id);
      }
    },
  };
}
