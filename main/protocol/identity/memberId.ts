/**
 * Member ids between their three forms: 20 raw bytes, checksummed text (EIP-55), public key. §4
 * Must not know private keys or signatures.
 */
import { keccak_256 } from '@noble/hashes/sha3.js';
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { MEMBER_ID_BYTES, MAX_CACHED_MEMBER_IDS } from '../../../shared/limits.ts';
import type { MemberId } from '../../../shared/model/ids.ts';
import { IdentityError } from './errors.ts';

const HEX_ADDRESS = /^0x[0-9a-fA-F]{40}$/;

/** Lower-case hex to checksummed id: the checksum is a Keccak, and the same few members come back with every packet. */
const checksummed = new Map<string, MemberId>();

/** The id of 20 address bytes. Throws IdentityError for another length. */
export function memberIdFromBytes(bytes: Uint8Array): MemberId {
  if (bytes.length !== MEMBER_ID_BYTES) throw new IdentityError('InvalidMemberId');
  return checksum(bytesToHex(bytes));
}

/** The 20 address bytes of an id, a fresh array. */
export function memberIdToBytes(memberId: MemberId): Uint8Array {
  return hexToBytes(memberId.slice(2));
}

/** Checks text that came from a person, a link or a file. Only the exact EIP-55 form is an id. Throws IdentityError. */
export function parseMemberId(text: string): MemberId {
  if (!HEX_ADDRESS.test(text)) throw new IdentityError('InvalidMemberId');
  const memberId = checksum(text.slice(2).toLowerCase());
  if (memberId !== text) throw new IdentityError('InvalidMemberId');
  return memberId;
}

/** Order of ids as unsigned bytes (§1): negative, zero or positive. */
export function compareMemberIds(a: MemberId, b: MemberId): number {
  const left = a.toLowerCase();
  const right = b.toLowerCase();
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The id that belongs to an uncompressed secp256k1 public key (65 bytes, leading 4). */
export function memberIdOfPublicKey(uncompressed: Uint8Array): MemberId {
  return memberIdFromBytes(keccak_256(uncompressed.subarray(1)).subarray(-MEMBER_ID_BYTES));
}

function checksum(lowerCaseHex: string): MemberId {
  const known = checksummed.get(lowerCaseHex);
  if (known !== undefined) return known;
  const digits = bytesToHex(keccak_256(new TextEncoder().encode(lowerCaseHex)));
  const mixed = Array.from(lowerCaseHex, (character, index) =>
    (digits[index] ?? '0') >= '8' ? character.toUpperCase() : character,
  ).join('');
  const memberId = `0x${mixed}` as MemberId;
  const oldest = checksummed.size >= MAX_CACHED_MEMBER_IDS ? checksummed.keys().next().value : undefined;
  if (oldest !== undefined) checksummed.delete(oldest);
  checksummed.set(lowerCaseHex, memberId);
  return memberId;
}
