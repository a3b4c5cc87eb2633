/**
 * A bridge for unit tests of the page: answers from a table of handlers, records what was called, and sends events.
 * It fakes the node, never the page; nothing outside test/renderer may use it.
 */
import type { CallAnswer, ConclaveBridge, SavedFile } from '../../../shared/api/bridge.ts';
import type { ErrorCode } from '../../../shared/api/errors.ts';
import type { ApiEvent } from '../../../shared/api/events.ts';
import type { Method, Params, Result } from '../../../shared/api/methods.ts';

export type FakeHandlers = { [M in Method]?: (params: Params<M>) => Result<M> | Promise<Result<M>> };

/** What a handler throws to make the node answer with an error. */
export class FakeApiError extends Error {
  readonly code: ErrorCode;
  constructor(code: ErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

export interface FakeBridge extends ConclaveBridge {
  readonly handlers: FakeHandlers;
  readonly calls: { method: Method; params: unknown }[];
  /** Files that the person was asked to save; each is saved. */
  readonly saved: SavedFile[];
  emit(event: ApiEvent): void;
  /** The params of every call of a method, in order. */
  paramsOf<M extends Method>(method: M): Params<M>[];
}

export function createFakeBridge(handlers: FakeHandlers): FakeBridge {
  const subscribers = new Set<(event: ApiEvent) => void>();
  const calls: FakeBridge['calls'] = [];
  const saved: SavedFile[] = [];
  return {
    handlers,
    calls,
    async call<M extends Method>(method: M, params: Params<M>): Promise<CallAnswer<M>> {
      calls.push({ method, params });
      const handler: ((given: Params<M>) => Result<M> | Promise<Result<M>>) | undefined = handlers[method];
      try {
        if (handler === undefined) throw new FakeApiError('INTERNAL', `The test answers no ${method}.`);
        return { ok: true, result: await handler(params) };
      } catch (error) {
        if (!(error instanceof FakeApiError)) throw error;
        return { ok: false, error: { code: error.code, message: error.message, data: { code: error.code } } };
      }
    },
    async saveFile(file) {
      saved.push(file);
      return { ok: true, saved: true };
    },
    saved,
    subscribe(handler) {
      subscribers.add(handler);
      return () => subscribers.delete(handler);
    },
    emit(event) {
      for (const subscriber of subscribers) subscriber(event);
    },
    paramsOf<M extends Method>(method: M): Params<M>[] {
      return calls.filter((call) => call.method === method).map((call) => call.params as Params<M>);
    },
  };
}
