/** A JSON-RPC server over a fake messenger and a pair of in-memory streams, and what it wrote. */
import { PassThrough, Writable } from 'node:stream';
import { createRpcOutput } from '../../../main/headless/output.ts';
import { serveRpc } from '../../../main/headless/serve.ts';
import { fakeNode } from '../api/fakeMessenger.ts';

export interface RpcResponse {
  readonly jsonrpc: '2.0';
  readonly id?: string | number | null;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string; readonly data: Record<string, unknown> };
}

export function startServer(stream?: Writable) {
  const node = fakeNode();
  const chunks: Buffer[] = [];
  const input = new PassThrough({ highWaterMark: 64 * 1024 });
  const sink =
    stream ??
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        chunks.push(chunk);
        done();
      },
    });
  const output = createRpcOutput(sink);
  const server = serveRpc({ api: node.api, input, output, logger: node.logger });

  const lines = (): unknown[] =>
    Buffer.concat(chunks)
      .toString()
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as unknown);
  const write = async (text: string | Uint8Array): Promise<void> => {
    if (!input.write(text)) await new Promise((resolve) => input.once('drain', resolve));
  };
  /** Ends the input, waits for every answer, and gives what was written. */
  const finish = async (): Promise<RpcResponse[]> => {
    input.end();
    await server.ended;
    await server.close();
    return lines() as RpcResponse[];
  };
  return { ...node, input, output, server, write, lines, finish };
}

/** Everything that a server answers to one text. */
export async function answersTo(text: string | Uint8Array): Promise<RpcResponse[]> {
  const server = startServer();
  await server.write(text);
  return server.finish();
}
