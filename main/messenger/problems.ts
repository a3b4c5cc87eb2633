/**
 * What can keep a profile closed: told from what the organs' errors say of themselves, with the way on where there is one.
 * Changes nothing.
 */
import { errorNumbers, type ErrorCode } from '../../shared/api/errors.ts';
import type { ProblemCause } from '../../shared/api/model.ts';
import type { RootSecret } from './ports/keychain.ts';
import type { StoreCopies } from './ports/storage.ts';
import { deriveKeys } from './rootSecret.ts';

/** What keeps a profile closed. Nothing of it was changed. */
export interface Problem {
  readonly kind: 'problem';
  readonly code: ErrorCode;
  readonly message: string;
  readonly cause: ProblemCause;
  /** The secret, where the keychain gave one, and the copy of the store that it opens. */
  readonly secret?: RootSecret;
  readonly copyTakenAt?: number;
  /** Whether the person typed the secret, and the keychain does not have it yet. */
  readonly isSecretNew?: boolean;
}

const isErrorCode = (code: unknown): code is ErrorCode => typeof code === 'string' && code in errorNumbers;

/** What keeps the profile closed, as a person may read it. Anything unexpected is passed on. */
export function problemOf(error: unknown): { readonly code: ErrorCode; readonly message: string } {
  if (error instanceof Error && 'code' in error && isErrorCode(error.code))
    return { code: error.code, message: error.message };
  if (isDamagedState(error))
    return { code: 'STORAGE', message: 'What is stored of a group is damaged. It was left as it is.' };
  throw error;
}

const isDamagedState = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'DamagedState';

const STORAGE_CAUSES: Readonly<Record<string, ProblemCause>> = {
  damaged: 'damaged',
  foreignFile: 'damaged',
  missing: 'damaged',
  wrongKeyOrNotADatabase: 'unreadable',
  fromTheFuture: 'newerVersion',
  full: 'full',
  locked: 'inUse',
};
const KEYCHAIN_CAUSES: Readonly<Record<string, ProblemCause>> = {
  denied: 'keychainLocked',
  timeout: 'keychainLocked',
  damaged: 'keychainUnreadable',
  unsafe: 'keychainUnreadable',
};

/** The kind of a problem, from what the organs' errors say of themselves. */
function causeOf(error: unknown, code: ErrorCode): ProblemCause {
  if (isDamagedState(error)) return 'damaged';
  const problem = error instanceof Error && 'problem' in error ? String(error.problem) : '';
  if (code === 'KEYCHAIN_UNAVAILABLE') return KEYCHAIN_CAUSES[problem] ?? 'keychainUnavailable';
  return (code === 'STORAGE' ? STORAGE_CAUSES[problem] : undefined) ?? 'other';
}

/** The state of a profile that could not be opened. Looks for a copy where one would help. */
export function problemState(
  copies: Pick<StoreCopies, 'newest' | 'exist'>,
  error: unknown,
  secret: RootSecret | undefined,
): Problem {
  const problem = { kind: 'problem', ...problemOf(error) } as const;
  const cause = causeOf(error, problem.code);
  if (secret === undefined || (cause !== 'damaged' && cause !== 'unreadable')) return { ...problem, cause };
  const copyTakenAt = copies.newest(deriveKeys(secret).databaseKey);
  // A first page that does not open is damaged, or the key is another one: what copies there are tell.
  if (copyTakenAt !== undefined) return { ...problem, cause: 'damaged', secret, copyTakenAt };
  return { ...problem, cause: cause === 'unreadable' && copies.exist() ? 'otherKey' : cause, secret };
}
