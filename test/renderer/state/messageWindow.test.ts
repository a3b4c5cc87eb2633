/** The window of messages: bounded, gapless, and back again. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Message } from '../../../shared/api/model.ts';
import {
  addMessage,
  changeMessage,
  openAround,
  openWindow,
  PAGE_SIZE,
  putAbove,
  putBelow,
  shrink,
  MOST_HELD,
  type MessageWindow,
} from '../../../renderer/state/messageWindow.ts';
import { compareMessages } from '../../../shared/model/messageOrder.ts';
import { ana, message } from '../support/samples.ts';

const all = (count: number): Message[] => Array.from({ length: count }, (_, index) => message(index, ana, `m${index}`));

/** What the node would list: newest first, before a message, at most a limit. */
function list(stored: readonly Message[], before: string | undefined, limit: number): Message[] {
  const end = before === undefined ? stored.length : stored.findIndex((each) => each.messageId === before);
  return stored.slice(Math.max(0, end - limit), end).reverse();
}

/** The page right after a message, newest first. */
function after(stored: readonly Message[], last: string | undefined, limit: number): Message[] {
  const start = stored.findIndex((each) => each.messageId === last) + 1;
  return stored.slice(start, start + limit).reverse();
}

const numbers = (window: MessageWindow): string[] => window.messages.map((each) => each.text);

describe('the window of messages', () => {
  it('opens on the newest page, oldest first', () => {
    const window = openWindow(list(all(80), undefined, PAGE_SIZE));
    expect(numbers(window)[0]).toBe('m30');
    expect(numbers(window).at(-1)).toBe('m79');
    expect(window.reachedStart).toBe(false);
  });

  it('knows the start when a page is short', () => {
    expect(openWindow(list(all(3), undefined, PAGE_SIZE)).reachedStart).toBe(true);
  });

  it('keeps the number of a message when older ones are put above', () => {
    const stored = all(120);
    const before = openWindow(list(stored, undefined, PAGE_SIZE));
    const after = putAbove(before, list(stored, before.messages[0]?.messageId, PAGE_SIZE));
    const number = (window: MessageWindow, words: string): number => window.firstIndex + numbers(window).indexOf(words);
    expect(number(after, 'm100')).toBe(number(before, 'm100'));
  });

  it('adds a new message at the end, once', () => {
    const window = openWindow(list(all(3), undefined, PAGE_SIZE));
    const once = addMessage(window, message(3, ana, 'm3'), true);
    expect(numbers(addMessage(once, message(3, ana, 'm3'), true))).toEqual(['m0', 'm1', 'm2', 'm3']);
  });

  it('counts what arrives while the newest is not held', () => {
    const stored = all(MOST_HELD + 100);
    let window = openWindow(list(stored, undefined, PAGE_SIZE));
    while (window.reachedEnd) window = putAbove(window, list(stored, window.messages[0]?.messageId, PAGE_SIZE));
    const held = numbers(window);
    const afterwards = addMessage(window, message(9999, ana, 'new'), false);
    expect(numbers(afterwards)).toEqual(held);
    expect(afterwards.arrivedBelow).toBe(1);
  });

  it('does not take lines from under the eyes of somebody who reads back in a full window', () => {
    let window = openWindow(list(all(PAGE_SIZE), undefined, PAGE_SIZE));
    for (let number = PAGE_SIZE; number < MOST_HELD; number++)
      window = addMessage(window, message(number, ana, `m${number}`), false);
    const after = addMessage(window, message(MOST_HELD, ana, 'late'), false);
    expect(numbers(after)[0]).toBe('m0');
    expect(after.reachedEnd).toBe(false);
    expect(after.arrivedBelow).toBe(1);
  });

  it('changes the state of a held message and ignores others', () => {
    const window = openWindow(list(all(2), undefined, PAGE_SIZE));
    const changed = changeMessage(window, message(1, ana, 'm1', { status: 'delivered' }));
    expect(changed.messages[1]?.status).toBe('delivered');
    expect(changeMessage(window, message(77, ana, 'x'))).toBe(window);
  });

  it('opens around a message, and reads on both ways to the ends', () => {
    const stored = all(170);
    let window = openAround(list(stored.slice(0, 110), undefined, PAGE_SIZE));
    expect([numbers(window)[0], numbers(window).at(-1)]).toEqual(['m60', 'm109']);
    expect([window.reachedStart, window.reachedEnd]).toEqual([false, false]);
    window = addMessage(window, message(170, ana, 'm170'), true);
    stored.push(message(170, ana, 'm170'));
    expect(window.arrivedBelow).toBe(1);
    window = putBelow(window, after(stored, window.messages.at(-1)?.messageId, PAGE_SIZE));
    // A page of what lay below before.
    expect(window.arrivedBelow).toBe(1);
    while (!window.reachedEnd) window = putBelow(window, after(stored, window.messages.at(-1)?.messageId, PAGE_SIZE));
    while (!window.reachedStart) window = putAbove(window, list(stored, window.messages[0]?.messageId, PAGE_SIZE));
    expect(numbers(window)).toEqual(stored.map(({ text }) => text));
    expect(window.arrivedBelow).toBe(0);
  });

  it('puts a late message where it belongs, and what stands below keeps its number', () => {
    const stored = all(5);
    const window = openWindow(list(stored, undefined, PAGE_SIZE));
    const late = message(100, ana, 'late', { sentAt: (stored[2]?.sentAt ?? 0) + 1 });
    const after = addMessage(window, late, true);
    expect(numbers(after)).toEqual(['m0', 'm1', 'm2', 'late', 'm3', 'm4']);
    expect(after.firstIndex + numbers(after).indexOf('m3')).toBe(window.firstIndex + numbers(window).indexOf('m3'));
  });

  it('leaves a late message to the page above that it belongs to', () => {
    const stored = all(PAGE_SIZE * 2);
    const window = openWindow(list(stored, undefined, PAGE_SIZE));
    const late = message(1000, ana, 'late', { sentAt: (stored[2]?.sentAt ?? 0) + 1 });
    expect(addMessage(window, late, true)).toBe(window);
  });

  it('keeps only the newest page of a conversation that is closed', () => {
    let window = openWindow(list(all(40), undefined, PAGE_SIZE));
    for (let number = 40; number < 200; number++) window = addMessage(window, message(number, ana, `m${number}`), true);
    const small = shrink(window);
    expect(small?.messages).toHaveLength(PAGE_SIZE);
    expect(small?.reachedStart).toBe(false);
  });

  it('is gapless, bounded and in order through any scrolling', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 900 }),
        fc.array(fc.oneof(fc.constantFrom('up', 'down', 'arrive'), fc.nat(900)), { maxLength: 60 }),
        (count, moves) => {
          const stored = all(count);
          let window = openWindow(list(stored, undefined, PAGE_SIZE));
          for (const move of moves) {
            if (move === 'arrive') {
              const next = message(stored.length, ana, `m${stored.length}`);
              stored.push(next);
              window = addMessage(window, next, window.reachedEnd);
            } else if (typeof move === 'number') {
              // Late: right after one of those that are there.
              const at = move % Math.max(1, stored.length);
              const sentAt = (stored[at]?.sentAt ?? 0) + 1;
              const late = message(10_000 + stored.length, ana, `late ${stored.length}`, { sentAt });
              stored.push(late);
              stored.sort(compareMessages);
              window = addMessage(window, late, false);
            } else if (move === 'up') {
              const first = window.messages[0];
              if (first !== undefined && !window.reachedStart)
                window = putAbove(window, list(stored, first.messageId, PAGE_SIZE));
            } else {
              const last = window.messages.at(-1);
              if (last !== undefined && !window.reachedEnd)
                window = putBelow(window, after(stored, last.messageId, PAGE_SIZE));
            }
            expect(window.messages.length).toBeLessThanOrEqual(MOST_HELD);
            const first = window.messages[0];
            const start = first === undefined ? 0 : stored.findIndex(({ messageId }) => messageId === first.messageId);
            expect(window.messages).toEqual(stored.slice(start, start + window.messages.length));
            if (window.reachedEnd) expect(window.messages.at(-1)).toEqual(stored.at(-1));
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});
