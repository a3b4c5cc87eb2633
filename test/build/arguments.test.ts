/** The command line of build/run.mjs. */
import { describe, it, expect } from 'vitest';
import { parseArguments } from '../../build/steps/arguments.mjs';
import { killsOf } from '../../build/steps/soak.mjs';
import { CommandError } from '../../build/steps/terminal.mjs';

describe('the command line', () => {
  it('passes everything after the command on, with or without the separator', () => {
    expect(parseArguments(['start', '--profile', 'second'])).toEqual({
      command: 'start',
      rest: ['--profile', 'second'],
    });
    expect(parseArguments(['start', '--', '--profile', 'second']).rest).toEqual(['--profile', 'second']);
  });

  it('keeps a separator that belongs to the program', () => {
    expect(parseArguments(['headless', '--', 'a', '--', 'b']).rest).toEqual(['a', '--', 'b']);
  });

  it('refuses an unknown command with the list of known ones and exit code 2', () => {
    for (const argv of [[], ['launch'], ['constructor']]) {
      try {
        parseArguments(argv);
        expect.unreachable();
      } catch (error) {
        expect(error).toBeInstanceOf(CommandError);
        expect(error).toMatchObject({ exitCode: 2 });
        expect(String(error)).toContain('start|test|headless');
      }
    }
  });

  it('says how often nodes are killed, and refuses what is no number', () => {
    expect(killsOf([])).toBe(300);
    expect(killsOf(['--kills', '12'])).toBe(12);
    for (const args of [['--kills', 'many'], ['--kills', '0'], ['--kills'], ['--deaths', '3']])
      expect(() => killsOf(args)).toThrow(CommandError);
  });
});
