/** The doors of the identity folder; everything else in it is private. */
export type { Identity, SignatureCheck } from './contract.ts';
export { IdentityError, type IdentityErrorCode } from './errors.ts';
export { createIdentity, memberSignatureDigest, parsePrivateKey, verifyMemberSignature } from './identity.ts';
export { safetyNumberOf } from './safetyNumber.ts';
export { compareMemberIds, memberIdFromBytes, memberIdToBytes, parseMemberId } from './memberId.ts';
