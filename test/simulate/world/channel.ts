/**
 * Two ends of a direct channel in one process: every frame arrives, in order, after a time, until the line is cut. A side that
 * sends faster than the other reads waits. Knows neither stations nor time.
 */
import type { DirectChannel } from '../../../main/messenger/ports/network.ts';
import { MAX_CHANNEL_BACKLOG_BYTES, MAX_CHANNEL_FRAME_BYTES } from '../../../shared/limits.ts';

export interface ChannelPair {
  readonly left: DirectChannel;
  readonly right: DirectChannel;
  /** Ends both directions at once: the connection is gone. */
  cut(): void;
  isBroken(): boolean;
}

/** One direction. */
class Lane {
  readonly #after: (run: () => void) => void;
  /** On the way, oldest first: arrivals keep their order whatever the times are. */
  readonly #underWay: (Uint8Array | undefined)[] = [];
  readonly #arrived: Uint8Array[] = [];
  #waiting: (() => void)[] = [];
  #bytes = 0;
  #closed = false;
  #ended = false;
  #failure: Error | undefined;

  constructor(after: (run: () => void) => void) {
    this.#after = after;
  }

  #turn(): void {
    const woken = this.#waiting;
    this.#waiting = [];
    for (const wake of woken) wake();
  }

  #nextTurn(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  fail(error: Error): void {
    this.#failure ??= error;
    this.#turn();
  }

  #ensureWhole(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  #put(frame: Uint8Array | undefined): void {
    this.#underWay.push(frame);
    this.#after(() => {
      const next = this.#underWay.shift();
      if (next === undefined) this.#ended = true;
      else this.#arrived.push(next);
      this.#turn();
    });
  }

  async send(frame: Uint8Array): Promise<void> {
    if (frame.length > MAX_CHANNEL_FRAME_BYTES) throw new Error('too long');
    this.#ensureWhole();
    if (this.#closed) throw new Error('closed');
    this.#bytes += frame.length;
    this.#put(frame.slice());
    while (this.#bytes > MAX_CHANNEL_BACKLOG_BYTES) {
      await this.#nextTurn();
      this.#ensureWhole();
    }
  }

  async receive(): Promise<Uint8Array | undefined> {
    for (;;) {
      this.#ensureWhole();
      const frame = this.#arrived.shift();
      if (frame !== undefined) {
        this.#bytes -= frame.length;
        this.#turn();
        return frame;
      }
      if (this.#ended) return undefined;
      await this.#nextTurn();
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#put(undefined);
  }
}

/** `after` runs something when a frame that was sent now has arrived. */
export function channelPair(after: (run: () => void) => void): ChannelPair {
  const lanes = [new Lane(after), new Lane(after)] as const;
  let broken = false;
  const failAll = (error: Error): void => {
    broken = true;
    for (const lane of lanes) lane.fail(error);
  };
  const end = (out: Lane, back: Lane): DirectChannel => ({
    send: (frame) => out.send(frame),
    receive: () => back.receive(),
    close: async () => {
      out.close();
    },
    abort: failAll,
  });
  return {
    left: end(lanes[0], lanes[1]),
    right: end(lanes[1], lanes[0]),
    cut: () => {
      failAll(new Error('the connection is gone'));
    },
    isBroken: () => broken,
  };
}
