/**
 * The `hello` exchange as data: its frames, the proof of a member id, and who may learn our name.
 * Knows no stream and no clock.
 */
import { keccak_256 } from '@noble/hashes/sha3.js';
import { peerIdFromString } from '@libp2p/peer-id';
import { z } from 'zod';
import { addressSchema, displayNameSchema, memberIdSchema } from '../../shared/api/common.ts';
import { MAX_PEER_ADDRESSES } from '../../shared/limits.ts';
import type { MemberId, PeerId } from '../../shared/model/ids.ts';

export const HELLO_PROTOCOL = '/conclave/hello/1.0.0';
const PROOF_CONTEXT = new TextEncoder().encode('conclave hello v1');

const signatureSchema = z
  .string()
  .max(344)
  .regex(/^[A-Za-z0-9_-]+$/);

/** One hello. Without `named` the speaker stays anonymous. */
export const helloSchema = z.strictObject({
  version: z.literal(1),
  listenAddresses: z.array(addressSchema).max(MAX_PEER_ADDRESSES),
  named: z
    .strictObject({ memberId: memberIdSchema, displayName: displayNameSchema, signature: signatureSchema })
    .optional(),
});
export type Hello = z.infer<typeof helloSchema>;

/**
 * What a member signs to prove itself to one peer: context || 0x00 || own peer id || remote peer id (multihash bytes).
 * Bound to both ends of the encrypted connection, so it is worthless to anybody else.
 */
export function helloProofPayload(own: PeerId, remote: PeerId): Uint8Array {
  const ownBytes = peerIdFromString(own).toMultihash().bytes;
  const remoteBytes = peerIdFromString(remote).toMultihash().bytes;
  return Uint8Array.from([...PROOF_CONTEXT, 0, ...ownBytes, ...remoteBytes]);
}

/** Whether a member id is written with its EIP-55 checksum: another letter case would be another id to us. */
export function isChecksummed(memberId: string): boolean {
  const digits = memberId.slice(2).toLowerCase();
  const hash = Buffer.from(keccak_256(new TextEncoder().encode(digits))).toString('hex');
  const expected = Array.from(digits, (digit, i) => (parseInt(hash[i] ?? '0', 16) >= 8 ? digit.toUpperCase() : digit));
  return memberId === `0x${expected.join('')}`;
}

/** What one side knows when it speaks. */
export interface HelloSpeaker {
  readonly peerId: PeerId;
  readonly memberId: MemberId;
  readonly displayName: string;
  readonly visibleNearby: boolean;
  readonly listenAddresses: readonly string[];
  sign(payload: Uint8Array): Uint8Array;
  isShared(memberId: MemberId): boolean;
}

/**
 * Our hello to `remote`. Not visible nearby: named only to a peer that already proved to be a member we share a group
 * with; to everybody else, and to whoever asks first, we are one more anonymous libp2p peer.
 */
export function composeHello(speaker: HelloSpeaker, remote: PeerId, provenMember: MemberId | undefined): Hello {
  const mayName = speaker.visibleNearby || (provenMember !== undefined && speaker.isShared(provenMember));
  const listenAddresses = speaker.listenAddresses.slice(0, MAX_PEER_ADDRESSES);
  const displayName = displayNameSchema.safeParse(speaker.displayName);
  if (!mayName || !displayName.success) return { version: 1, listenAddresses };
  const signature = speaker.sign(helloProofPayload(speaker.peerId, remote));
  return {
    version: 1,
    listenAddresses,
    named: {
      memberId: speaker.memberId,
      displayName: displayName.data,
      signature: Buffer.from(signature).toString('base64url'),
    },
  };
}

/** What a hello says about its speaker. */
export type HelloVerdict =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'proven'; readonly memberId: MemberId; readonly displayName: string }
  | { readonly kind: 'forged' };

/** Checks the hello that `remote` sent us. The signature must be over its own peer id and ours, in that order. */
export function judgeHello(
  hello: Hello,
  own: PeerId,
  remote: PeerId,
  verify: (memberId: MemberId, payload: Uint8Array, signature: Uint8Array) => boolean,
): HelloVerdict {
  const { named } = hello;
  if (named === undefined) return { kind: 'anonymous' };
  if (!isChecksummed(named.memberId)) return { kind: 'forged' };
  const signature = Uint8Array.from(Buffer.from(named.signature, 'base64url'));
  let isProven: boolean;
  try {
    isProven = verify(named.memberId, helloProofPayload(remote, own), signature);
  } catch {
    // A verifier may throw on a signature that is not even well formed.
    isProven = false;
  }
  return isProven ? { kind: 'proven', memberId: named.memberId, displayName: named.displayName } : { kind: 'forged' };
}
