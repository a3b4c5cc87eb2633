/**
 * Prepared statements whose rows are checked and whose errors are StorageError. Repositories see SQLite through this
 * file only.
 */
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { MAX_PAGE_SIZE, MAX_STORED_JSON_BYTES } from '../../shared/limits.ts';
import { StorageError } from './errors.ts';
import { damaged, mapped } from './sqliteErrors.ts';

type SqlValue = string | number | bigint | Uint8Array | null;

export interface Query<Row> {
  one(...parameters: readonly SqlValue[]): Row | undefined;
  all(...parameters: readonly SqlValue[]): readonly Row[];
}

/** Integers beyond 2^53 need `bigint` columns; everything else reads better as numbers. */
export interface QueryOptions {
  readonly bigints?: boolean;
}

/** Prepares a statement that gives rows. A row that does not fit `schema` means damage. */
export function query<Row>(
  database: Database,
  sql: string,
  schema: z.ZodType<Row>,
  options: QueryOptions = {},
): Query<Row> {
  const statement = mapped(() => database.prepare<SqlValue[]>(sql).safeIntegers(options.bigints === true));
  const check = (row: unknown): Row => {
    const result = schema.safeParse(row);
    // The issues of zod quote the values that they found: they stay out of the error.
    if (!result.success) throw damaged();
    return result.data;
  };
  return {
    one(...parameters) {
      const row = mapped(() => statement.get(...parameters));
      return row === undefined ? undefined : check(row);
    },
    all: (...parameters) => mapped(() => statement.all(...parameters)).map(check),
  };
}

interface ChangeResult {
  readonly changes: number;
  /** The id of the row that was inserted last. */
  readonly id: number;
}

export type Change = (...parameters: readonly SqlValue[]) => ChangeResult;

/** Prepares a statement that gives no rows. */
export function change(database: Database, sql: string): Change {
  const statement = mapped(() => database.prepare<SqlValue[]>(sql));
  return (...parameters) => {
    const { changes, lastInsertRowid } = mapped(() => statement.run(...parameters));
    return { changes, id: Number(lastInsertRowid) };
  };
}

/** A column of bytes, free of the runtime's Buffer. */
export const bytesColumn = z
  .instanceof(Uint8Array)
  .transform((bytes) => new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));

/** A column of JSON that must fit `schema`. */
export function jsonColumn<Value>(schema: z.ZodType<Value>): z.ZodType<Value> {
  return z
    .string()
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text) as unknown;
      } catch {
        context.addIssue({ code: 'custom', message: 'not JSON' });
        return z.NEVER;
      }
    })
    .pipe(schema);
}

/** Encodes a value for a column of JSON. Throws StorageError TOO_LARGE. */
export function toJson(value: unknown): string {
  const text = JSON.stringify(value);
  requireBytes(text, MAX_STORED_JSON_BYTES, 'record');
  return text;
}

/** Throws StorageError TOO_LARGE when `value` has more than `limit` bytes. */
export function requireBytes(value: string | Uint8Array, limit: number, what: string): void {
  const bytes = typeof value === 'string' ? Buffer.byteLength(value, 'utf8') : value.byteLength;
  if (bytes > limit) throw new StorageError('tooLarge', `A ${what} may have ${limit} bytes at most.`, { limit });
}

/** A page's size as LIMIT takes it: a negative one would mean no limit. One more than a page tells whether it is the last. */
export function pageLimit(limit: number): number {
  return Number.isFinite(limit) ? Math.min(Math.max(0, Math.trunc(limit)), MAX_PAGE_SIZE + 1) : MAX_PAGE_SIZE + 1;
}
