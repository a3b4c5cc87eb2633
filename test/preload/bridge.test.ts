/** The bridge of a page, over a fake main process. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { callChannel, eventChannel, MAX_SUBSCRIBERS } from '../../shared/api/bridge.ts';
import type { ApiEvent } from '../../shared/api/events.ts';
import { createBridge, type Invoke } from '../../preload/bridge.ts';

const changed: ApiEvent = { type: 'identity.changed' };
const lost: ApiEvent = { type: 'events.lost', count: 1 };

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** A main process whose questions for events are answered by hand. */
function mainProcess() {
  const asked: { readonly channel: string; readonly args: readonly unknown[] }[] = [];
  const pulls: PromiseWithResolvers<unknown>[] = [];
  const invoke: Invoke = (channel, ...args) => {
    asked.push({ channel, args });
    if (channel !== eventChannel) return Promise.resolve({ ok: true, result: {} });
    const pull = Promise.withResolvers<unknown>();
    pulls.push(pull);
    return pull.promise;
  };
  const give = async (...events: ApiEvent[]): Promise<void> => {
    const before = pulls.length;
    pulls.at(-1)!.resolve(events);
    while (pulls.length === before) await Promise.resolve();
  };
  return { asked, pulls, invoke, give };
}

describe('the bridge', () => {
  it('offers call, saveFile and subscribe, and nothing else', () => {
    expect(Object.keys(createBridge(mainProcess().invoke)).sort()).toEqual(['call', 'saveFile', 'subscribe']);
  });

  it('passes a call on as it is and its answer back', async () => {
    const main = mainProcess();
    expect(await createBridge(main.invoke).call('peer.connect', { address: 'x' })).toEqual({ ok: true, result: {} });
    expect(main.asked).toEqual([{ channel: callChannel, args: ['peer.connect', { address: 'x' }] }]);
  });

  it('answers a call that main refused with an error, without its text', async () => {
    const bridge = createBridge(() => Promise.reject(new Error('Error invoking remote method: /home/x')));
    const answer = await bridge.call('app.info', {});
    expect(answer).toMatchObject({ ok: false, error: { code: 'INTERNAL' } });
    expect(JSON.stringify(answer)).not.toContain('home');
  });

  it('asks for events only from the first subscriber on, once, and delivers plain events in order', async () => {
    const main = mainProcess();
    const bridge = createBridge(main.invoke);
    expect(main.asked).toEqual([]);
    const heard: unknown[][] = [];
    bridge.subscribe((...args) => heard.push(['first', ...args]));
    const stop = bridge.subscribe((...args) => heard.push(['second', ...args]));
    expect(main.pulls).toHaveLength(1);
    await main.give(changed, lost);
    stop();
    stop();
    await main.give(changed);
    expect(heard).toEqual([
      ['first', changed],
      ['second', changed],
      ['first', lost],
      ['second', lost],
      ['first', changed],
    ]);
    expect(main.asked.every(({ channel, args }) => channel === eventChannel && args.length === 0)).toBe(true);
  });

  it('asks again only after it delivered', async () => {
    const main = mainProcess();
    let pullsAtDelivery = 0;
    createBridge(main.invoke).subscribe(() => (pullsAtDelivery = main.pulls.length));
    await main.give(changed);
    expect(pullsAtDelivery).toBe(1);
    expect(main.pulls).toHaveLength(2);
  });

  it('takes the same function twice as two subscribers', async () => {
    const main = mainProcess();
    const bridge = createBridge(main.invoke);
    let heard = 0;
    const handler = () => {
      heard += 1;
    };
    const stop = bridge.subscribe(handler);
    bridge.subscribe(handler);
    await main.give(changed);
    stop();
    await main.give(changed);
    expect(heard).toBe(3);
  });

  it('goes on when a handler throws, and reports it', async () => {
    const reported: unknown[] = [];
    vi.stubGlobal('reportError', (error: unknown) => reported.push(error));
    const main = mainProcess();
    const bridge = createBridge(main.invoke);
    const heard: ApiEvent[] = [];
    bridge.subscribe(() => {
      throw new Error('a view is broken');
    });
    bridge.subscribe((event) => heard.push(event));
    await main.give(changed, lost);
    expect(heard).toEqual([changed, lost]);
    expect(reported).toHaveLength(2);
  });

  it('takes a bounded number of subscribers, functions only', () => {
    const bridge = createBridge(mainProcess().invoke);
    const stops = Array.from({ length: MAX_SUBSCRIBERS }, () => bridge.subscribe(() => {}));
    expect(() => bridge.subscribe(() => {})).toThrow(RangeError);
    stops[0]!();
    bridge.subscribe(() => {});
    expect(() => bridge.subscribe('x' as never)).toThrow(TypeError);
  });

  it('asks again after a pause when main refused', async () => {
    vi.useFakeTimers();
    const main = mainProcess();
    createBridge(main.invoke).subscribe(() => {});
    main.pulls[0]!.reject(new Error('refused'));
    await vi.advanceTimersByTimeAsync(500);
    expect(main.pulls).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(600);
    expect(main.pulls).toHaveLength(2);
  });
});
