/**
 * Serves the App API over a pair of streams until the input ends or the reader goes. Reads no further than it can
 * answer: while too many calls are in flight or answers wait to be taken, the input waits.
 */
import type { Readable } from 'node:stream';
import { ApiError } from '../../shared/api/errors.ts';
import { MAX_RPC_LINE_BYTES } from '../../shared/limits.ts';
import { createCallGate } from '../api/callGate.ts';
import type { Api } from '../api/index.ts';
import type { Logger } from '../messenger/contract.ts';
import { createLineSplitter, type Line } from './lines.ts';
import type { RpcOutput } from './output.ts';
import { callsIn, createRpcHandler, readMessage, refused, type RpcMessage } from './rpc.ts';

export interface RpcServer {
  /** Resolves when no more can be asked or answered: the input ended, or the reader is gone. */
  readonly ended: Promise<void>;
  /** Reads no more; resolves when the calls in flight were answered and their answers taken. */
  close(): Promise<void>;
}

export interface RpcServerDependencies {
  readonly api: Api;
  readonly input: Readable;
  readonly output: RpcOutput;
  readonly logger: Logger;
}

export function serveRpc({ api, input, output, logger }: RpcServerDependencies): RpcServer {
  const handler = createRpcHandler(api);
  const gate = createCallGate();
  let closing = false;

  const answer = async (message: RpcMessage): Promise<void> => {
    const given = await handler.handle(message);
    if (given !== undefined) output.answer(given);
  };

  const take = async (line: Line): Promise<void> => {
    if (line.kind === 'line' && isBlank(line.bytes)) return;
    const message = line.kind === 'line' ? readMessage(line.bytes) : refused(lineTooLong());
    const calls = callsIn(message);
    await gate.whenRoom(calls);
    await output.whenDrained();
    if (closing) return;
    gate
      .run(calls, () => answer(message))
      .catch((error: unknown) => {
        logger.error({ error }, 'a request could not be answered');
      });
  };

  const read = async (): Promise<void> => {
    const lines = createLineSplitter();
    try {
      for await (const chunk of input as AsyncIterable<Uint8Array>) {
        for (const line of lines.push(chunk)) await take(line);
      }
      const last = lines.end();
      if (last !== undefined) await take(last);
    } catch (error) {
      if (!closing) logger.warn({ error }, 'the input broke off');
    }
  };

  const unsubscribe = api.subscribe((event) => {
    output.event(event);
  });
  const reading = read();

  return {
    ended: Promise.race([reading, output.broken]),
    async close() {
      closing = true;
      input.destroy();
      await reading;
      await gate.whenIdle();
      unsubscribe();
      await output.flush();
    },
  };
}

const lineTooLong = (): ApiError =>
  new ApiError('TOO_LARGE', `A line holds at most ${MAX_RPC_LINE_BYTES} bytes.`, { limit: MAX_RPC_LINE_BYTES });

/** Whether a line holds nothing but white space: harmless, and not answered. */
function isBlank(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);
}
