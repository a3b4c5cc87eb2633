/**
 * Length-prefixed JSON on a direct stream, bounded and checked against a schema before anybody sees it.
 * Knows nothing of what the frames mean.
 */
import type { Stream } from '@libp2p/interface';
import { lpStream } from '@libp2p/utils';
import type { z } from 'zod';
import { MAX_DIRECT_FRAME_BYTES } from '../../shared/limits.ts';

/** The other side sent what is no frame of this protocol. */
export class MalformedFrameError extends Error {
  override readonly name = 'MalformedFrameError';
  readonly code = 'MALFORMED_FRAME';
}

/** Frames on one stream. Both wait at most as long as the signal allows. */
export interface FrameStream {
  read<T>(schema: z.ZodType<T>, signal: AbortSignal): Promise<T>;
  write(frame: object, signal: AbortSignal): Promise<void>;
}

const decoder = new TextDecoder('utf-8', { fatal: true });

/** Reads one frame's bytes. Throws MalformedFrameError. */
export function decodeFrame<T>(bytes: Uint8Array, schema: z.ZodType<T>): T {
  let json: unknown;
  try {
    json = JSON.parse(decoder.decode(bytes));
  } catch (cause) {
    throw new MalformedFrameError('a frame is not JSON', { cause });
  }
  const checked = schema.safeParse(json);
  if (!checked.success) throw new MalformedFrameError('a frame does not fit its schema', { cause: checked.error });
  return checked.data;
}

/** Takes over a stream. */
export function frameStream(stream: Stream): FrameStream {
  const frames = lpStream(stream, {
    maxDataLength: MAX_DIRECT_FRAME_BYTES,
    maxBufferSize: 2 * MAX_DIRECT_FRAME_BYTES,
  });
  return {
    async read(schema, signal) {
      const bytes = await frames.read({ signal });
      return decodeFrame(bytes.subarray(), schema);
    },
    async write(frame, signal) {
      await frames.write(new TextEncoder().encode(JSON.stringify(frame)), { signal });
    },
  };
}
