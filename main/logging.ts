/**
 * The log: lines of JSON on standard error, never on standard output. What a field's name calls a secret is blanked out
 * before it is written, wherever it stands. Knows nothing of what is logged.
 */
import { pino } from 'pino';
import { MAX_LOGGED_DEPTH, MAX_LOGGED_ENTRIES, MAX_LOGGED_STRING } from '../shared/limits.ts';
import type { Logger } from './messenger/contract.ts';

export const logLevels = ['error', 'warn', 'info', 'debug', 'trace'] as const;
export type LogLevel = (typeof logLevels)[number];

export const isLogLevel = (text: string): text is LogLevel => logLevels.some((level) => level === text);

/** Names of fields whose values are nobody's business, in whatever spelling they come. */
const SECRET_NAME = /secret|key|phrase|mnemonic|entropy|seed|invite|payload|text|password|token/i;
const BLANK = '[redacted]';

/** Writes to file descriptor 2 before it returns, so that the last line before a crash is there. */
export function createLogger(level: LogLevel): Logger {
  const destination = pino.destination({ dest: 2, sync: true });
  // Whoever read the log has gone; there is nobody left to tell.
  destination.on('error', () => {});
  return pino({ level, base: { pid: process.pid }, formatters: { log: redacted } }, destination);
}

/** A copy of what is to be logged that is safe to show and bounded in size. */
export function redacted(data: object): Record<string, unknown> {
  return fieldsOf(data, 0, new Set());
}

function fieldsOf(value: object, depth: number, above: ReadonlySet<object>): Record<string, unknown> {
  const path = new Set(above).add(value);
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, MAX_LOGGED_ENTRIES)
      .map(([name, field]) => [name, SECRET_NAME.test(name) ? BLANK : shown(field, depth + 1, path)]),
  );
}

function shown(value: unknown, depth: number, above: ReadonlySet<object>): unknown {
  switch (typeof value) {
    case 'string':
      return cut(value);
    case 'bigint':
      return value.toString();
    case 'function':
    case 'symbol':
      return `[${typeof value}]`;
    case 'object':
      return value === null ? null : shownObject(value, depth, above);
    default:
      return value;
  }
}

function shownObject(value: object, depth: number, above: ReadonlySet<object>): unknown {
  if (above.has(value)) return '[circular]';
  if (depth > MAX_LOGGED_DEPTH) return '[deeper]';
  if (value instanceof Error) return shownError(value, depth, above);
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (!Array.isArray(value)) return fieldsOf(value, depth, above);
  const path = new Set(above).add(value);
  return value.slice(0, MAX_LOGGED_ENTRIES).map((entry: unknown) => shown(entry, depth + 1, path));
}

/** An error with its stack and its causes; its other fields like those of any object. */
function shownError(error: Error, depth: number, above: ReadonlySet<object>): Record<string, unknown> {
  const path = new Set(above).add(error);
  return {
    type: error.name,
    message: cut(error.message),
    ...(error.stack === undefined ? {} : { stack: cut(error.stack) }),
    ...(error.cause === undefined ? {} : { cause: shown(error.cause, depth + 1, path) }),
    ...fieldsOf(Object.fromEntries(Object.entries(error)), depth, path),
  };
}

function cut(text: string): string {
  return text.length <= MAX_LOGGED_STRING ? text : `${text.slice(0, MAX_LOGGED_STRING)}[cut]`;
}
