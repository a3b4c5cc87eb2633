/**
 * Errors of wallet identities. They never carry what was being parsed: it may be a private key.
 */

export type IdentityErrorCode =
  /** Not 32 bytes of hex, or not a scalar of the curve. */
  | 'InvalidPrivateKey'
  /** Not `0x` and 40 hex digits in the capitals that EIP-55 prescribes, or not 20 bytes. */
  | 'InvalidMemberId';

const MESSAGES: Record<IdentityErrorCode, string> = {
  InvalidPrivateKey: 'the private key is not a 32-byte secp256k1 key in hex',
  InvalidMemberId: 'the member id is not a checksummed 20-byte address',
};

export class IdentityError extends Error {
  readonly code: IdentityErrorCode;

  constructor(code: IdentityErrorCode) {
    super(MESSAGES[code]);
    this.name = 'IdentityError';
    this.code = code;
  }
}
