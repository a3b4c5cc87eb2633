/**
 * Length-prefixed frames of bytes on a direct stream, in both directions, each at the pace of the side that reads. Knows nothing
 * of what the frames mean, and nothing of time: whoever uses a channel gives it up when it takes too long.
 */
import type { Stream } from '@libp2p/interface';
import type { DirectChannel } from '../messenger/ports/network.ts';
import { MAX_CHANNEL_BACKLOG_BYTES, MAX_CHANNEL_FRAME_BYTES } from '../../shared/limits.ts';
import { NetworkError, NetworkTooLargeError } from './errors.ts';

/** Before each frame: its length, big-endian. */
const PREFIX_BYTES = 4;
/** The events after which something may go on that waited. */
const TURNS = ['message', 'drain', 'idle', 'end', 'remoteCloseWrite', 'close'] as const;

/** What came and was not taken yet; joined only when a frame is complete. */
class Received {
  #head: Buffer = Buffer.alloc(0);
  #rest: Uint8Array[] = [];
  length = 0;

  append(bytes: Uint8Array): void {
    this.#rest.push(bytes);
    this.length += bytes.length;
  }

  #join(length: number): Buffer {
    if (this.#head.length < length) {
      this.#head = Buffer.concat([this.#head, ...this.#rest]);
      this.#rest = [];
    }
    return this.#head;
  }

  /** The first frame; undefined while it is incomplete. Throws NetworkError for one that nobody may send. */
  take(): Uint8Array | undefined {
    if (this.length < PREFIX_BYTES) return undefined;
    const frameLength = this.#join(PREFIX_BYTES).readUInt32BE(0);
    if (frameLength > MAX_CHANNEL_FRAME_BYTES) throw new NetworkError('A frame is longer than any may be');
    const end = PREFIX_BYTES + frameLength;
    if (this.length < end) return undefined;
    const frame = Uint8Array.from(this.#join(end).subarray(PREFIX_BYTES, end));
    this.#head = this.#head.subarray(end);
    this.length -= end;
    return frame;
  }
}

/** Takes over a stream; it must not have been read from before. */
export function directChannel(stream: Stream): DirectChannel {
  const received = new Received();
  let failure: Error | undefined;
  let waiting = new Set<() => void>();

  const turn = (): void => {
    const woken = waiting;
    waiting = new Set();
    for (const wake of woken) wake();
  };
  const nextTurn = (): Promise<void> =>
    new Promise((resolve) => {
      waiting.add(resolve);
    });
  stream.addEventListener('message', ({ data }) => {
    received.append(data.subarray());
    // The other side stops when what it may send unasked is used up, which the stream itself keeps for us.
    if (received.length > MAX_CHANNEL_BACKLOG_BYTES && stream.remoteWriteStatus === 'writable') stream.pause();
  });
  stream.addEventListener('close', ({ error }) => {
    failure ??= error;
  });
  for (const event of TURNS) stream.addEventListener(event, turn);

  const abort = (error: Error): void => {
    failure ??= error;
    stream.abort(error);
    turn();
  };

  const takeFrame = (): Uint8Array | undefined => {
    let frame = received.take();
    if (frame !== undefined && received.length > MAX_CHANNEL_BACKLOG_BYTES) return frame;
    // Also in the middle of a frame: the rest of a long one may be what the pause keeps back. It comes at once.
    while (stream.readStatus === 'paused') {
      stream.resume();
      frame ??= received.take();
      if (frame !== undefined) return frame;
    }
    return frame;
  };

  const isOver = (): boolean =>
    stream.readableEnded || (stream.remoteWriteStatus !== 'writable' && stream.readBufferLength === 0);

  const ensureWritable = (): void => {
    if (failure !== undefined) throw failure;
    if (stream.writeStatus !== 'writable') throw new NetworkError('The channel is closed');
  };

  return {
    async send(frame) {
      if (frame.length > MAX_CHANNEL_FRAME_BYTES)
        throw new NetworkTooLargeError('A frame', MAX_CHANNEL_FRAME_BYTES, frame.length);
      ensureWritable();
      const prefix = Buffer.alloc(PREFIX_BYTES);
      prefix.writeUInt32BE(frame.length);
      stream.send(Buffer.concat([prefix, frame]));
      while (stream.writeBufferLength > MAX_CHANNEL_BACKLOG_BYTES) {
        await nextTurn();
        ensureWritable();
      }
    },
    async receive() {
      for (;;) {
        if (failure !== undefined) throw failure;
        let frame: Uint8Array | undefined;
        try {
          frame = takeFrame();
        } catch (error) {
          abort(error instanceof Error ? error : new NetworkError('A frame cannot be read'));
          throw error;
        }
        if (frame !== undefined) return frame;
        if (isOver()) {
          if (received.length === 0) return undefined;
          throw new NetworkError('The channel ended in the middle of a frame');
        }
        await nextTurn();
      }
    },
    close: () => stream.close(),
    abort,
  };
}
