/**
 * The bridge of `shared/api/bridge.ts` over one function that asks the main process. Knows no Electron, so that it is
 * tested as it is.
 */
import {
  callChannel,
  eventChannel,
  MAX_SUBSCRIBERS,
  saveFileChannel,
  type BridgeError,
  type CallAnswer,
  type ConclaveBridge,
  type SaveAnswer,
} from '../shared/api/bridge.ts';
import type { ApiEvent } from '../shared/api/events.ts';
import type { Method, Params } from '../shared/api/methods.ts';

/** Asks the main process on a channel; rejects when it refuses or is gone. */
export type Invoke = (channel: string, ...args: readonly unknown[]) => Promise<unknown>;

const noAnswer: BridgeError = {
  code: 'INTERNAL',
  message: 'Conclave did not answer.',
  data: { code: 'INTERNAL' },
};

/** Pause after the main process did not answer a question for events. */
const RETRY_MS = 1_000;

export function createBridge(invoke: Invoke): ConclaveBridge {
  const handlers = new Set<{ readonly handle: (event: ApiEvent) => void }>();
  let pulling = false;

  /** Asks for events for as long as the page lives. Nobody waits for it. */
  const pull = async (): Promise<void> => {
    for (;;) {
      try {
        // Main builds this from the schemas that the types come from.
        const events = (await invoke(eventChannel)) as readonly ApiEvent[];
        for (const event of events) deliver(event);
      } catch {
        // Refused, or the app is ending: the page is told by its calls.
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  };

  const deliver = (event: ApiEvent): void => {
    for (const { handle } of [...handlers]) {
      try {
        handle(event);
      } catch (error) {
        // One handler's fault is not another's.
        reportError(error);
      }
    }
  };

  return {
    async call<M extends Method>(method: M, params: Params<M>): Promise<CallAnswer<M>> {
      try {
        return (await invoke(callChannel, method, params)) as CallAnswer<M>;
      } catch {
        return { ok: false, error: noAnswer };
      }
    },

    async saveFile(file) {
      try {
        return (await invoke(saveFileChannel, file)) as SaveAnswer;
      } catch {
        return { ok: false, error: noAnswer };
      }
    },

    subscribe(handler) {
      if (typeof handler !== 'function') throw new TypeError('a handler is a function');
      if (handlers.size >= MAX_SUBSCRIBERS) throw new RangeError('too many subscribers');
      const subscription = { handle: handler };
      handlers.add(subscription);
      if (!pulling) {
        pulling = true;
        void pull();
      }
      return () => {
        handlers.delete(subscription);
      };
    },
  };
}
