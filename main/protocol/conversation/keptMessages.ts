/**
 * Which messages are kept as they travelled for members who were away (architecture 5), and how packets are named there. Knows
 * no state.
 */
import { createHash } from 'node:crypto';
import { PACKET_HASH_BYTES } from '../../../shared/limits.ts';
import { decodeAppMessage, type AppMessage } from '../wire/index.ts';
import type { Effect } from './contract.ts';

/** How the log and the exchanges name a packet. */
export const packetHash = (payload: Uint8Array): Uint8Array =>
  new Uint8Array(createHash('sha256').update(payload).digest().subarray(0, PACKET_HASH_BYTES));

/** What people said and decided. Everything else is of the moment, or comes again by itself. */
function isKept({ payload }: AppMessage): boolean {
  switch (payload.case) {
    case 'conversationMessage':
    case 'proposal':
    case 'vote':
    case 'inviteReset':
    case 'memberNotice':
      return true;
    default:
      return false;
  }
}

/** To keep a message that was read, or none when it is of no use later. */
export function keepMessage(epoch: bigint, message: AppMessage, payload: Uint8Array): readonly Effect[] {
  if (!isKept(message)) return [];
  const entry = { kind: 'app', epoch: Number(epoch), hash: packetHash(payload), payload: payload.slice() } as const;
  return [{ kind: 'log', entry }];
}

/** The same of one of ours; `encoded` is what its ciphertext says. */
export const keepOwn = (epoch: bigint, encoded: Uint8Array, ciphertext: Uint8Array): readonly Effect[] =>
  keepMessage(epoch, decodeAppMessage(encoded), ciphertext);
