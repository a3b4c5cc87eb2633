/**
 * The frames of an exchange over a channel: encoded, checked, and given up when the other side makes no progress. Knows no order
 * in which they come.
 */
import { CATCH_UP_STALL_MS } from '../../../shared/limits.ts';
import type { Clock } from '../../clock.ts';
import { decodeCatchUpFrame, encodeCatchUpFrame, type CatchUpFrame } from '../../protocol/wire/index.ts';
import type { DirectChannel } from '../ports/network.ts';

/** The exchange cannot go on: the other side broke its rules, or makes no progress. */
export class ExchangeError extends Error {
  readonly code = 'EXCHANGE';
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ExchangeError';
  }
}

type Init = NonNullable<NonNullable<Parameters<typeof encodeCatchUpFrame>[0]['frame']>>;
type Case = NonNullable<CatchUpFrame['frame']['case']>;
type Value<C extends Case> = Extract<CatchUpFrame['frame'], { case: C }>['value'];

export interface Frames {
  /** Waits for the other side's pace. Rejects when it stalls or the channel broke. */
  send(frame: Init): Promise<void>;
  /** The next frame, whatever it is. Rejects also when the other side ended without having said that it is done. */
  receive(): Promise<CatchUpFrame['frame']>;
  /** The next frame, which has to be of that kind. */
  expect<C extends Case>(kind: C): Promise<Value<C>>;
  /** Sends nothing any more; resolves once the other side ended, too. Rejects when it stalls, says more, or the channel broke. */
  close(): Promise<void>;
}

export function framesOver(channel: DirectChannel, clock: Clock): Frames {
  /** Ends the channel, and with it `work`, when it takes too long. */
  const inTime = async <T>(work: Promise<T>): Promise<T> => {
    const timer = clock.setTimeout(() => {
      channel.abort(new ExchangeError('no progress'));
    }, CATCH_UP_STALL_MS);
    try {
      return await work;
    } finally {
      clock.clearTimeout(timer);
    }
  };
  const receive = async (): Promise<CatchUpFrame['frame']> => {
    const bytes = await inTime(channel.receive());
    if (bytes === undefined) throw new ExchangeError('the other side ended early');
    return decodeCatchUpFrame(bytes).frame;
  };
  return {
    send: (frame) => inTime(channel.send(encodeCatchUpFrame({ frame }))),
    receive,
    async expect(kind) {
      const frame = await receive();
      if (frame.case !== kind) throw new ExchangeError(`${frame.case ?? 'nothing'} instead of ${kind}`);
      return frame.value as Value<typeof kind>;
    },
    async close() {
      await inTime(channel.close());
      if ((await inTime(channel.receive())) !== undefined) throw new ExchangeError('something after the end');
    },
  };
}
