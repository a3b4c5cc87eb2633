/** Ids and names of proposals and votes (§10.2, §8.4). Randomness is handed in. */
import { createHash } from 'node:crypto';
import type { MemberId, ProposalId } from '../../../shared/model/ids.ts';
import { memberIdToBytes } from '../identity/index.ts';
import type { Random } from '../random.ts';

const UUID_BYTES = 16;
const UUID_GROUPS = /^(.{8})(.{4})(.{4})(.{4})(.{12})$/;

/** XOR of the four big-endian 32-bit words of 16 bytes. §10.2 */
export function foldUuid(uuid: Uint8Array): number {
  const view = new DataView(uuid.buffer, uuid.byteOffset, UUID_BYTES);
  return (view.getUint32(0) ^ view.getUint32(4) ^ view.getUint32(8) ^ view.getUint32(12)) >>> 0;
}

/** A fresh 32-bit id of a proposal or vote. §10.2 */
export function randomId(random: Random): number {
  return foldUuid(uuidBytes(random));
}

/** A fresh name of a proposal: a UUIDv4 as text. §10.2 */
export function randomName(random: Random): string {
  const digits = Buffer.from(uuidBytes(random)).toString('hex');
  return digits.replace(UUID_GROUPS, '$1-$2-$3-$4-$5');
}

/** The only id under which this member's self-leave may stand: the first four bytes of H(identity). §8.4 */
export function selfLeaveId(memberId: MemberId): ProposalId {
  return selfLeaveIdOfIdentity(memberIdToBytes(memberId));
}

/** The same for identity bytes of any scheme. */
export function selfLeaveIdOfIdentity(identity: Uint8Array): ProposalId {
  return createHash('sha256').update(identity).digest().readUInt32BE(0) as ProposalId;
}

/** §8.4 */
export function selfLeaveName(proposalId: ProposalId): string {
  return `self-leave:${proposalId}`;
}

/** 16 random bytes with the version and variant of a UUIDv4 (RFC 9562). */
function uuidBytes(random: Random): Uint8Array {
  const bytes = Uint8Array.from(random(UUID_BYTES));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes;
}
