/**
 * Standard output as lines of JSON, for a reader that may be slow or gone. Answers are written as they come (as many as
 * calls are in flight, no more); events wait in a bounded queue while the reader does not read.
 */
import type { Writable } from 'node:stream';
import { createJSONRPCNotification, type JSONRPCResponse } from 'json-rpc-2.0';
import type { ApiEvent } from '../../shared/api/events.ts';
import { MAX_EVENT_BATCH } from '../../shared/limits.ts';
import { createEventQueue } from '../api/eventQueue.ts';

export interface RpcOutput {
  answer(answer: JSONRPCResponse | readonly JSONRPCResponse[]): void;
  notify(method: string, params: object): void;
  event(event: ApiEvent): void;
  /** Resolves when the reader takes more, or is gone. */
  whenDrained(): Promise<void>;
  /** Resolves when everything was taken, or the reader is gone. */
  flush(): Promise<void>;
  /** Resolves when the reader is gone; what is written after that is dropped. */
  readonly broken: Promise<void>;
}

export function createRpcOutput(stream: Writable): RpcOutput {
  const events = createEventQueue();
  let isBroken = false;
  let unwritten = 0;
  let wake = new Set<() => void>();

  const wakeAll = (): void => {
    const waiting = wake;
    wake = new Set();
    for (const resume of waiting) resume();
  };
  const until = async (condition: () => boolean): Promise<void> => {
    while (!condition() && !isBroken) await new Promise<void>((resolve) => wake.add(resolve));
  };
  const write = (value: object): void => {
    if (isBroken) return;
    unwritten += 1;
    stream.write(`${JSON.stringify(value)}\n`, () => {
      unwritten -= 1;
      wakeAll();
    });
  };
  const writeEvents = (): void => {
    while (events.size > 0 && !isBroken && !stream.writableNeedDrain) {
      for (const event of events.take(MAX_EVENT_BATCH)) write(createJSONRPCNotification('event', event));
    }
  };

  const broken = new Promise<void>((resolve) => {
    const fail = (): void => {
      isBroken = true;
      wakeAll();
      resolve();
    };
    stream.on('error', fail);
    stream.on('close', fail);
  });
  stream.on('drain', () => {
    writeEvents();
    wakeAll();
  });

  return {
    answer: write,
    notify: (method, params) => write(createJSONRPCNotification(method, params)),
    event(event) {
      events.push(event);
      writeEvents();
    },
    whenDrained: () => until(() => !stream.writableNeedDrain),
    flush: () => until(() => unwritten === 0 && events.size === 0),
    broken,
  };
}
