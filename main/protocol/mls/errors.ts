/**
 * The one error that leaves this folder. It carries a code and never key material, plaintext or foreign text.
 */

export type MlsErrorCode =
  /** Over a limit of shared/limits.ts; not even decoded. */
  | 'TooLarge'
  /** Not a complete TLS encoding of what was expected, or not canonical. */
  | 'Malformed'
  /** Claims this group and epoch, yet does not decrypt or verify. */
  | 'Tampered'
  /** Further ahead of the sender's last message than the ratchet is wound. §7.1 */
  | 'TooFarAhead'
  /** Key package: other MLS version or cipher suite, or capabilities that do not fit. */
  | 'UnsupportedKeyPackage'
  /** Key package: a signature or key of it is invalid. */
  | 'InvalidKeyPackage'
  /** Key package: not valid now, or valid for longer than 84 days and an hour. */
  | 'KeyPackageLifetime'
  /** A leaf whose credential is not basic with 20 bytes. */
  | 'InvalidCredential'
  /** A leaf without a wallet's signature over its key. H-10 */
  | 'InvalidBinding'
  /** The identity is a member already. */
  | 'DuplicateIdentity'
  /** The signature or encryption key is in the group already. */
  | 'DuplicateKey'
  /** A welcome that names our key package, but must not be followed. H-33 */
  | 'WelcomeRefused'
  /** A commit cannot remove who makes it. §14.2 */
  | 'OwnRemoval'
  /** Nothing left to commit. */
  | 'NoChanges'
  | 'TooManyUpdates'
  | 'GroupFull'
  /** `merge` with a group that is not the following epoch. */
  | 'NotNextEpoch'
  /** Stored parts that are damaged, of another version, or do not belong together. */
  | 'DamagedState'
  /** A stored group of another device key. */
  | 'OtherDevice'
  /** A group value or key that this folder did not make: a programming error. */
  | 'ForeignValue'
  /** The library failed at what should not fail. */
  | 'Internal';

export class MlsError extends Error {
  readonly code: MlsErrorCode;

  /** `detail` is a constant of ours, for the log. */
  constructor(code: MlsErrorCode, detail?: string) {
    super(detail === undefined ? code : `${code}: ${detail}`);
    this.name = 'MlsError';
    this.code = code;
  }
}

/** Runs `action`; whatever it throws that is not yet an MlsError becomes one with `code`, its own text dropped. */
export async function orMlsError<Value>(code: MlsErrorCode, action: () => Promise<Value> | Value): Promise<Value> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof MlsError) throw error;
    throw new MlsError(code, libraryErrorName(error));
  }
}

/** The class name of a library's error: enough to find the cause, free of contents. */
function libraryErrorName(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown';
}
