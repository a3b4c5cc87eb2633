/**
 * Checks what a caller passed against a method's schema, and says what does not fit field by field. Never repeats a
 * value: it may be a recovery phrase.
 */
import type { z } from 'zod';
import { ApiError } from '../../shared/api/errors.ts';
import { methods, type CheckedParams, type Method } from '../../shared/api/methods.ts';
import { MAX_ISSUE_PATH_LENGTH, MAX_ISSUES } from '../../shared/limits.ts';

interface Issue {
  readonly path: string;
  readonly message: string;
}

/** The params as the handler may use them; left out counts as `{}`. Throws ApiError INVALID_PARAMS. */
export function checkParams<M extends Method>(method: M, params: unknown): CheckedParams<M> {
  const given = params ?? {};
  // A schema looks at fields alone: to it, a Date is an object without any.
  if (!isPlainObject(given)) throw invalidField(method, '', 'an object is expected');
  const checked = methods[method].params.safeParse(given);
  if (!checked.success) throw invalidParams(method, checked.error.issues.flatMap(describe));
  // The table of schemas and CheckedParams are the same table; the compiler does not follow it through a generic key.
  return checked.data as CheckedParams<M>;
}

/** INVALID_PARAMS for one field that a schema alone cannot judge. */
export function invalidField(method: Method, path: string, message: string): ApiError {
  return invalidParams(method, [{ path, message }]);
}

function isPlainObject(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function invalidParams(method: Method, found: readonly Issue[]): ApiError {
  const issues = found.slice(0, MAX_ISSUES);
  const first = issues[0];
  const where = first === undefined ? '' : first.path === '' ? first.message : `${first.path}: ${first.message}`;
  return new ApiError('INVALID_PARAMS', `The parameters of ${method} do not fit (${where}).`, { issues });
}

function describe(issue: z.core.$ZodIssue): readonly Issue[] {
  const path = issue.path.map(String);
  switch (issue.code) {
    case 'unrecognized_keys':
      // Callers choose these names: a few of them, each cut short.
      return issue.keys
        .slice(0, MAX_ISSUES)
        .map((key) => ({ path: fieldPath([...path, key]), message: 'there is no such field' }));
    case 'invalid_union':
      return closest(issue.errors).flatMap(describe);
    default:
      return [{ path: fieldPath(path), message: issue.message }];
  }
}

/** Of a union's alternatives, the one that the caller came nearest to. */
function closest(alternatives: readonly (readonly z.core.$ZodIssue[])[]): readonly z.core.$ZodIssue[] {
  return alternatives.reduce((best, next) => (weight(next) < weight(best) ? next : best), alternatives[0] ?? []);
}

/** A field of the wrong name weighs more than a wrong value: it means that another alternative was meant. */
function weight(issues: readonly z.core.$ZodIssue[]): number {
  return issues.reduce((sum, issue) => sum + (issue.code === 'unrecognized_keys' ? 10 * issue.keys.length : 1), 0);
}

function fieldPath(path: readonly string[]): string {
  return path.join('.').slice(0, MAX_ISSUE_PATH_LENGTH).toWellFormed();
}
