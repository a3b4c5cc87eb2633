/** The door between page and node: who gets in, and what a page costs that does not behave. */
import { describe, expect, it } from 'vitest';
import {
  callChannel,
  eventChannel,
  saveFileChannel,
  type BridgeAnswer,
  type SavedFile,
} from '../../../shared/api/bridge.ts';
import type { ApiEvent } from '../../../shared/api/events.ts';
import { MAX_CALLS_IN_FLIGHT, MAX_EVENT_BATCH, MAX_HELD_EVENTS, MAX_QUEUED_EVENTS } from '../../../shared/limits.ts';
import { createIpcDoor, isOwnCaller, type Caller, type InvokeRegistry } from '../../../main/desktop/ipcDoor.ts';
import { pageUrl } from '../../../main/desktop/urls.ts';
import { fakeNode, sampleResults } from '../api/fakeMessenger.ts';

type Handler = Parameters<InvokeRegistry['handle']>[1];
type Contents = NonNullable<Parameters<typeof isOwnCaller>[1]>;

const frameOf = (url: string, parent: unknown = null) => ({ url, parent });

/** A window with our page in it, and whatever a forged message may carry. */
function pageIn() {
  const mainFrame = frameOf(pageUrl);
  const contents = { mainFrame } as unknown as Contents;
  const own: Caller = { sender: contents, senderFrame: mainFrame };
  return { contents, mainFrame, own };
}

function forgeries({ contents, mainFrame }: ReturnType<typeof pageIn>): Record<string, Caller> {
  const elsewhere = frameOf('https://example.org/');
  return {
    'another window': { sender: {}, senderFrame: mainFrame },
    'no sender': { sender: undefined, senderFrame: mainFrame },
    'a frame that is gone': { sender: contents, senderFrame: null },
    'a frame inside': { sender: contents, senderFrame: frameOf(pageUrl, mainFrame) },
    'a frame of the same address': { sender: contents, senderFrame: frameOf(pageUrl) },
    'another window of the same address': { sender: { mainFrame: elsewhere }, senderFrame: elsewhere },
  };
}

function open() {
  const node = fakeNode();
  const page = pageIn();
  const handlers = new Map<string, Handler>();
  let contents: Contents | undefined = page.contents;
  const saved: SavedFile[] = [];
  let save = (): Promise<boolean> => Promise.resolve(true);
  const door = createIpcDoor({
    registry: { handle: (channel, handler) => handlers.set(channel, handler) },
    contents: () => contents,
    api: Promise.resolve(node.api),
    logger: node.logger,
    saveFile: (file) => {
      saved.push(file);
      return save();
    },
  });
  const invoke = async (caller: Caller, channel: string, ...args: unknown[]): Promise<unknown> =>
    handlers.get(channel)!(caller as never, ...args) as unknown;
  const call = (...args: unknown[]) => invoke(page.own, callChannel, ...args) as Promise<BridgeAnswer>;
  const pull = () => invoke(page.own, eventChannel) as Promise<ApiEvent[]>;
  return {
    ...node,
    page,
    door,
    handlers,
    invoke,
    call,
    pull,
    saved,
    saveWith: (other: typeof save) => (save = other),
    close: () => (contents = undefined),
  };
}

const notice = (text: string): ApiEvent => ({ type: 'notice', level: 'info', text });

describe('who is let in', () => {
  it('is our page in the top frame of our window', () => {
    const page = pageIn();
    expect(isOwnCaller(page.own, page.contents)).toBe(true);
    for (const [what, caller] of Object.entries(forgeries(page)))
      expect(isOwnCaller(caller, page.contents), what).toBe(false);
    expect(isOwnCaller(page.own, undefined)).toBe(false);
  });

  it('is nobody once the window shows something else', () => {
    for (const url of [
      'about:blank',
      'https://example.org',
      'app://evil/index.html',
      'file:///index.html',
      'data:,x',
    ]) {
      const mainFrame = frameOf(url);
      const contents = { mainFrame } as unknown as Contents;
      expect(isOwnCaller({ sender: contents, senderFrame: mainFrame }, contents), url).toBe(false);
    }
  });

  it('is decided on every channel, before anything is looked at', async () => {
    const opened = open();
    expect([...opened.handlers.keys()].sort()).toEqual([callChannel, eventChannel, saveFileChannel].sort());
    for (const [what, caller] of Object.entries(forgeries(opened.page)))
      for (const channel of opened.handlers.keys())
        await expect(opened.invoke(caller, channel, 'app.info', {}), what).rejects.toThrow('refused');
    opened.close();
    await expect(opened.call('app.info', {})).rejects.toThrow('refused');
    expect(opened.calls).toEqual([]);
    expect(opened.logger.lines.every(({ level }) => level === 'warn')).toBe(true);
  });
});

describe('a file to save', () => {
  it('has a plain name and a text, and its answer says whether it was saved', async () => {
    const opened = open();
    const save = (...args: unknown[]) => opened.invoke(opened.page.own, saveFileChannel, ...args);
    const file = { name: 'decision-ab12.json', content: '{}' };
    expect(await save(file)).toEqual({ ok: true, saved: true });
    opened.saveWith(() => Promise.resolve(false));
    expect(await save(file)).toEqual({ ok: true, saved: false });
    opened.saveWith(() => Promise.reject(new Error('/home/x')));
    const answer = await save(file);
    expect(answer).toMatchObject({ ok: false, error: { code: 'INTERNAL' } });
    expect(JSON.stringify(answer)).not.toContain('home');
    expect(opened.saved).toEqual([file, file, file]);
  });

  it.each([
    ['no name', { content: '' }],
    ['a path', { name: '../x.json', content: '' }],
    ['a program', { name: 'x.sh', content: '' }],
    ['a hidden file', { name: '.json', content: '' }],
    ['no text', { name: 'x.json', content: 7 }],
    ['more', { name: 'x.json', content: '', mode: 0o777 }],
    ['nothing', undefined],
  ])('is refused with %s', async (_what, file) => {
    const opened = open();
    expect(await opened.invoke(opened.page.own, saveFileChannel, file)).toMatchObject({
      ok: false,
      error: { code: 'INVALID_PARAMS' },
    });
    expect(opened.saved).toEqual([]);
  });
});

describe('calls', () => {
  it('are answered with their result or their error, without a stack', async () => {
    const opened = open();
    expect(await opened.call('app.info', {})).toEqual({ ok: true, result: sampleResults['app.info'] });
    expect(await opened.call('no.such', {})).toMatchObject({ ok: false, error: { code: 'UNKNOWN_METHOD' } });
    expect(await opened.call('conversation.get', {})).toMatchObject({
      ok: false,
      error: { code: 'INVALID_PARAMS', data: { issues: [{ path: 'conversationId' }] } },
    });
    opened.answer('app.info', () => Promise.reject(new Error('a bug')));
    const failed = await opened.call('app.info', {});
    expect(failed).toMatchObject({ ok: false, error: { code: 'INTERNAL' } });
    expect(JSON.stringify(failed)).not.toMatch(/a bug|\.ts/);
  });

  it('need a method, and nothing beyond its params', async () => {
    const opened = open();
    for (const args of [[], [7], [null, {}], [{}, {}], ['app.info', {}, 'more']])
      expect(await opened.call(...args)).toMatchObject({ ok: false, error: { code: 'INVALID_REQUEST' } });
  });

  it('are refused beyond 256 at once, and taken again when some are over', async () => {
    const opened = open();
    const ends: (() => void)[] = [];
    opened.answer('app.info', async () => {
      await new Promise<void>((resolve) => ends.push(resolve));
      return sampleResults['app.info'];
    });
    const calls = Array.from({ length: MAX_CALLS_IN_FLIGHT }, () => opened.call('app.info', {}));
    const refusal = { ok: false, error: { code: 'TOO_LARGE', data: { limit: MAX_CALLS_IN_FLIGHT } } };
    expect(await opened.call('app.info', {})).toMatchObject(refusal);
    while (ends.length < MAX_CALLS_IN_FLIGHT) await Promise.resolve();
    for (const end of ends) end();
    await Promise.all(calls);
    expect(await opened.call('peer.list', {})).toMatchObject({ ok: true });
  });
});

describe('events', () => {
  it('are handed out when the page asks, in order, in batches', async () => {
    const opened = open();
    const first = opened.pull();
    for (let count = 0; count < 300; count++) opened.door.deliver(notice(String(count)));
    const events = [...(await first), ...(await opened.pull()), ...(await opened.pull())];
    expect(events).toEqual(Array.from({ length: 300 }, (_, count) => notice(String(count))));
    expect((await first).length).toBeLessThanOrEqual(MAX_EVENT_BATCH);
  });

  it('W-38 are dropped for a page that hangs, and it is told so', async () => {
    const opened = open();
    const first = opened.pull();
    opened.door.deliver(notice('first'));
    expect(await first).toEqual([notice('first')]);
    for (let count = 0; count <= MAX_QUEUED_EVENTS; count++) opened.door.deliver(notice(String(count)));
    expect(await opened.pull()).toEqual([
      { type: 'events.lost', count: MAX_QUEUED_EVENTS },
      notice(String(MAX_QUEUED_EVENTS)),
    ]);
  });

  it('that stand nowhere else wait for a page that listens, within bounds', async () => {
    const opened = open();
    opened.door.deliver(notice('nobody listens'));
    for (let count = 0; count < MAX_HELD_EVENTS + 3; count++) opened.door.deliverSurely(notice(String(count)));
    const events = await opened.pull();
    expect(events).toEqual(Array.from({ length: MAX_HELD_EVENTS }, (_, index) => notice(String(index + 3))));
    opened.door.deliverSurely(notice('now it listens'));
    expect(await opened.pull()).toEqual([notice('now it listens')]);
  });

  it('of a page that was left do not reach the next one', async () => {
    const opened = open();
    const left = opened.pull();
    opened.door.pageLeft();
    expect(await left).toEqual([]);
    opened.door.deliver(notice('between'));
    opened.door.deliverSurely(notice('a link'));
    expect(await opened.pull()).toEqual([notice('a link')]);
  });

  it('are asked for by one question at a time', async () => {
    const opened = open();
    const older = opened.pull();
    const newer = opened.pull();
    expect(await older).toEqual([]);
    opened.door.deliver(notice('x'));
    expect(await newer).toEqual([notice('x')]);
  });
});

describe('the farewell', () => {
  it('ends when the page has answered it with its last calls', async () => {
    const opened = open();
    const asked = opened.pull();
    let isOver = false;
    const farewell = opened.door.farewell().then(() => (isOver = true));
    expect(await asked).toEqual([{ type: 'app.closing' }]);
    expect(isOver).toBe(false);
    await opened.call('app.info', {});
    expect(isOver).toBe(false);
    void opened.pull();
    await farewell;
  });

  it('waits until the page was told when it is busy with events before', async () => {
    const opened = open();
    const first = opened.pull();
    opened.door.deliver(notice('busy'));
    await first;
    let isOver = false;
    const farewell = opened.door.farewell().then(() => (isOver = true));
    expect(await opened.pull()).toEqual([{ type: 'app.closing' }]);
    expect(isOver).toBe(false);
    opened.door.pageLeft();
    await farewell;
  });

  it('is short when no page listens, and bounded when one hangs', async () => {
    const opened = open();
    await opened.door.farewell();
    void opened.pull();
    await opened.door.farewell();
  });
});
