/** The command line of the headless node. */
import { describe, expect, it } from 'vitest';
import { readHeadlessArguments } from '../../../main/headless/arguments.ts';

const run = (...argv: string[]) => {
  const command = readHeadlessArguments(argv);
  if (command.kind !== 'run') throw new Error(`not run: ${JSON.stringify(command)}`);
  return command.options;
};

describe('the command line of the headless node', () => {
  it('needs a profile and has a default for everything else', () => {
    expect(run('--profile', 'dir')).toEqual({
      profile: 'dir',
      listen: [],
      connect: [],
      mdns: true,
      keychain: 'os',
      logLevel: 'info',
    });
  });

  it('takes every option, some of them again and again', () => {
    const all = '--profile=d --listen a --listen b --connect c --connect d --no-mdns --keychain file --log-level trace';
    expect(run(...all.split(' '))).toEqual({
      profile: 'd',
      listen: ['a', 'b'],
      connect: ['c', 'd'],
      mdns: false,
      keychain: 'file',
      logLevel: 'trace',
    });
  });

  it.each([
    [[]],
    [['--profile']],
    [['--profile', '']],
    [['--profile', '--no-mdns']],
    [['--profile', 'd', '--unknown']],
    [['--profile', 'd', 'positional']],
    [['--profile', 'd', '--no-mdns=yes']],
    [['--profile', 'd', '--mdns']],
    [['--profile', 'd', '--keychain', 'none']],
    [['--profile', 'd', '--log-level', 'loud']],
    [['--profile', 'd', '--listen']],
  ])('refuses %j and says why', (argv) => {
    const command = readHeadlessArguments(argv);
    expect(command).toMatchObject({ kind: 'wrong', problem: expect.stringMatching(/\S/) as unknown });
  });

  it('asks for help', () => {
    expect(readHeadlessArguments(['--help'])).toEqual({ kind: 'help' });
  });

  it('verify takes one file and nothing else', () => {
    expect(readHeadlessArguments(['verify', 'a.json'])).toEqual({ kind: 'verify', file: 'a.json' });
    for (const argv of [['verify'], ['verify', ''], ['verify', 'a', 'b']])
      expect(readHeadlessArguments(argv).kind).toBe('wrong');
  });
});
