/** What bounds a transport: how many calls run at once, how many events wait. */
import { describe, expect, it } from 'vitest';
import type { ApiEvent } from '../../../shared/api/events.ts';
import { createCallGate } from '../../../main/api/callGate.ts';
import { createEventQueue } from '../../../main/api/eventQueue.ts';

const event = (count: number): ApiEvent => ({ type: 'notice', level: 'info', text: String(count) });

describe('the event queue', () => {
  it('hands events out in order, as many as are asked for', () => {
    const queue = createEventQueue(10);
    for (let count = 0; count < 5; count++) queue.push(event(count));
    expect(queue.take(2)).toEqual([event(0), event(1)]);
    expect(queue.size).toBe(3);
    expect(queue.take(100)).toEqual([event(2), event(3), event(4)]);
    expect(queue.take(100)).toEqual([]);
  });

  it('puts one events.lost with the number in place of all that waited when it is full', () => {
    const queue = createEventQueue(3);
    for (let count = 0; count < 8; count++) queue.push(event(count));
    expect(queue.size).toBe(3);
    expect(queue.take(100)).toEqual([{ type: 'events.lost', count: 6 }, event(6), event(7)]);
    expect(queue.size).toBe(0);
    queue.push(event(9));
    expect(queue.take(100)).toEqual([event(9)]);
  });

  it('keeps to the number asked for with a loss before it', () => {
    const queue = createEventQueue(2);
    for (let count = 0; count < 4; count++) queue.push(event(count));
    expect(queue.take(1)).toEqual([{ type: 'events.lost', count: 2 }]);
    expect(queue.take(1)).toEqual([event(2)]);
  });
});

describe('the call gate', () => {
  it('counts what runs and lets the next in when there is room', async () => {
    const gate = createCallGate(2);
    const ends: (() => void)[] = [];
    const call = () => gate.run(1, () => new Promise<void>((resolve) => ends.push(resolve)));
    const calls = [call(), call()];
    expect(gate.hasRoom(1)).toBe(false);
    let entered = false;
    const waiting = gate.whenRoom(1).then(() => (entered = true));
    await Promise.resolve();
    expect(entered).toBe(false);
    ends[0]!();
    await waiting;
    expect(gate.hasRoom(1)).toBe(true);
    ends[1]!();
    await Promise.all([...calls, gate.whenIdle()]);
  });

  it('counts a call that failed as over', async () => {
    const gate = createCallGate(1);
    await expect(gate.run(1, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(gate.hasRoom(1)).toBe(true);
    await gate.whenIdle();
  });
});
