/**
 * Which change of members a decision asks for: the words of its payload against what a commit did. Knows payloads, no votes.
 */
import { createHash } from 'node:crypto';
import type { MemberId } from '../../../shared/model/ids.ts';
import { memberIdFromBytes } from '../identity/index.ts';
import { decodeConversationUpdateRequest, ViolationType } from '../wire/index.ts';

/** An addition is of exactly one key package. */
export type AskedChange =
  | { readonly kind: 'add'; readonly memberId: MemberId; readonly keyPackage: Uint8Array }
  | { readonly kind: 'remove'; readonly memberId: MemberId };

/** Undefined when it asks for no change of members. A score below the threshold asks for the removal (§16). */
export function askedChange(payload: Uint8Array): AskedChange | undefined {
  try {
    const request = decodeConversationUpdateRequest(payload).payload;
    switch (request.case) {
      case 'inviteMember': {
        const { identity, keyPackageBytes } = request.value;
        return { kind: 'add', memberId: memberIdFromBytes(identity), keyPackage: keyPackageBytes };
      }
      case 'removeMember':
        return { kind: 'remove', memberId: memberIdFromBytes(request.value.identity) };
      case 'emergencyCriteria': {
        const { evidence } = request.value;
        return evidence?.violationType === ViolationType.SCORE_BELOW_THRESHOLD
          ? { kind: 'remove', memberId: memberIdFromBytes(evidence.targetMemberId) }
          : undefined;
      }
      case 'stewardElection':
      case undefined:
        return undefined;
    }
  } catch {
    // The wire and identity layers refuse by throwing: a payload that nobody can read asks for nothing.
    return undefined;
  }
}

/** KeyPackageRef of RFC 9420, section 5.2, with the suite's SHA-256. */
export function keyPackageReference(keyPackage: Uint8Array): Uint8Array {
  const label = new TextEncoder().encode('MLS 1.0 KeyPackage Reference');
  const hash = createHash('sha256');
  for (const part of [label, keyPackage]) hash.update(lengthOf(part)).update(part);
  return new Uint8Array(hash.digest());
}

/** A variable-size vector's length, RFC 9420 section 2.1.2. */
function lengthOf({ length }: Uint8Array): Uint8Array {
  if (length < 0x40) return Uint8Array.of(length);
  if (length < 0x4000) return Uint8Array.of(0x40 | (length >> 8), length & 0xff);
  return Uint8Array.of(0x80 | (length >>> 24), (length >> 16) & 0xff, (length >> 8) & 0xff, length & 0xff);
}
