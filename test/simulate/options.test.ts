/** The command line of `npm run simulate`. */
import { describe, expect, it } from 'vitest';
import { parseOptions, repeatCommand, UsageError } from './run/options.ts';

describe('the command line of the simulation', () => {
  it('reads seeds, members, minutes, cryptography and jobs', () => {
    const argv = '--seeds 1000 --members 3-20 --minutes 5 --first-seed 7 --real-mls none --jobs 4'.split(' ');
    expect(parseOptions(argv)).toEqual({
      seeds: 1000,
      members: { least: 3, most: 20 },
      minutes: 5,
      firstSeed: 7,
      realMls: 'none',
      jobs: 4,
      shrink: 3,
      without: undefined,
      calm: false,
      attacks: undefined,
      trace: false,
    });
  });

  it('gives a command that repeats one seed as it ran', () => {
    const options = parseOptions('--seeds 50 --members 5 --minutes 2 --attacks flood,replay'.split(' '));
    const argv = repeatCommand(options, 42).split(' ').slice(4);
    expect(parseOptions(argv)).toMatchObject({ ...options, firstSeed: 42, seeds: 1 });
  });

  it('refuses what it does not know, with the whole usage', () => {
    for (const argv of [
      ['--fast'],
      ['--fast', '1'],
      ['--seeds'],
      ['--seeds', '0'],
      ['--members', '9-3'],
      ['--real-mls', 'some'],
      ['--attacks', 'flood,tickle'],
    ])
      expect(() => parseOptions(argv)).toThrow(UsageError);
  });
});
