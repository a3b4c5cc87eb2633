/**
 * One method of the App API as a function of whatever a caller passed. Knows neither transports nor use cases.
 */
import type { CheckedParams, Method, Result } from '../../shared/api/methods.ts';
import { checkParams } from './params.ts';

/** Checks the params and runs the method. Rejects with an ApiError INVALID_PARAMS, or with what the use case threw. */
export type Route = (params: unknown) => Promise<unknown>;

/** A route for every method of one namespace: a method without one does not compile. */
export type Routes<Namespace extends string> = {
  readonly [M in Extract<Method, `${Namespace}.${string}`>]: Route;
};

/** Starts the handler at once, so that calls begin in the order in which they came. */
export function route<M extends Method>(method: M, handler: (params: CheckedParams<M>) => Promise<Result<M>>): Route {
  return async (params) => handler(checkParams(method, params));
}
