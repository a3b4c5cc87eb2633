/**
 * Leaves of the stand-in's tree and the key packages that bring them: whose they are, and whether wallet and device say so. H-10
 * The bindings are real wallet signatures. Must not know groups.
 */
import { MlsError, type DeviceSignatureKey } from '../../../main/protocol/mls/index.ts';
import {
  memberIdFromBytes,
  memberIdToBytes,
  verifyMemberSignature,
  type Identity,
} from '../../../main/protocol/identity/index.ts';
import { MAX_CACHED_BINDINGS, MEMBER_ID_BYTES, MEMBER_SIGNATURE_BYTES } from '../../../shared/limits.ts';
import type { MemberId } from '../../../shared/model/ids.ts';
import { nameOf, Writer, type Reader } from './bytes.ts';
import { digest, isSigned, SECRET_BYTES, sign } from './keys.ts';

const LEAF_LABEL = 'leaf';
const BINDING_LABEL = new TextEncoder().encode('stand-in identity binding\0');

/** Where a leaf came from: a key package, valid for a time, or a commit, valid at one place of one group. */
export type LeafSource =
  { readonly kind: 'keyPackage'; readonly notBefore: bigint; readonly notAfter: bigint } | { readonly kind: 'commit' };

export interface Leaf {
  readonly memberId: MemberId;
  readonly signatureKey: Uint8Array;
  readonly encryptionKey: Uint8Array;
  /** The keys as names for maps. */
  readonly signatureName: string;
  readonly encryptionName: string;
  readonly binding: Uint8Array;
  readonly source: LeafSource;
  readonly signature: Uint8Array;
  /** The whole encoding; the signature is its end. */
  readonly bytes: Uint8Array;
  readonly hash: Uint8Array;
}

/** Where a leaf of a commit stands. */
export interface LeafPlace {
  readonly groupId: Uint8Array;
  readonly leafIndex: number;
}

export interface LeafOwner {
  readonly identity: Identity;
  readonly signatureKey: DeviceSignatureKey;
  /** See `bind`. */
  readonly binding: () => Uint8Array;
}

/** The wallet's signature over the device's key. */
export function bind(identity: Identity, signatureKey: Uint8Array): Uint8Array {
  return identity.sign(bindingPayload(signatureKey));
}

export function makeLeaf(owner: LeafOwner, encryptionKey: Uint8Array, source: LeafSource, place?: LeafPlace): Leaf {
  const { identity, signatureKey } = owner;
  const binding = owner.binding();
  const signedBytes = encodeUnsigned(memberIdToBytes(identity.memberId), signatureKey.publicKey, {
    encryptionKey,
    binding,
    source,
  });
  const signature = sign(LEAF_LABEL, signatureKey, ...signedContent(signedBytes, place));
  return leafOf(identity.memberId, signatureKey.publicKey, encryptionKey, binding, source, signature, signedBytes);
}

/** Throws MlsError Malformed or InvalidCredential; says nothing about who made it. */
export function readLeaf(reader: Reader): Leaf {
  const start = reader.offset;
  const memberId = memberIdFromBytes(reader.raw(MEMBER_ID_BYTES));
  const signatureKey = reader.raw(SECRET_BYTES);
  const encryptionKey = reader.raw(SECRET_BYTES);
  const binding = reader.raw(MEMBER_SIGNATURE_BYTES);
  const source = readSource(reader);
  const signedBytes = reader.since(start);
  const signature = reader.raw(SECRET_BYTES);
  return leafOf(memberId, signatureKey, encryptionKey, binding, source, signature, signedBytes);
}

/** Throws MlsError InvalidBinding. H-10 */
export function checkBinding(leaf: Leaf): void {
  if (boundLeaves.has(leaf)) return;
  const { memberId, signatureKey, signatureName, binding } = leaf;
  const name = `${memberId}${signatureName}${nameOf(binding)}`;
  if (!boundKeys.has(name)) {
    if (verifyMemberSignature(memberId, bindingPayload(signatureKey), binding).kind !== 'valid')
      throw new MlsError('InvalidBinding');
    const oldest = boundKeys.size >= MAX_CACHED_BINDINGS ? boundKeys.values().next().value : undefined;
    if (oldest !== undefined) boundKeys.delete(oldest);
    boundKeys.add(name);
  }
  boundLeaves.add(leaf);
}

/** Whether the device signed this leaf, at `place` if it comes from a commit. */
export function isLeafSigned({ bytes, source, signatureName, signature }: Leaf, place: LeafPlace): boolean {
  const signedBytes = bytes.subarray(0, -SECRET_BYTES);
  const content = signedContent(signedBytes, source.kind === 'commit' ? place : undefined);
  return isSigned(LEAF_LABEL, signatureName, signature, ...content);
}

/** Bindings that were verified, oldest first: recovering a wallet's key costs more than all the rest of the stand-in. */
const boundKeys = new Set<string>();
const boundLeaves = new WeakSet<Leaf>();

function leafOf(
  memberId: MemberId,
  signatureKey: Uint8Array,
  encryptionKey: Uint8Array,
  binding: Uint8Array,
  source: LeafSource,
  signature: Uint8Array,
  signedBytes: Uint8Array,
): Leaf {
  const bytes = new Writer().raw(signedBytes).raw(signature).finish();
  return {
    memberId,
    signatureKey,
    encryptionKey,
    signatureName: nameOf(signatureKey),
    encryptionName: nameOf(encryptionKey),
    binding,
    source,
    signature,
    bytes,
    hash: digest('leaf hash', bytes),
  };
}

function encodeUnsigned(
  memberId: Uint8Array,
  signatureKey: Uint8Array,
  { encryptionKey, binding, source }: Pick<Leaf, 'encryptionKey' | 'binding' | 'source'>,
): Uint8Array {
  const writer = new Writer().raw(memberId).raw(signatureKey).raw(encryptionKey).raw(binding);
  if (source.kind === 'commit') return writer.uint8(2).finish();
  return writer.uint8(1).uint64(source.notBefore).uint64(source.notAfter).finish();
}

function readSource(reader: Reader): LeafSource {
  switch (reader.uint8()) {
    case 1:
      return { kind: 'keyPackage', notBefore: reader.uint64(), notAfter: reader.uint64() };
    case 2:
      return { kind: 'commit' };
    default:
      throw new MlsError('Malformed', 'source of leaf');
  }
}

function signedContent(signedBytes: Uint8Array, place: LeafPlace | undefined): (Uint8Array | number)[] {
  return place === undefined ? [signedBytes] : [signedBytes, place.groupId, place.leafIndex];
}

function bindingPayload(signatureKey: Uint8Array): Uint8Array {
  return Buffer.concat([BINDING_LABEL, signatureKey]);
}
