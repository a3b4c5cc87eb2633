/** Ids and names of proposals and votes (§10.2, §8.4). Randomness is handed in. */
import { createHash } from 'node:crypto';
import { stringify, v4 } from 'uuid';
import type { MemberId, ProposalId } from '../../../shared/model/ids.ts';
import { memberIdToBytes } from '../identity/index.ts';
import type { Random } from '../random.ts';

const UUID_BYTES = 16;

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
  return stringify(uuidBytes(random));
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

function uuidBytes(random: Random): Uint8Array {
  return v4({ random: random(UUID_BYTES) }, new Uint8Array(UUID_BYTES));
}
