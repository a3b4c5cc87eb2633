/**
 * What the preload puts on `window.conclave`, and the names of the channels beneath it.
 * Knows no Electron: the preload and the main process's door both build on this.
 */
import { z } from 'zod';
import { MAX_DECISION_FILE_BYTES } from '../limits.ts';
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
/** Invoked with a proposed name and a text; answers with a SaveAnswer once the person chose a place, or none. */
export const saveFileChannel = 'conclave:save-file';

/** What a page may have saved for it: the person sees the name, and decides where it goes. */
export const savedFileSchema = z.strictObject({
  name: z.string().regex(/^[\w-]{1,80}\.(json|txt)$/),
  // An exported decision is the longest.
  content: z.string().max(MAX_DECISION_FILE_BYTES),
});
export type SavedFile = z.infer<typeof savedFileSchema>;
export type SaveAnswer =
  /** False when the person thought better of it. */
  { readonly ok: true; readonly saved: boolean } | { readonly ok: false; readonly error: BridgeError };

export type BridgeError = { readonly code: ErrorCode; readonly message: string; readonly data: ErrorData };
export type BridgeAnswer =
  { readonly ok: true; readonly result: unknown } | { readonly ok: false; readonly error: BridgeError };

/** What a call of one method resolves with. */
export type CallAnswer<M extends Method> =
  { readonly ok: true; readonly result: Result<M> } | { readonly ok: false; readonly error: BridgeError };

export interface ConclaveBridge {
  /** Calls a method; resolves with its result or with the error that it ended in, never rejects for an API error. */
  call<M extends Method>(method: M, params: Params<M>): Promise<CallAnswer<M>>;
  /** Asks the person where to save a text, and saves it. Never rejects. */
  saveFile(file: SavedFile): Promise<SaveAnswer>;
  /** Delivers every event from now on, in order; returns the function that ends it. Throws over MAX_SUBSCRIBERS. */
  subscribe(handler: (event: ApiEvent) => void): () => void;
}
