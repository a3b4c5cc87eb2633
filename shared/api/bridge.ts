/**
 * What the preload puts on `window.conclave`, and the names of the two channels beneath it.
 * Knows no Electron: the preload and the main process's door both build on this.
 */
import type { ErrorCode, ErrorData } from './errors.ts';
import type { ApiEvent } from './events.ts';
import type { Method, Params, Result } from './methods.ts';

export { MAX_SUBSCRIBERS } from '../limits.ts';

/** Invoked with a method's name and its params; answers with a BridgeAnswer. */
export const callChannel = 'conclave:call';
/**
 * Invoked with nothing; answers with the next events, at least one, as soon as there are any. The page asks again
 * when it has dealt with them, so that the main process never piles up messages towards a page that hangs.
 */
export const eventChannel = 'conclave:events';

export type BridgeError = { readonly code: ErrorCode; readonly message: string; readonly data: ErrorData };
export type BridgeAnswer =
  { readonly ok: true; readonly result: unknown } | { readonly ok: false; readonly error: BridgeError };

/** What a call of one method resolves with. */
export type CallAnswer<M extends Method> =
  { readonly ok: true; readonly result: Result<M> } | { readonly ok: false; readonly error: BridgeError };

export interface ConclaveBridge {
  /** Calls a method; resolves with its result or with the error that it ended in, never rejects for an API error. */
  call<M extends Method>(method: M, params: Params<M>): Promise<CallAnswer<M>>;
  /** Delivers every event from now on, in order; returns the function that ends it. Throws over MAX_SUBSCRIBERS. */
  subscribe(handler: (event: ApiEvent) => void): () => void;
}
