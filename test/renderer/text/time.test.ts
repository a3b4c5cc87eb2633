/** Times and durations in words. */
import { describe, expect, it } from 'vitest';
import { clockTime, dayLabel, durationWords, listTime, moment, remaining } from '../../../renderer/text/time.ts';
import { T0 } from '../support/samples.ts';

const words = { today: 'Today', yesterday: 'Yesterday' };
const DAY = 86_400_000;

describe('times in words', () => {
  it('names today and yesterday', () => {
    expect(dayLabel(T0, T0, words)).toBe('Today');
    expect(dayLabel(T0 - DAY, T0, words)).toBe('Yesterday');
    expect(dayLabel(T0 - 400 * DAY, T0, words)).toContain('2025');
  });

  it('shows a clock in the list for today and a day for older ones', () => {
    expect(listTime(T0, T0, words)).toBe(clockTime(T0));
    expect(listTime(T0 - DAY, T0, words)).toBe('Yesterday');
    expect(listTime(T0 - 30 * DAY, T0, words)).not.toContain(':');
    expect(moment(T0, T0)).toBe(clockTime(T0));
    expect(moment(T0 - 3 * DAY, T0)).toContain(clockTime(T0 - 3 * DAY));
  });

  it('says durations as a person would', () => {
    expect(durationWords(60_000)).toBe('1 minute');
    expect(durationWords(300_000)).toBe('5 minutes');
    expect(durationWords(5_400_000)).toBe('1 hour 30 minutes');
    expect(durationWords(DAY)).toBe('1 day');
    expect(durationWords(2_000)).toBe('2 seconds');
  });

  it('says what is left, coarsely, and nothing when the time is over', () => {
    expect(remaining(T0 + 290_000, T0)).toBe('5 minutes');
    expect(remaining(T0 + 42_000, T0)).toBe('50 seconds');
    expect(remaining(T0 + 3_900_000, T0)).toBe('1 hour 5 minutes');
    expect(remaining(T0 + 2 * 3_600_000 - 10_000, T0)).toBe('2 hours');
    expect(remaining(T0 + DAY, T0)).toBe('1 day');
    expect(remaining(T0, T0)).toBeUndefined();
  });
});
