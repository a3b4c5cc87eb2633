/**
 * The Ethereum identity scheme: secp256k1 keys, EIP-191 signatures, recovery to a member id (§4, §10.4).
 * Must not know votes, MLS or where the key is kept.
 */
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { hexToBytes } from '@noble/hashes/utils.js';
import { MEMBER_SIGNATURE_BYTES } from '../../../shared/limits.ts';
import type { MemberId } from '../../../shared/model/ids.ts';
import type { Identity, SignatureCheck } from './contract.ts';
import { IdentityError } from './errors.ts';
import { memberIdOfPublicKey } from './memberId.ts';

const PRIVATE_KEY_HEX = /^(?:0x)?[0-9a-fA-F]{64}$/;
const UNCOMPRESSED = false;
const V_ELECTRUM = 27;
const V_EIP155 = 35;

/** The identity of a 32-byte private key. Throws IdentityError if it is not one. */
export function createIdentity(privateKey: Uint8Array): Identity {
  if (!secp256k1.utils.isValidSecretKey(privateKey)) throw new IdentityError('InvalidPrivateKey');
  const secret = Uint8Array.from(privateKey);
  return {
    memberId: memberIdOfPublicKey(secp256k1.getPublicKey(secret, UNCOMPRESSED)),
    sign: (payload) => signWith(secret, payload),
  };
}

/** A private key as people write it: 64 hex digits, with or without `0x`. Throws IdentityError. §4 */
export function parsePrivateKey(text: string): Uint8Array {
  if (!PRIVATE_KEY_HEX.test(text)) throw new IdentityError('InvalidPrivateKey');
  const privateKey = hexToBytes(text.slice(-64));
  if (!secp256k1.utils.isValidSecretKey(privateKey)) throw new IdentityError('InvalidPrivateKey');
  return privateKey;
}

/** EIP-191 digest: keccak256( 0x19 "Ethereum Signed Message:\n" || decimal length || payload ). §10.4 */
export function memberSignatureDigest(payload: Uint8Array): Uint8Array {
  const prefix = new TextEncoder().encode(`\x19Ethereum Signed Message:\n${payload.length}`);
  return keccak_256.create().update(prefix).update(payload).digest();
}

/**
 * Whether `signature` over `payload` was made by `memberId`. §10.4
 * `s` may be high: the signature is never an identifier, and peers of the reference accept it.
 */
export function verifyMemberSignature(memberId: MemberId, payload: Uint8Array, signature: Uint8Array): SignatureCheck {
  const signer = recoverSigner(payload, signature);
  if (signer === undefined) return { kind: 'invalid', code: 'SignatureScheme' };
  return signer === memberId ? { kind: 'valid' } : { kind: 'invalid', code: 'InvalidVoteSignature' };
}

function signWith(secret: Uint8Array, payload: Uint8Array): Uint8Array {
  const recovered = secp256k1.sign(memberSignatureDigest(payload), secret, { prehash: false, format: 'recovered' });
  const signature = new Uint8Array(MEMBER_SIGNATURE_BYTES);
  signature.set(recovered.subarray(1));
  signature[MEMBER_SIGNATURE_BYTES - 1] = V_ELECTRUM + (recovered[0] ?? 0);
  return signature;
}

function recoverSigner(payload: Uint8Array, signature: Uint8Array): MemberId | undefined {
  if (signature.length !== MEMBER_SIGNATURE_BYTES) return undefined;
  const parity = parityOf(signature[MEMBER_SIGNATURE_BYTES - 1] ?? 0);
  if (parity === undefined) return undefined;
  try {
    const point = secp256k1.Signature.fromBytes(signature.subarray(0, -1), 'compact')
      .addRecoveryBit(parity)
      .recoverPublicKey(memberSignatureDigest(payload));
    return memberIdOfPublicKey(point.toBytes(UNCOMPRESSED));
  } catch {
    // r or s is no scalar, or no point of the curve belongs to r: not a signature of this scheme.
    return undefined;
  }
}

function parityOf(v: number): 0 | 1 | undefined {
  if (v === 0 || v === V_ELECTRUM) return 0;
  if (v === 1 || v === V_ELECTRUM + 1) return 1;
  if (v >= V_EIP155) return (v - V_EIP155) % 2 === 0 ? 0 : 1;
  return undefined;
}
