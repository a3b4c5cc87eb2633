/** Why a steward list or its configuration cannot be (§12), as an error with a code. */

export type StewardListErrorCode =
  | 'EmptyMembersList'
  | 'InvalidConfigSize'
  /** Not the generated order, or somebody twice. */
  | 'InvalidOrder'
  | 'InvalidSnapshot';

/** The only error that the steward list throws on purpose. */
export class StewardListError extends Error {
  override readonly name = 'StewardListError';
  readonly code: StewardListErrorCode;

  constructor(code: StewardListErrorCode) {
    super(`steward list: ${code}`);
    this.code = code;
  }
}
