/**
 * The number that two people compare to know that nobody stands between them: made of both member ids and both device keys, the
 * same on both sides. Knows no storage and no group.
 */
import { createHash } from 'node:crypto';
import type { MemberId } from '../../../shared/model/ids.ts';
import { memberIdToBytes } from './memberId.ts';

/** Somebody, with the MLS signature key of the device that is meant. */
export interface Device {
  readonly memberId: MemberId;
  readonly signatureKey: Uint8Array;
}

const LABEL = new TextEncoder().encode('conclave safety number 1');
/** Each guess at a device whose digits look the same costs as much. */
const ROUNDS = 1_024;
const GROUPS_EACH = 6;
const BYTES_OF_GROUP = 5;

/** 60 decimal digits: thirty for each of the two, the smaller first. */
export function safetyNumberOf(one: Device, other: Device): string {
  return [digitsOf(one), digitsOf(other)].sort().join('');
}

function digitsOf({ memberId, signatureKey }: Device): string {
  let hash = Buffer.concat([LABEL, memberIdToBytes(memberId), signatureKey]);
  for (let round = 0; round < ROUNDS; round += 1)
    hash = createHash('sha512').update(hash).update(memberIdToBytes(memberId)).update(signatureKey).digest();
  let digits = '';
  for (let group = 0; group < GROUPS_EACH; group += 1) {
    const number = hash.readUIntBE(group * BYTES_OF_GROUP, BYTES_OF_GROUP) % 100_000;
    digits += String(number).padStart(5, '0');
  }
  return digits;
}
