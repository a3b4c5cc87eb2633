/**
 * What can go wrong with a secret store, as one error whose sentence says what to do. Never carries a secret.
 */

export type KeychainProblem =
  /** No keychain service answers. */
  | 'unavailable'
  /** It is there, but locked, or the person refused. */
  | 'denied'
  /** Nobody answered its prompt. */
  | 'timeout'
  /** There is an entry under our name that we did not write, or that is damaged. */
  | 'damaged'
  /** The file of the file keychain may have been read or replaced by others. */
  | 'unsafe'
  | 'io';

export class KeychainError extends Error {
  readonly code = 'KEYCHAIN_UNAVAILABLE';
  readonly problem: KeychainProblem;

  constructor(problem: KeychainProblem, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'KeychainError';
    this.problem = problem;
  }
}
