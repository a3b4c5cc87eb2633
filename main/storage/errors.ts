/**
 * What can go wrong with the store, as one error with a plain sentence. Neither a key nor a parameter of a statement is
 * ever part of it.
 */

/** Why the store could not do it; decides the sentence that a person reads. */
export type StorageProblem =
  /** The first page cannot be decrypted: another key, another kind of file, or its beginning is damaged. */
  | 'wrongKeyOrNotADatabase'
  /** A database, but not one of Conclave's. */
  | 'foreignFile'
  /** Written by a newer version of Conclave. */
  | 'fromTheFuture'
  | 'damaged'
  /** There is no file, and none was to be created. */
  | 'missing'
  | 'locked'
  | 'full'
  | 'io'
  /** A value beyond its bound; `limit` names it. */
  | 'tooLarge'
  /** A mistake of the caller: a nested transaction, a row that belongs to nothing, a closed store. */
  | 'misuse';

export class StorageError extends Error {
  readonly code: 'STORAGE' | 'TOO_LARGE';
  readonly problem: StorageProblem;
  readonly limit: number | undefined;

  constructor(
    problem: StorageProblem,
    message: string,
    options: { readonly cause?: unknown; readonly limit?: number } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'StorageError';
    this.code = problem === 'tooLarge' ? 'TOO_LARGE' : 'STORAGE';
    this.problem = problem;
    this.limit = options.limit;
  }
}

/** Another process uses the profile. */
export class ProfileLockedError extends Error {
  readonly code = 'PROFILE_LOCKED';
  readonly directory: string;

  constructor(directory: string) {
    super(`Conclave is already running with the profile ${directory}.`);
    this.name = 'ProfileLockedError';
    this.directory = directory;
  }
}

/** The profile's directory cannot be used; nothing in it was changed. */
export class ProfileError extends Error {
  readonly code = 'STORAGE';
  readonly problem: 'damaged' | 'fromTheFuture' | 'unsafe' | 'io';

  constructor(problem: ProfileError['problem'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ProfileError';
    this.problem = problem;
  }
}
