/**
 * What the preload puts on `window.conclave`, and the names of the two channels beneath it.
 * Knows no Electron: the preload and the main process's door both build on this.
 */
import type { ErrorCode, ErrorData } from './errors.ts';
import type { ApiEvent } from './events.ts';
import type { Method, Params, Result } from './methods.ts';

export const callChannel = 'conclave:call';
export const eventChannel = 'conclave:event';

export type BridgeError = { readonly code: ErrorCode; readonly message: string; readonly data: ErrorData };
export type BridgeAnswer =
  { readonly ok: true; readonly result: unknown } | { readonly ok: false; readonly error: BridgeError };

export interface ConclaveBridge {
  /** Calls a method; resolves with its result or with the error that it ended in, never rejects for an API error. */
  call<M extends Method>(
    method: M,
    params: Params<M>,
  ): Promise<{ readonly ok: true; readonly result: Result<M> } | { readonly ok: false; readonly error: BridgeError }>;
  /** Delivers every event from now on; returns the function that ends it. */
  subscribe(handler: (event: ApiEvent) => void): () => void;
}
