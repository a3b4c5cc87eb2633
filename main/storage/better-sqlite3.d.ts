/**
 * The part of better-sqlite3-multiple-ciphers that we use. Its own declarations are hidden by its `exports`, and say
 * `any` where this says `unknown`.
 */
declare module 'better-sqlite3' {
  export interface Options {
    readonly readonly?: boolean;
    readonly fileMustExist?: boolean;
    /** How long a statement waits for a lock, in ms. */
    readonly timeout?: number;
  }

  export interface RunResult {
    readonly changes: number;
    readonly lastInsertRowid: number | bigint;
  }

  export interface Statement<Parameters extends readonly unknown[]> {
    run(...parameters: Parameters): RunResult;
    get(...parameters: Parameters): unknown;
    all(...parameters: Parameters): unknown[];
    safeIntegers(on: boolean): this;
  }

  export interface Database {
    readonly open: boolean;
    readonly inTransaction: boolean;
    prepare<Parameters extends readonly unknown[] = readonly unknown[]>(sql: string): Statement<Parameters>;
    exec(sql: string): this;
    key(key: Buffer): number;
    pragma(source: string, options?: { readonly simple?: boolean }): unknown;
    close(): this;
  }

  export interface SqliteError extends Error {
    readonly code: string;
  }

  const Sqlite: {
    new (file: string, options?: Options): Database;
    readonly SqliteError: new (message: string, code: string) => SqliteError;
  };
  export default Sqlite;
}
