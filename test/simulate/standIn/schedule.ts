/**
 * From one epoch's secrets to the next, and the ratchets of one epoch: the shape of RFC 9420 sections 8 and 9 with a keyed hash.
 * Must not know messages.
 */
import { MAX_OUT_OF_ORDER_MESSAGES } from '../../../shared/limits.ts';
import { EMPTY } from './bytes.ts';
import type { Leaves } from './group.ts';
import { digest, expanded } from './keys.ts';

export interface GroupContext {
  readonly groupId: Uint8Array;
  readonly epoch: bigint;
  /** Covers every commit so far. */
  readonly transcript: Uint8Array;
  /** Of all the above and the tree. */
  readonly hash: Uint8Array;
}

export interface EpochSecrets {
  /** Enters the next epoch. */
  readonly init: Uint8Array;
  readonly senderData: Uint8Array;
  readonly handshake: Uint8Array;
  readonly exporter: Uint8Array;
  readonly authenticator: Uint8Array;
  readonly confirmation: Uint8Array;
}

/** One sender's chat keys: the next one, and those of messages that were overtaken. */
export interface Ratchet {
  readonly secret: Uint8Array;
  readonly generation: number;
  /** Ascending by generation. */
  readonly skipped: readonly SkippedKey[];
}

export interface SkippedKey {
  readonly generation: number;
  readonly key: Uint8Array;
}

/** By leaf index; blank leaves have an empty one. */
export type Ratchets = readonly Ratchet[];

const BLANK: Ratchet = { secret: EMPTY, generation: 0, skipped: [] };

export function makeContext(groupId: Uint8Array, epoch: bigint, leaves: Leaves, transcript: Uint8Array): GroupContext {
  const treeHash = digest('tree', ...leaves.map((leaf) => leaf?.hash ?? EMPTY));
  return { groupId, epoch, transcript, hash: digest('context', groupId, epoch, treeHash, transcript) };
}

/** The transcript after a commit. */
export function nextTranscript(
  before: Uint8Array,
  tag: Uint8Array,
  signed: Uint8Array,
  signature: Uint8Array,
): Uint8Array {
  return digest('transcript', before, tag, signed, signature);
}

/** What joiners are given. Without the commit secret nobody gets here, whatever was known of the epoch before. */
export function joinerSecretOf(initSecret: Uint8Array, commitSecret: Uint8Array, context: GroupContext): Uint8Array {
  return digest('joiner', initSecret, commitSecret, context.hash);
}

export function enterEpoch(
  joinerSecret: Uint8Array,
  context: GroupContext,
  leaves: Leaves,
): { secrets: EpochSecrets; application: Ratchets; confirmationTag: Uint8Array } {
  const secretAt = expanded('epoch', 6 + leaves.length, joinerSecret, context.hash);
  const secrets = {
    init: secretAt(0),
    senderData: secretAt(1),
    handshake: secretAt(2),
    exporter: secretAt(3),
    authenticator: secretAt(4),
    confirmation: secretAt(5),
  };
  const application = leaves.map((leaf, leafIndex) =>
    leaf === undefined ? BLANK : { ...BLANK, secret: secretAt(6 + leafIndex) },
  );
  return { secrets, application, confirmationTag: digest('confirm', secrets.confirmation, context.transcript) };
}

export function handshakeKey(secrets: EpochSecrets, leafIndex: number, generation: number): Uint8Array {
  return digest('handshake key', secrets.handshake, leafIndex, generation);
}

/** The key of one generation and the ratchet without it; undefined when that key was used or is too old. */
export function takeKey(ratchet: Ratchet, generation: number): { key: Uint8Array; ratchet: Ratchet } | undefined {
  if (generation < ratchet.generation) {
    const found = ratchet.skipped.find((skipped) => skipped.generation === generation);
    if (found === undefined) return undefined;
    return { key: found.key, ratchet: { ...ratchet, skipped: ratchet.skipped.filter((skipped) => skipped !== found) } };
  }
  let { secret } = ratchet;
  const skipped = [...ratchet.skipped];
  for (let passed = ratchet.generation; passed < generation; passed++) {
    skipped.push({ generation: passed, key: digest('chat key', secret) });
    secret = digest('next', secret);
  }
  return {
    key: digest('chat key', secret),
    ratchet: {
      secret: digest('next', secret),
      generation: generation + 1,
      skipped: skipped.length > MAX_OUT_OF_ORDER_MESSAGES ? skipped.slice(-MAX_OUT_OF_ORDER_MESSAGES) : skipped,
    },
  };
}

/** A ratchet that cannot send or read any more, yet knows what it did. */
export function closed({ generation }: Ratchet): Ratchet {
  return { ...BLANK, generation };
}

export function exportedSecret(secrets: EpochSecrets, label: string, context: Uint8Array, length: number): Uint8Array {
  const exported = new Uint8Array(length);
  const root = digest('export', secrets.exporter, new TextEncoder().encode(label), context, length);
  for (let offset = 0, block = 0; offset < length; offset += root.length, block++)
    exported.set(digest('exported', root, block).subarray(0, length - offset), offset);
  return exported;
}
