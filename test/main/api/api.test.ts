/** The App API over a fake messenger: what is let in, what is refused and how, what an error becomes. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ApiError, errorNumbers, type ErrorCode } from '../../../shared/api/errors.ts';
import type { ApiEvent } from '../../../shared/api/events.ts';
import { methods, type Method } from '../../../shared/api/methods.ts';
import { MAX_ISSUES, MAX_MESSAGE_TEXT_BYTES } from '../../../shared/limits.ts';
import {
  conversationId,
  fakeNode,
  memberId,
  messageId,
  methodNames,
  sampleParams,
  sampleResults,
} from './fakeMessenger.ts';

async function refusal(call: Promise<unknown>): Promise<ApiError> {
  const error: unknown = await call.then(
    (result) => {
      throw new Error(`it answered ${JSON.stringify(result)}`);
    },
    (reason: unknown) => reason,
  );
  if (!(error instanceof ApiError)) throw new Error('not an ApiError', { cause: error });
  return error;
}

/** An error of an organ: a class of its own with a code. */
function organError(code: string, message: string, more: object = {}): Error {
  return Object.assign(new Error(message), { code }, more);
}

describe('the App API', () => {
  it.each(methodNames)('%s takes its params, answers, and its answer fits its schema', async (method) => {
    const node = fakeNode();
    const result = await node.api.call(method, sampleParams[method]);
    expect(node.calls.map((call) => call.method)).toEqual([method]);
    expect(methods[method].result.parse(result)).toEqual(sampleResults[method]);
  });

  it.each(methodNames)('%s refuses an unknown field and names it', async (method) => {
    const node = fakeNode();
    const error = await refusal(node.api.call(method, { ...sampleParams[method], extra: 1 }));
    expect(error.data).toEqual({
      code: 'INVALID_PARAMS',
      issues: [{ path: 'extra', message: 'there is no such field' }],
    });
    expect(node.calls).toEqual([]);
  });

  it.each(methodNames)('%s refuses params that are no object', async (method) => {
    const node = fakeNode();
    for (const params of [[], [sampleParams[method]], 'text', 7, true, new Map(), new Date(0), () => 1])
      expect((await refusal(node.api.call(method, params))).code).toBe('INVALID_PARAMS');
    expect(node.calls).toEqual([]);
  });

  it('takes left-out params as none', async () => {
    const node = fakeNode();
    expect(await node.api.call('app.info', undefined)).toEqual(sampleResults['app.info']);
    expect((await refusal(node.api.call('conversation.get', undefined))).data.issues?.[0]?.path).toBe('conversationId');
  });

  it('refuses __proto__ as a field, and does not follow it', async () => {
    const node = fakeNode();
    for (const text of ['{"__proto__":{"x":1}}', '{"patch":{"__proto__":{"theme":"dark"}}}']) {
      const method = text.includes('patch') ? 'settings.set' : 'app.info';
      expect((await refusal(node.api.call(method, JSON.parse(text)))).code).toBe('INVALID_PARAMS');
    }
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });

  it('answers UNKNOWN_METHOD for everything that is no method', async () => {
    const node = fakeNode();
    for (const method of ['', 'app', 'app.Info', 'toString', '__proto__', 'constructor', 'x'.repeat(10_000)]) {
      const error = await refusal(node.api.call(method, {}));
      expect(error.code).toBe('UNKNOWN_METHOD');
      expect(error.message.length).toBeLessThan(200);
    }
  });

  it('names the field that does not fit, in depth', async () => {
    const node = fakeNode();
    const cases: [Method, unknown, string][] = [
      ['conversation.get', { conversationId: 'ABC' }, 'conversationId'],
      ['conversation.create', { name: 'x', settings: { freezeMs: 1 } }, 'settings.freezeMs'],
      ['conversation.create', { name: 'x', settings: { nonsense: 1 } }, 'settings.nonsense'],
      ['conversation.create', { name: '\u0007' }, 'name'],
      ['message.send', { conversationId, text: '  ' }, 'text'],
      ['message.send', { conversationId, text: 'half \ud83d' }, 'text'],
      ['message.list', { conversationId, limit: 0 }, 'limit'],
      ['message.list', { conversationId, limit: 100_000 }, 'limit'],
      ['conversation.markRead', { conversationId, messageId: messageId.toUpperCase() }, 'messageId'],
      ['proposal.vote', { conversationId, proposalId: 2 ** 32, approve: true }, 'proposalId'],
      ['proposal.vote', { conversationId, proposalId: 1.5, approve: true }, 'proposalId'],
      ['identity.restore', { displayName: 'Ana', recoveryPhrase: 5 }, 'recoveryPhrase'],
      ['identity.restore', { displayName: 'Ana', privateKey: '' }, 'privateKey'],
      ['settings.set', { patch: { theme: 'pink' } }, 'patch.theme'],
    ];
    for (const [method, params, path] of cases) {
      const error = await refusal(node.api.call(method, params));
      expect(error.code, method).toBe('INVALID_PARAMS');
      expect(error.data.issues?.map((issue) => issue.path)).toContain(path);
    }
    expect(node.calls).toEqual([]);
  });

  it('repeats no value and stays short however much is wrong', async () => {
    const node = fakeNode();
    const phrase = 'abandon ability able about above absent absorb abstract';
    const wrong = Object.fromEntries(
      Array.from({ length: 500 }, (_, index) => [`field ${index}`.padEnd(400, 'x'), phrase]),
    );
    const error = await refusal(
      node.api.call('identity.restore', { displayName: phrase.repeat(9), recoveryPhrase: phrase.repeat(99), ...wrong }),
    );
    expect(error.code).toBe('INVALID_PARAMS');
    expect(error.data.issues?.length).toBeLessThanOrEqual(MAX_ISSUES);
    const shown = JSON.stringify([error.message, error.data]);
    expect(shown).not.toContain('abandon');
    expect(shown.length).toBeLessThan(4_000);
    expect(JSON.stringify(node.logger.lines)).not.toContain('abandon');
  });

  it('answers TOO_LARGE with the limit for a text over 16 KiB, counted in UTF-8 bytes', async () => {
    const node = fakeNode();
    const fits = [
      'x'.repeat(MAX_MESSAGE_TEXT_BYTES),
      'é'.repeat(MAX_MESSAGE_TEXT_BYTES / 2),
      '😀'.repeat(MAX_MESSAGE_TEXT_BYTES / 4),
    ];
    for (const text of fits) {
      await node.api.call('message.send', { conversationId, text });
      for (const longer of [`${text}x`, text.repeat(50)]) {
        const error = await refusal(node.api.call('message.send', { conversationId, text: longer }));
        expect(error.data).toEqual({ code: 'TOO_LARGE', limit: MAX_MESSAGE_TEXT_BYTES });
      }
    }
    expect(node.calls).toHaveLength(fits.length);
  });

  it('brings a member id to its EIP-55 form and refuses letters that do not fit', async () => {
    const node = fakeNode();
    const digits = memberId.slice(2);
    for (const text of [memberId, `0x${digits.toLowerCase()}`, `0x${digits.toUpperCase()}`])
      await node.api.call('member.remove', { conversationId, memberId: text });
    expect(node.calls.map(({ params }) => params)).toEqual(Array(3).fill({ conversationId, memberId }));

    const swapped = memberId.replace('b', 'B');
    expect(swapped).not.toBe(memberId);
    for (const text of [swapped, `0X${digits}`, digits, memberId.slice(0, -1), `${memberId}0`]) {
      const error = await refusal(node.api.call('member.remove', { conversationId, memberId: text }));
      expect(error.data.issues?.map((issue) => issue.path)).toEqual(['memberId']);
    }
  });

  it('passes every ApiError of a use case on as it is, INTERNAL excepted', async () => {
    for (const code of Object.keys(errorNumbers) as ErrorCode[]) {
      const node = fakeNode();
      node.answer('app.info', () => Promise.reject(new ApiError(code, 'A sentence.', { state: 'left' })));
      const error = await refusal(node.api.call('app.info', {}));
      if (code === 'INTERNAL') expect(error.message).not.toBe('A sentence.');
      else expect([error.message, error.data]).toEqual(['A sentence.', { code, state: 'left' }]);
    }
  });

  it.each<[string, Error, ErrorCode, object]>([
    ['a store', organError('STORAGE', 'The disk is full.'), 'STORAGE', {}],
    ['a value over the store limit', organError('TOO_LARGE', 'Too long.', { limit: 9 }), 'TOO_LARGE', { limit: 9 }],
    ['a keychain', organError('KEYCHAIN_UNAVAILABLE', 'Install one.'), 'KEYCHAIN_UNAVAILABLE', {}],
    ['a network', organError('NETWORK', 'Not there.', { data: { address: 'x' } }), 'NETWORK', {}],
    [
      'a packet over its limit',
      organError('TOO_LARGE', 'Big.', { data: { limit: 3, size: 4 } }),
      'TOO_LARGE',
      { limit: 3 },
    ],
    [
      'an invite',
      organError('INVALID_INVITE', 'INVALID_INVITE: x', { reason: 'of another version' }),
      'INVALID_INVITE',
      {},
    ],
    ['a group that exists', organError('ConversationAlreadyExists', ''), 'ALREADY_EXISTS', {}],
    ['a group that does not', organError('ConversationNotFound', ''), 'NOT_FOUND', {}],
    [
      'a group that is settling',
      organError('ConversationBlocked', '', { state: 'freezing' }),
      'WRONG_STATE',
      { state: 'freezing' },
    ],
    ['a second vote', organError('UserAlreadyVoted', ''), 'NOT_ALLOWED', {}],
    ['a decided vote', organError('SessionNotActive', ''), 'WRONG_STATE', {}],
    ['a vote on oneself', organError('CannotRemoveSelf', ''), 'NOT_ALLOWED', {}],
    ['a private key', organError('InvalidPrivateKey', ''), 'INVALID_PARAMS', {}],
    ['a full mailbox', organError('MAILBOX_FULL', ''), 'WRONG_STATE', {}],
  ])('maps the error of %s', async (_what, thrown, code, data) => {
    const node = fakeNode();
    node.answer('app.info', () => Promise.reject(thrown));
    const error = await refusal(node.api.call('app.info', {}));
    expect(error.data).toEqual({ code, ...data });
    expect(error.message).toMatch(/^[A-Z].+[.]$/);
    expect(node.logger.lines.every((line) => line.level === 'debug')).toBe(true);
  });

  it.each<[string, unknown]>([
    ['a bug', new TypeError('undefined is not a function')],
    ['a code that is not ours', organError('ENOENT', 'no such file: /home/ana/secret')],
    ['a code of no meaning to callers', organError('IllegalTransition', 'row 4')],
    ['an organ that calls itself INTERNAL', organError('INTERNAL', 'hm')],
    ['no error at all', 'a string'],
    ['nothing', undefined],
  ])('shows %s as INTERNAL without its text, and logs it with its stack', async (_what, thrown) => {
    const node = fakeNode();
    node.answer('app.info', () => Promise.reject(thrown as Error));
    const error = await refusal(node.api.call('app.info', {}));
    expect(error.data).toEqual({ code: 'INTERNAL' });
    expect(JSON.stringify([error.message, error.data])).not.toMatch(/undefined is|\/home|row 4|at .*:\d+/);
    expect(node.logger.lines.at(-1)).toMatchObject({ level: 'error', data: { method: 'app.info', error: thrown } });
  });

  it('starts calls in the order in which they came', async () => {
    const node = fakeNode();
    const texts = Array.from({ length: 100 }, (_, index) => `message ${index}`);
    await Promise.all(texts.map((text) => node.api.call('message.send', { conversationId, text })));
    expect(node.calls.map(({ params }) => (params as { text: string }).text)).toEqual(texts);
  });

  it('survives any params whatever: answers or refuses with an ApiError, never INTERNAL', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...methodNames),
        fc.anything({ withNullPrototype: true }),
        async (method, params) => {
          const node = fakeNode();
          await node.api.call(method, params).catch((error: unknown) => {
            expect(error).toBeInstanceOf(ApiError);
            expect((error as ApiError).code).not.toBe('INTERNAL');
            expect((error as ApiError).code).not.toBe('UNKNOWN_METHOD');
          });
        },
      ),
      { numRuns: 2_000, seed: 1 },
    );
  });

  it('survives mutated good params', async () => {
    const junk = fc.oneof(
      fc.anything(),
      fc.constantFrom(null, '', -1, NaN, Infinity, '\u0000', [], {}, '💥'.repeat(999)),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...methodNames), fc.nat(), junk, async (method, which, value) => {
        const node = fakeNode();
        const params: Record<string, unknown> = { ...sampleParams[method] };
        const names = Object.keys(params);
        params[names[which % names.length] ?? 'extra'] = value;
        const error = await node.api.call(method, params).then(
          () => undefined,
          (reason: unknown) => reason,
        );
        if (error !== undefined) expect(['INVALID_PARAMS', 'TOO_LARGE']).toContain((error as ApiError).code);
      }),
      { numRuns: 2_000, seed: 2 },
    );
  });

  it('hands events to every transport although one of them fails, until it has enough', () => {
    const node = fakeNode();
    const heard: ApiEvent[] = [];
    node.api.subscribe(() => {
      throw new Error('this transport is broken');
    });
    const stop = node.api.subscribe((event) => heard.push(event));
    node.emit({ type: 'identity.changed' });
    stop();
    node.emit({ type: 'identity.changed' });
    expect(heard).toEqual([{ type: 'identity.changed' }]);
    expect(node.logger.lines).toHaveLength(2);
  });
});
