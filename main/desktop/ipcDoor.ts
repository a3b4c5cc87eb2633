/**
 * The one door between a page and the node: every channel, and who may use them, stand here. A caller is our own page
 * in the top frame of our own window, or nobody. Events are pulled by the page, so that a page that hangs costs a
 * bounded queue and no more.
 */
import type { IpcMain, IpcMainInvokeEvent, WebContents } from 'electron';
import {
  callChannel,
  eventChannel,
  savedFileSchema,
  saveFileChannel,
  type BridgeAnswer,
  type BridgeError,
  type SaveAnswer,
  type SavedFile,
} from '../../shared/api/bridge.ts';
import { ApiError } from '../../shared/api/errors.ts';
import type { ApiEvent } from '../../shared/api/events.ts';
import { FAREWELL_MS, MAX_CALLS_IN_FLIGHT, MAX_EVENT_BATCH, MAX_HELD_EVENTS } from '../../shared/limits.ts';
import { createCallGate } from '../api/callGate.ts';
import { createEventQueue, type EventQueue } from '../api/eventQueue.ts';
import type { Api } from '../api/index.ts';
import type { Logger } from '../messenger/contract.ts';
import { isPageUrl } from './urls.ts';

/** The part of ipcMain that is used, so that tests can stand in for it. */
export type InvokeRegistry = Pick<IpcMain, 'handle'>;

/** The part of a frame that decides who calls. */
export interface Caller {
  readonly sender: unknown;
  readonly senderFrame: { readonly url: string; readonly parent: unknown } | null;
}

export interface IpcDoor {
  /** Delivers an event to the page that listens; one that does not listen yet will read everything anyway. */
  deliver(event: ApiEvent): void;
  /** Delivers what stands nowhere else, such as an opened link: it waits, within bounds, until a page listens. */
  deliverSurely(event: ApiEvent): void;
  /** Tells the page that the app ends; resolves when it has called what it still had to, or is not there, or took too long. */
  farewell(): Promise<void>;
  /** The page is gone or another one is being loaded: it has to listen anew. */
  pageLeft(): void;
}

export interface IpcDoorDependencies {
  readonly registry: InvokeRegistry;
  /** The contents of the one window, while there is one. */
  readonly contents: () => Pick<WebContents, 'mainFrame'> | undefined;
  /** Settles once the node is there; calls wait for it. */
  readonly api: Promise<Api>;
  readonly logger: Logger;
  /** Asks the person for a place and writes; false when there is to be none. Rejects with an ApiError. */
  readonly saveFile: (file: SavedFile) => Promise<boolean>;
}

/** Whether a message came from our page in the top frame of our window. */
export function isOwnCaller(caller: Caller, contents: Pick<WebContents, 'mainFrame'> | undefined): boolean {
  const frame = caller.senderFrame;
  return (
    contents !== undefined &&
    caller.sender === contents &&
    frame !== null &&
    frame === contents.mainFrame &&
    frame.parent === null &&
    isPageUrl(frame.url)
  );
}

export function createIpcDoor({ registry, contents, api, logger, saveFile }: IpcDoorDependencies): IpcDoor {
  const gate = createCallGate();
  let held: ApiEvent[] = [];
  let queue: EventQueue | undefined;
  let pull: ((events: ApiEvent[]) => void) | undefined;
  /** Ends the farewell; `told` once the page has the event. */
  let farewell: { readonly end: () => void; told: boolean } | undefined;

  const admit = (event: IpcMainInvokeEvent, channel: string): void => {
    if (isOwnCaller(event, contents())) return;
    logger.warn({ channel, url: event.senderFrame?.url ?? 'no frame' }, 'a message from elsewhere was refused');
    throw new Error('refused');
  };

  const answerPull = (): void => {
    if (pull === undefined || queue === undefined || queue.size === 0) return;
    const answer = pull;
    pull = undefined;
    const events = queue.take(MAX_EVENT_BATCH);
    if (farewell !== undefined && events.some(({ type }) => type === 'app.closing')) farewell.told = true;
    answer(events);
  };

  registry.handle(callChannel, async (event, ...args: unknown[]): Promise<BridgeAnswer> => {
    admit(event, callChannel);
    const [method, params] = args;
    if (typeof method !== 'string' || args.length > 2) return failed(new ApiError('INVALID_REQUEST', 'Not a call.'));
    if (!gate.hasRoom(1))
      return failed(new ApiError('TOO_LARGE', 'Too many calls at once.', { limit: MAX_CALLS_IN_FLIGHT }));
    return gate.run(1, async () => {
      try {
        return { ok: true, result: await (await api).call(method, params) };
      } catch (error) {
        return failed(error);
      }
    });
  });

  registry.handle(eventChannel, (event): Promise<readonly ApiEvent[]> => {
    admit(event, eventChannel);
    // It asks again when it has dealt with the last events: its calls came before.
    if (farewell?.told === true) farewell.end();
    // One question is open at a time: an older one is answered with nothing.
    pull?.([]);
    if (queue === undefined) {
      queue = createEventQueue();
      for (const early of held) queue.push(early);
      held = [];
    }
    return new Promise((resolve) => {
      pull = resolve;
      answerPull();
    });
  });

  registry.handle(saveFileChannel, async (event, ...args: unknown[]): Promise<SaveAnswer> => {
    admit(event, saveFileChannel);
    const file = savedFileSchema.safeParse(args[0]);
    if (!file.success || args.length !== 1) return failed(new ApiError('INVALID_PARAMS', 'Not a file.'));
    try {
      return { ok: true, saved: await saveFile(file.data) };
    } catch (error) {
      return failed(error);
    }
  });

  const deliver = (event: ApiEvent): void => {
    queue?.push(event);
    answerPull();
  };

  return {
    deliver,
    deliverSurely(event) {
      if (queue === undefined) held = [...held, event].slice(-MAX_HELD_EVENTS);
      else deliver(event);
    },
    farewell() {
      if (queue === undefined) return Promise.resolve();
      return new Promise((resolve) => {
        const timer = setTimeout(resolve, FAREWELL_MS);
        farewell = {
          told: false,
          end: () => {
            clearTimeout(timer);
            resolve();
          },
        };
        deliver({ type: 'app.closing' });
      });
    },
    pageLeft() {
      farewell?.end();
      pull?.([]);
      pull = undefined;
      queue = undefined;
    },
  };
}

function failed(error: unknown): { readonly ok: false; readonly error: BridgeError } {
  const shown = error instanceof ApiError ? error : new ApiError('INTERNAL', 'Something went wrong inside Conclave.');
  return { ok: false, error: { code: shown.code, message: shown.message, data: shown.data } };
}
