/** JSON-RPC 2.0 as its text says, over in-memory streams: framing, batches, errors, hostile lines, slow readers. */
import { Writable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ApiError, errorNumbers, type ErrorCode } from '../../../shared/api/errors.ts';
import { MAX_CALLS_IN_FLIGHT, MAX_QUEUED_EVENTS, MAX_RPC_BATCH, MAX_RPC_LINE_BYTES } from '../../../shared/limits.ts';
import { conversationId, methodNames, sampleParams, sampleResults } from '../api/fakeMessenger.ts';
import { answersTo, startServer, type RpcResponse } from './streams.ts';

const request = (id: unknown, method = 'app.info', params: unknown = {}) => ({ jsonrpc: '2.0', id, method, params });
const line = (value: unknown): string => `${JSON.stringify(value)}\n`;
const info = sampleResults['app.info'];
const codes = (answers: readonly RpcResponse[]) =>
  answers.map(({ id, error }) => [id, error?.code, error?.data['code']] as const);

describe('one request a line', () => {
  it.each(methodNames)('%s is answered', async (method) => {
    const answers = await answersTo(line(request(1, method, sampleParams[method])));
    expect(answers).toEqual([{ jsonrpc: '2.0', id: 1, result: sampleResults[method] }]);
  });

  it('keeps ids of every kind', async () => {
    const ids = [0, -1, 1.5, 'a', '', null, 2 ** 53];
    const answers = await answersTo(ids.map((id) => line(request(id))).join(''));
    expect(answers.map(({ id }) => id)).toEqual(ids);
  });

  it('takes requests without params', async () => {
    expect(await answersTo('{"jsonrpc":"2.0","id":1,"method":"app.info"}\n')).toEqual([
      { jsonrpc: '2.0', id: 1, result: info },
    ]);
  });

  it('runs notifications and leaves them unanswered, errors included', async () => {
    const server = startServer();
    await server.write(line({ jsonrpc: '2.0', method: 'app.info' }));
    await server.write(line({ jsonrpc: '2.0', method: 'no.such', params: {} }));
    await server.write(line({ jsonrpc: '2.0', method: 'conversation.get', params: {} }));
    expect(await server.finish()).toEqual([]);
    expect(server.calls.map(({ method }) => method)).toEqual(['app.info']);
  });

  it('refuses what is no request with INVALID_REQUEST, under its id if it has a proper one', async () => {
    const cases: [string, unknown][] = [
      ['1', null],
      ['null', null],
      ['"text"', null],
      ['true', null],
      ['{}', null],
      ['{"jsonrpc":"1.0","id":4,"method":"app.info"}', 4],
      ['{"id":4,"method":"app.info"}', 4],
      ['{"jsonrpc":"2.0","id":5}', 5],
      ['{"jsonrpc":"2.0","id":5,"method":7}', 5],
      ['{"jsonrpc":"2.0","id":6,"method":"app.info","params":7}', 6],
      ['{"jsonrpc":"2.0","id":6,"method":"app.info","params":null}', 6],
      ['{"jsonrpc":"2.0","id":{"a":1},"method":"app.info"}', null],
      ['{"jsonrpc":"2.0","id":[1],"method":"app.info"}', null],
      ['{"jsonrpc":"2.0","id":true,"method":"app.info"}', null],
      ['{"jsonrpc":"2.0","id":9,"result":{}}', 9],
    ];
    const answers = await answersTo(cases.map(([text]) => `${text}\n`).join(''));
    expect(codes(answers)).toEqual(cases.map(([, id]) => [id, -32600, 'INVALID_REQUEST']));
  });

  it('answers PARSE for what is not JSON or not UTF-8, and goes on', async () => {
    const server = startServer();
    for (const text of ['{', 'ready?', '{"a":1}}', "{'a':1}", '[1,', '\u0000']) await server.write(`${text}\n`);
    await server.write(Buffer.from([0x22, 0xff, 0xfe, 0x22, 0x0a]));
    await server.write(Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22, 0x0a])); // half a surrogate pair
    await server.write(line(request(1)));
    const answers = await server.finish();
    expect(codes(answers)).toEqual([...Array<unknown>(8).fill([null, -32700, 'PARSE']), [1, undefined, undefined]]);
  });

  it('answers UNKNOWN_METHOD and INVALID_PARAMS with the numbers of JSON-RPC', async () => {
    const answers = await answersTo(
      line(request(1, 'no.such')) + line(request(2, 'conversation.get', {})) + line(request(3, 'app.info', [1])),
    );
    expect(codes(answers)).toEqual([
      [1, -32601, 'UNKNOWN_METHOD'],
      [2, -32602, 'INVALID_PARAMS'],
      [3, -32602, 'INVALID_PARAMS'],
    ]);
    expect(answers[1]!.error!.data['issues']).toMatchObject([{ path: 'conversationId' }]);
  });

  it('shows every error code of the table under its number, with its data and without a stack', async () => {
    for (const [code, number] of Object.entries(errorNumbers) as [ErrorCode, number][]) {
      const server = startServer();
      server.answer('app.info', () => Promise.reject(new ApiError(code, 'Why.', { limit: 3 })));
      await server.write(line(request('x')));
      const [answer] = await server.finish();
      expect(answer).toMatchObject({ id: 'x', error: { code: number, data: { code } } });
      if (code !== 'INTERNAL')
        expect(answer!.error).toEqual({ code: number, message: 'Why.', data: { code, limit: 3 } });
      expect(Object.keys(answer!.error!).sort()).toEqual(['code', 'data', 'message']);
      expect(JSON.stringify(answer)).not.toContain('.ts:');
    }
  });
});

describe('batches', () => {
  it('answers a batch with a list, even of one, and leaves notifications out', async () => {
    const [first, second, ...more] = (await answersTo(
      line([request(1)]) + line([request(2), { jsonrpc: '2.0', method: 'app.info' }, 7, request(3, 'no.such')]),
    )) as unknown as RpcResponse[][];
    expect(first).toEqual([{ jsonrpc: '2.0', id: 1, result: info }]);
    expect(codes(second!)).toEqual([
      [2, undefined, undefined],
      [null, -32600, 'INVALID_REQUEST'],
      [3, -32601, 'UNKNOWN_METHOD'],
    ]);
    expect(more).toEqual([]);
  });

  it('answers nothing at all to a batch of notifications', async () => {
    const notification = { jsonrpc: '2.0', method: 'app.info' };
    expect(await answersTo(line([notification, notification]))).toEqual([]);
  });

  it('refuses an empty batch with one error', async () => {
    expect(codes(await answersTo('[]\n'))).toEqual([[null, -32600, 'INVALID_REQUEST']]);
  });

  it('takes a batch of the largest size and refuses a larger one as a whole', async () => {
    const batch = (size: number) => line(Array.from({ length: size }, (_, id) => request(id)));
    const server = startServer();
    await server.write(batch(MAX_RPC_BATCH) + batch(MAX_RPC_BATCH + 1));
    const answers = (await server.finish()) as unknown as [RpcResponse[], RpcResponse] | [RpcResponse, RpcResponse[]];
    const list = answers.find((answer) => Array.isArray(answer)) as RpcResponse[];
    const refusal = answers.find((answer) => !Array.isArray(answer)) as RpcResponse;
    expect(list.map(({ id }) => id)).toEqual(Array.from({ length: MAX_RPC_BATCH }, (_, id) => id));
    expect(refusal.error).toMatchObject({ code: 10, data: { code: 'TOO_LARGE', limit: MAX_RPC_BATCH } });
    expect(server.calls).toHaveLength(MAX_RPC_BATCH);
  });
});

describe('framing', () => {
  it('puts lines together from any pieces, and cuts pieces into lines', async () => {
    const text =
      line(request('größer 💬')) + '\r\n\n  \n' + line(request(2)).replace('\n', '\r\n') + JSON.stringify(request(3));
    const bytes = Buffer.from(text);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 60 }), async (sizes) => {
        const server = startServer();
        let from = 0;
        for (const size of [...sizes, bytes.length]) {
          await server.write(bytes.subarray(from, from + size));
          from += size;
        }
        expect((await server.finish()).map(({ id }) => id)).toEqual(['größer 💬', 2, 3]);
      }),
      { numRuns: 100, seed: 3 },
    );
  });

  it('answers a broken last line without a line break with PARSE', async () => {
    expect(codes(await answersTo(`${line(request(1))}{"jsonrpc":`))).toEqual([
      [1, undefined, undefined],
      [null, -32700, 'PARSE'],
    ]);
  });

  it('takes a line of the largest size, refuses a longer one once, and goes on after it', async () => {
    const padded = (bytes: number, id: number) => {
      const text = JSON.stringify(request(id));
      return `${text}${' '.repeat(bytes - text.length)}\n`;
    };
    const server = startServer();
    await server.write(padded(MAX_RPC_LINE_BYTES, 1));
    await server.write(padded(MAX_RPC_LINE_BYTES + 1, 2));
    for (let part = 0; part < 5; part++) await server.write('x'.repeat(MAX_RPC_LINE_BYTES));
    await server.write(`${'['.repeat(1000)}\n`);
    await server.write(padded(100, 3));
    await server.write('y'.repeat(2 * MAX_RPC_LINE_BYTES));
    const answers = await server.finish();
    const refusals = answers.filter(({ error }) => error !== undefined);
    expect(answers.map(({ id }) => id).filter((id) => id !== null)).toEqual([1, 3]);
    expect(codes(refusals)).toEqual(Array(3).fill([null, 10, 'TOO_LARGE']));
    expect(refusals[0]!.error!.data['limit']).toBe(MAX_RPC_LINE_BYTES);
  });

  it('survives JSON as deep as a line is long', async () => {
    const depth = MAX_RPC_LINE_BYTES / 2 - 100;
    const deep = '['.repeat(depth) + ']'.repeat(depth);
    const answers = await answersTo(`${deep}\n{"jsonrpc":"2.0","id":1,"method":"app.info","params":${deep}}\n`);
    expect(codes(answers.flat())).toEqual([
      [null, -32600, 'INVALID_REQUEST'],
      [1, -32602, 'INVALID_PARAMS'],
    ]);
  });

  it('answers 10,000 random and mutated lines without a bug and keeps serving', async () => {
    const good = fc
      .constantFrom(...methodNames)
      .chain((method) => fc.nat().map((id) => JSON.stringify(request(id, method, sampleParams[method]))));
    const mutated = fc
      .tuple(good, fc.nat(), fc.nat({ max: 12 }), fc.string({ maxLength: 12 }))
      .map(([text, at, length, replacement]) => {
        const from = at % text.length;
        return text.slice(0, from) + replacement + text.slice(from + length);
      });
    const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array));
    const anything = fc.oneof(
      { weight: 4, arbitrary: mutated.map((text) => Buffer.from(text)) },
      { weight: 1, arbitrary: bytes },
      { weight: 1, arbitrary: fc.json({ maxDepth: 4 }).map((text) => Buffer.from(text)) },
      { weight: 1, arbitrary: good.map((text) => Buffer.from(`[${text},${text},null]`)) },
    );
    const server = startServer();
    for (const hostile of fc.sample(anything, { numRuns: 10_000, seed: 4 }))
      await server.write(Buffer.concat([hostile, Buffer.from('\n')]));
    await server.write(line(request('still here')));
    const answers = (await server.finish()).flat();
    expect(answers.at(-1)).toEqual({ jsonrpc: '2.0', id: 'still here', result: info });
    expect(answers.length).toBeGreaterThan(8_000);
    expect(answers.filter(({ error }) => error?.data['code'] === 'INTERNAL')).toEqual([]);
    expect(server.logger.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });
});

describe('bounds and ends', () => {
  it('has at most 256 calls in flight and reads on when some are over', async () => {
    const server = startServer();
    let running = 0;
    let most = 0;
    const release: (() => void)[] = [];
    server.answer('app.info', async () => {
      most = Math.max(most, ++running);
      await new Promise<void>((resolve) => release.push(resolve));
      running--;
      return info;
    });
    const total = MAX_CALLS_IN_FLIGHT * 2 + 10;
    await server.write(Array.from({ length: total }, (_, id) => line(request(id))).join(''));
    const releasing = (async () => {
      for (let released = 0; released < total;) {
        const next = release.shift();
        if (next === undefined) await new Promise((resolve) => setImmediate(resolve));
        else {
          next();
          released++;
        }
      }
    })();
    const answers = await server.finish();
    await releasing;
    expect(most).toBe(MAX_CALLS_IN_FLIGHT);
    expect(new Set(answers.map(({ id }) => id)).size).toBe(total);
  });

  it('answers what is in flight before it ends, and takes nothing new', async () => {
    const server = startServer();
    let finishCall: () => void = () => {};
    server.answer('app.info', async () => {
      await new Promise<void>((resolve) => (finishCall = resolve));
      return info;
    });
    await server.write(line(request('slow')));
    while (server.calls.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const closed = server.server.close();
    finishCall();
    await closed;
    expect(server.lines()).toEqual([{ jsonrpc: '2.0', id: 'slow', result: info }]);
    expect(server.subscribers.size).toBe(0);
  });

  it('writes events as notifications', async () => {
    const server = startServer();
    server.emit({ type: 'conversation.added', conversationId });
    expect(await server.finish()).toEqual([
      { jsonrpc: '2.0', method: 'event', params: { type: 'conversation.added', conversationId } },
    ]);
  });

  it('W-38 stops reading while nobody takes its answers, drops events beyond the bound and says so, then goes on', async () => {
    const taken: string[] = [];
    let resume: (() => void) | undefined;
    let isOpen = false;
    const slow = new Writable({
      highWaterMark: 1024,
      write(chunk: Buffer, _encoding, done) {
        taken.push(chunk.toString());
        if (isOpen) done();
        else resume = done;
      },
    });
    const server = startServer(slow);
    await server.write(Array.from({ length: 5_000 }, (_, id) => line(request(id))).join(''));
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(server.calls.length).toBeLessThan(100);

    const emitted = MAX_QUEUED_EVENTS + 100;
    for (let count = 0; count < emitted; count++) server.emit({ type: 'peer.lost', peerId: 'x' as never });
    isOpen = true;
    resume?.();
    server.input.end();
    await server.server.ended;
    await server.server.close();
    const lines = taken
      .join('')
      .split('\n')
      .slice(0, -1)
      .map((text) => JSON.parse(text) as RpcResponse);
    expect(lines.filter(({ id }) => id !== undefined)).toHaveLength(5_000);
    const events = lines.filter(({ method }) => method === 'event').map(({ params }) => params!);
    const lost = events.filter(({ type }) => type === 'events.lost');
    expect(lost).toHaveLength(1);
    expect(events.length - 1 + (lost[0]!['count'] as number)).toBe(emitted);
  });

  it('ends when the reader is gone', async () => {
    const gone = new Writable({
      write(_chunk, _encoding, done) {
        done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
      },
    });
    const server = startServer(gone);
    await server.write(line(request(1)));
    await server.server.ended;
    await server.write(line(request(2)));
    await server.server.close();
    await server.output.broken;
  });

  it('ends cleanly at once on an empty input', async () => {
    expect(await answersTo('')).toEqual([]);
  });
});
