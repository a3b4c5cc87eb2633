/**
 * What the rest of the protocol may ask of a member's long-lived wallet identity (§4, §10.4).
 * Types only; the scheme (secp256k1, EIP-191) is in the files beside this one.
 */
import type { MemberId } from '../../../shared/model/ids.ts';

/** The own identity: a member id and the right to sign for it. */
export interface Identity {
  readonly memberId: MemberId;
  /** EIP-191 signature: 65 bytes `r || s || v`, RFC 6979, low-s, v = 27 + parity. §10.4 */
  sign(payload: Uint8Array): Uint8Array;
}

/**
 * Outcome of checking a member's signature. `SignatureScheme`: the signature or the id cannot be one of this scheme
 * (wrong length, unknown v, no recoverable key); `InvalidVoteSignature`: well formed, but made by somebody else. §10.4
 */
export type SignatureCheck =
  { readonly kind: 'valid' } | { readonly kind: 'invalid'; readonly code: 'SignatureScheme' | 'InvalidVoteSignature' };
