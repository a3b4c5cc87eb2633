/**
 * The `invite` protocol: hands an invite's text to a connected peer and hears whether it arrived.
 * Knows nothing of what stands in an invite; the messenger checks that.
 */
import type { Connection, Stream } from '@libp2p/interface';
import { z } from 'zod';
import type { NetworkClock, NetworkLogger } from '../messenger/ports/network.ts';
import { inviteSchema } from '../../shared/api/common.ts';
import { DIRECT_EXCHANGE_MS, MAX_INVITE_OFFERS_PER_MINUTE, MAX_KNOWN_PEERS } from '../../shared/limits.ts';
import type { PeerId } from '../../shared/model/ids.ts';
import { createRateLimiter } from './backoff.ts';
import { startDeadline } from './deadline.ts';
import { frameStream } from './directFrames.ts';

export const INVITE_PROTOCOL = '/conclave/invite/1.0.0';

const offerSchema = z.strictObject({ version: z.literal(1), invite: inviteSchema });
const receiptSchema = z.strictObject({ version: z.literal(1), accepted: z.boolean() });

export interface InviteOfferOptions {
  readonly clock: NetworkClock;
  readonly logger: NetworkLogger;
  /** Called for each offer within the limits. */
  readonly onOffer: (from: PeerId, invite: string) => void;
  readonly count: (counter: string) => void;
}

export interface InviteOfferProtocol {
  /** Offers an invite. Throws when the exchange fails; `accepted` false is the peer's limit speaking. */
  offer(connection: Connection, invite: string, signal: AbortSignal): Promise<{ accepted: boolean }>;
  handle(stream: Stream, connection: Connection): Promise<void>;
}

/** Makes the protocol; the caller registers `handle` under INVITE_PROTOCOL. */
export function createInviteOffer(options: InviteOfferOptions): InviteOfferProtocol {
  const { clock, logger, count } = options;
  const refillMs = 60_000 / MAX_INVITE_OFFERS_PER_MINUTE;
  const limiter = createRateLimiter(MAX_INVITE_OFFERS_PER_MINUTE, refillMs, MAX_KNOWN_PEERS);

  return {
    async offer(connection, invite, parent) {
      const deadline = startDeadline(clock, DIRECT_EXCHANGE_MS, parent);
      let stream: Stream | undefined;
      try {
        stream = await connection.newStream(INVITE_PROTOCOL, { signal: deadline.signal });
        const frames = frameStream(stream);
        await frames.write({ version: 1, invite }, deadline.signal);
        const { accepted } = await frames.read(receiptSchema, deadline.signal);
        await stream.close({ signal: deadline.signal });
        return { accepted };
      } catch (error) {
        stream?.abort(error instanceof Error ? error : new Error(String(error)));
        throw error;
      } finally {
        deadline.done();
      }
    },
    async handle(stream, connection) {
      const from = connection.remotePeer.toString() as PeerId;
      const deadline = startDeadline(clock, DIRECT_EXCHANGE_MS);
      try {
        const isWithinLimit = limiter.take(from, clock.now());
        const frames = frameStream(stream);
        const { invite } = await frames.read(offerSchema, deadline.signal);
        if (isWithinLimit) options.onOffer(from, invite);
        count(isWithinLimit ? 'invite.received' : 'invite.rateLimited');
        await frames.write({ version: 1, accepted: isWithinLimit }, deadline.signal);
        await stream.close({ signal: deadline.signal });
      } catch (error) {
        count('invite.malformed');
        logger.debug({ peerId: from, error: String(error) }, 'an invite offer could not be read');
        stream.abort(error instanceof Error ? error : new Error(String(error)));
      } finally {
        deadline.done();
      }
    },
  };
}
