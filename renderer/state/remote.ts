/**
 * What a screen knows about something that is read from the node: exactly one of four states.
 */
import { messageOf } from './call.ts';

export type Remote<T> =
  | { readonly kind: 'loading' }
  | { readonly kind: 'empty' }
  | { readonly kind: 'ready'; readonly value: T }
  | { readonly kind: 'failed'; readonly message: string };

export const loading: Remote<never> = { kind: 'loading' };
const empty: Remote<never> = { kind: 'empty' };

export const ready = <T>(value: T): Remote<T> => ({ kind: 'ready', value });

export const readyList = <T>(value: readonly T[]): Remote<readonly T[]> => (value.length === 0 ? empty : ready(value));

export const failed = (error: unknown): Remote<never> => ({ kind: 'failed', message: messageOf(error) });

/** A refresh that failed does not take away what is already on the screen. */
export const failedUnlessShown = <T>(shown: Remote<T> | undefined, error: unknown): Remote<T> =>
  shown?.kind === 'ready' || shown?.kind === 'empty' ? shown : failed(error);

export const valueOf = <T>(remote: Remote<T> | undefined): T | undefined =>
  remote?.kind === 'ready' ? remote.value : undefined;
