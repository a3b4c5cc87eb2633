/** What of a logged object reaches the log. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redacted } from '../../main/logging.ts';
import { MAX_LOGGED_STRING } from '../../shared/limits.ts';

const SECRET = 'correct horse battery staple';

describe('the log', () => {
  it.each([
    'secret',
    'rootSecret',
    'privateKey',
    'databaseKey',
    'key',
    'recoveryPhrase',
    'mnemonic',
    'invite',
    'inviteLink',
    'payload',
    'text',
    'seed',
    'Password',
  ])('blanks out a field named %s wherever it stands', (name) => {
    const error = Object.assign(new Error('no', { cause: { [name]: SECRET } }), { data: { [name]: [SECRET] } });
    const logged = redacted({ [name]: SECRET, deep: { list: [{ [name]: { a: SECRET } }] }, error });
    expect(JSON.stringify(logged)).not.toContain(SECRET);
    expect(logged[name]).toBe('[redacted]');
  });

  it('shows bytes as their number alone', () => {
    expect(redacted({ id: new Uint8Array(32) })).toEqual({ id: '[32 bytes]' });
  });

  it('shows an error with its type, code, stack and causes', () => {
    const error = Object.assign(new TypeError('outer', { cause: new Error('inner') }), { code: 'NETWORK' });
    expect(redacted({ error })).toMatchObject({
      error: {
        type: 'TypeError',
        message: 'outer',
        code: 'NETWORK',
        stack: expect.stringContaining('logging.test') as unknown,
        cause: { type: 'Error', message: 'inner' },
      },
    });
  });

  it('stays bounded and can always be written as JSON', () => {
    const circular: Record<string, unknown> = { name: 'x'.repeat(100_000), big: 10n ** 30n };
    circular['self'] = circular;
    circular['list'] = Array.from({ length: 10_000 }, () => circular);
    circular['error'] = Object.assign(new Error('loop'), { circular });
    const logged = JSON.stringify(redacted(circular));
    expect(logged.length).toBeLessThan(20 * MAX_LOGGED_STRING);
    fc.assert(
      fc.property(fc.object({ withBigInt: true, withDate: true, withMap: true, withTypedArray: true }), (data) => {
        expect(typeof JSON.stringify(redacted(data))).toBe('string');
      }),
      { seed: 5 },
    );
  });
});
