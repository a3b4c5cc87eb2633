/** The command line of the desktop app, and the links in it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readDesktopArguments } from '../../../main/desktop/arguments.ts';
import { readInviteLink } from '../../../main/desktop/links.ts';
import { MAX_INVITE_LENGTH } from '../../../shared/limits.ts';

const run = (...argv: string[]) => {
  const command = readDesktopArguments(argv);
  if (command.kind !== 'run') throw new Error(`not run: ${JSON.stringify(command)}`);
  return command.options;
};

describe('the command line of the desktop app', () => {
  it('has a default for everything', () => {
    expect(run()).toEqual({
      profile: { kind: 'named', name: 'default' },
      listen: [],
      connect: [],
      mdns: true,
      keychain: 'os',
    });
  });

  it("takes its options among Chromium's and the tools' own", () => {
    const argv = [
      ...[
        '--no-sandbox',
        '--inspect=0',
        '--remote-debugging-port=0',
        '-psn_0_123',
        '/path/to/app',
        '--profile',
        'second',
      ],
      ...['--no-mdns', '--listen=/ip4/127.0.0.1/tcp/0', '--connect', '/ip4/127.0.0.1/tcp/9', '--keychain', 'file'],
      ...['--user-data-dir=/tmp/x', 'conclave:AbC_-9'],
    ];
    expect(run(...argv)).toEqual({
      profile: { kind: 'named', name: 'second' },
      listen: ['/ip4/127.0.0.1/tcp/0'],
      connect: ['/ip4/127.0.0.1/tcp/9'],
      mdns: false,
      keychain: 'file',
      link: 'conclave:AbC_-9',
    });
  });

  it('takes a directory in place of a name', () => {
    expect(run('--profile-directory', '/tmp/p').profile).toEqual({ kind: 'directory', directory: '/tmp/p' });
  });

  it.each([
    ['--profile'],
    ['--profile='],
    ['--profile=..'],
    ['--profile=../other'],
    ['--profile=a/b'],
    ['--profile=Upper'],
    [`--profile=${'x'.repeat(33)}`],
    ['--profile-directory'],
    ['--profile-directory='],
    ['--keychain'],
    ['--keychain=memory'],
    ['--listen'],
    ['--connect='],
  ])('refuses %s', (...argv) => {
    expect(readDesktopArguments(argv).kind).toBe('wrong');
  });

  it('survives any words', () => {
    const word = fc.oneof(fc.string(), fc.constantFrom('--profile', '--', '-', '--=', '--no-no-mdns', '--listen=a'));
    fc.assert(
      fc.property(fc.array(word, { maxLength: 10 }), (argv) => {
        const command = readDesktopArguments(argv);
        if (command.kind === 'run' && command.options.profile.kind === 'named')
          expect(command.options.profile.name).toMatch(/^[a-z0-9][a-z0-9_-]*$/);
      }),
      { numRuns: 2_000, seed: 8 },
    );
  });
});

describe('a conclave: link', () => {
  it('comes out in its plain form however a launcher wrote it', () => {
    for (const text of ['conclave:abc', 'conclave://abc', 'conclave://abc/', 'Conclave:abc', 'conclave://join/abc'])
      expect(readInviteLink(text), text).toBe('conclave:abc');
  });

  it('is nothing that could be something else', () => {
    const refused = [
      'conclave:',
      'conclave:a b',
      'conclave:abc\n--no-sandbox',
      'conclave:../x',
      'conclave:abc?x=1',
      'https://conclave/abc',
      ' conclave:abc',
      `conclave:${'a'.repeat(MAX_INVITE_LENGTH)}`,
      7,
      null,
      undefined,
      { length: 3 },
    ];
    for (const text of refused) expect(readInviteLink(text)).toBeUndefined();
  });
});
