/** The machine's clock: timers of any length, and bytes that are never the same. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../main/clock.ts';

const LONGEST = 2 ** 31 - 1;

describe('systemClock', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it.each([0, 1, 1000, LONGEST, LONGEST + 1, 3 * LONGEST + 17])('calls back once, after %d ms', (delay) => {
    const callback = vi.fn();
    const start = systemClock.now();
    systemClock.setTimeout(callback, delay);
    if (delay > 0) vi.advanceTimersByTime(delay - 1);
    expect(callback).toHaveBeenCalledTimes(0);
    vi.advanceTimersByTime(1);
    expect(callback).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(LONGEST);
    expect(callback).toHaveBeenCalledTimes(1);
    expect(systemClock.now()).toBe(start + Math.max(delay, 1) + LONGEST);
  });

  it('hands the runtime no delay that it would cut short', () => {
    const real = vi.spyOn(globalThis, 'setTimeout');
    systemClock.setTimeout(() => undefined, Number.MAX_SAFE_INTEGER);
    systemClock.setTimeout(() => undefined, Infinity);
    expect(real.mock.calls.map(([, delay]) => delay)).toEqual([LONGEST, LONGEST]);
    real.mockRestore();
  });

  it('takes a negative delay for none, rounds fractions up and refuses what is no number', () => {
    const callback = vi.fn();
    systemClock.setTimeout(callback, -5);
    vi.advanceTimersByTime(0);
    expect(callback).toHaveBeenCalledTimes(1);
    systemClock.setTimeout(callback, 9.2);
    vi.advanceTimersByTime(9);
    expect(callback).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(1);
    expect(callback).toHaveBeenCalledTimes(2);
    expect(() => systemClock.setTimeout(callback, NaN)).toThrow(RangeError);
  });

  it('forgets a timer that was cleared, in its first leg and in a later one', () => {
    const callback = vi.fn();
    const early = systemClock.setTimeout(callback, 10);
    const late = systemClock.setTimeout(callback, LONGEST + 1000);
    systemClock.clearTimeout(early);
    systemClock.clearTimeout(early);
    vi.advanceTimersByTime(LONGEST + 10);
    systemClock.clearTimeout(late);
    vi.advanceTimersByTime(LONGEST);
    expect(callback).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('gives as many fresh bytes as were asked for', () => {
    expect([0, 1, 32, 100_000].map((length) => systemClock.random(length).length)).toEqual([0, 1, 32, 100_000]);
    const seen = new Set(Array.from({ length: 100 }, () => Buffer.from(systemClock.random(16)).toString('hex')));
    expect(seen.size).toBe(100);
  });

  it('lets the event loop turn only when it was held for long, and then all who ask wait for the same turn', async () => {
    const breathe = (): Promise<void> | undefined => systemClock.breathe?.();
    vi.advanceTimersByTime(1000);
    const turn = breathe();
    expect(turn).toBeInstanceOf(Promise);
    expect(breathe()).toBe(turn);
    let turned = false;
    void turn?.then(() => {
      turned = true;
    });
    await Promise.resolve();
    expect(turned).toBe(false);
    await vi.advanceTimersByTimeAsync(0);
    expect(turned).toBe(true);
    expect(breathe()).toBeUndefined();
    vi.advanceTimersByTime(1000);
    expect(breathe()).toBeInstanceOf(Promise);
    await vi.advanceTimersByTimeAsync(0);
  });
});
