/**
 * The page's way to the App API: a call resolves with its result or rejects with a CallError that can be shown.
 * Knows no store.
 */
import type { ConclaveBridge, SavedFile } from '../../shared/api/bridge.ts';
import type { ErrorCode, ErrorData } from '../../shared/api/errors.ts';
import type { Method, Params, Result } from '../../shared/api/methods.ts';
import { text } from '../text/index.ts';

/** An API error on its way to the screen; `message` is a sentence for a person. */
export class CallError extends Error {
  readonly code: ErrorCode;
  readonly data: ErrorData;

  constructor(message: string, data: ErrorData) {
    super(message);
    this.name = 'CallError';
    this.code = data.code;
    this.data = data;
  }
}

export function bridge(): ConclaveBridge {
  if (window.conclave === undefined) throw new CallError(text.common.noBridge, { code: 'INTERNAL' });
  return window.conclave;
}

/** Calls a method. Rejects with a CallError. */
export async function call<M extends Method>(method: M, params: Params<M>): Promise<Result<M>> {
  const answer = await bridge().call(method, params);
  if (answer.ok) return answer.result;
  throw new CallError(answer.error.message, answer.error.data);
}

/** Has a text saved where the person says; false when they thought better of it. Rejects with a CallError. */
export async function saveFile(file: SavedFile): Promise<boolean> {
  const answer = await bridge().saveFile(file);
  if (answer.ok) return answer.saved;
  throw new CallError(answer.error.message, answer.error.data);
}

/** What to say about anything that was thrown. */
export function messageOf(error: unknown): string {
  if (!(error instanceof CallError)) return text.errors.unreachable;
  if (error.message === text.common.noBridge) return error.message;
  return error.code === 'INTERNAL' ? text.errors.internal : error.message;
}
