/** What is wrong with bytes from outside, as an error with a code. Carries sizes and field names, never contents. */

/**
 * `TooLarge`: over a limit of §18.5; `Malformed`: not the encoding of this message; `InvalidField`: decodes, but a field
 * cannot be; `InvalidTopic`: not a content topic of ours; `INVALID_INVITE`: an invite link that cannot be used (App API).
 */
export type WireErrorCode = 'TooLarge' | 'Malformed' | 'InvalidField' | 'InvalidTopic' | 'INVALID_INVITE';

/** The only error that the wire layer throws. `reason` is for logs and tests. */
export class WireError extends Error {
  override readonly name = 'WireError';
  readonly code: WireErrorCode;
  readonly reason: string;
  /** The limit that was exceeded, for `TooLarge`. */
  readonly limit: number | undefined;

  constructor(code: WireErrorCode, reason: string, limit?: number) {
    super(`${code}: ${reason}`);
    this.code = code;
    this.reason = reason;
    this.limit = limit;
  }
}
