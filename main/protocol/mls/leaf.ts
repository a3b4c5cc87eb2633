/**
 * Leaves: who stands behind one, and whether its wallet says so. H-10
 * Must not know groups or key packages.
 */
import type { Capabilities } from 'ts-mls/capabilities.js';
import { extensionsSupportedByCapabilities, type Extension } from 'ts-mls/extension.js';
import type { LeafNode } from 'ts-mls/leafNode.js';
import { MAX_CACHED_BINDINGS, MEMBER_ID_BYTES, MEMBER_SIGNATURE_BYTES } from '../../../shared/limits.ts';
import type { MemberId } from '../../../shared/model/ids.ts';
import { memberIdFromBytes, memberIdToBytes, verifyMemberSignature, type Identity } from '../identity/index.ts';
import { MlsError } from './errors.ts';
import { equalInConstantTime } from './provider/hash.ts';
import { KEY_BYTES } from './provider/keys.ts';
import { CIPHER_SUITE } from './provider/provider.ts';

/** Private-use extension type of the identity binding. H-10 */
export const BINDING_EXTENSION = 0xf0d1;

const BINDING_LABEL = new TextEncoder().encode('de-mls identity binding v1\0');

/** What our leaves say that they can do: this profile and nothing else. §7.1 */
export const LEAF_CAPABILITIES: Capabilities = {
  versions: ['mls10'],
  ciphersuites: [CIPHER_SUITE],
  extensions: [BINDING_EXTENSION],
  proposals: [],
  credentials: ['basic'],
};

/** Bindings that were verified, oldest first: recovering a key costs a millisecond, and every commit shows the same leaves. */
const verified = new Set<string>();

/** Leaves that passed: every tree of a group shares its leaves with the one before, and a leaf never changes. */
const checked = new WeakMap<LeafNode, MemberId>();

/** Whether `boundMemberId` has looked at this very leaf before. */
export function isChecked(leaf: LeafNode): boolean {
  return checked.has(leaf);
}

/** The extension by which `identity` vouches for a device's signature key. */
export function bindingExtension(identity: Identity, signatureKey: Uint8Array): Extension {
  return { extensionType: BINDING_EXTENSION, extensionData: identity.sign(bindingPayload(signatureKey)) };
}

/** The member that a leaf names. Throws MlsError InvalidCredential. Says nothing about whether it is true. */
export function claimedMemberId(leaf: LeafNode): MemberId {
  if (leaf.credential.credentialType !== 'basic' || leaf.credential.identity.length !== MEMBER_ID_BYTES)
    throw new MlsError('InvalidCredential');
  return memberIdFromBytes(leaf.credential.identity);
}

/**
 * The member that a leaf names and whose wallet signed the leaf's key. Throws MlsError InvalidCredential, InvalidBinding,
 * or UnsupportedKeyPackage when the leaf does not say that it speaks this profile.
 */
export function boundMemberId(leaf: LeafNode): MemberId {
  const known = checked.get(leaf);
  if (known !== undefined) return known;
  const memberId = claimedMemberId(leaf);
  const { versions, ciphersuites, extensions, credentials } = leaf.capabilities;
  if (!versions.includes('mls10') || !ciphersuites.includes(CIPHER_SUITE) || !credentials.includes('basic'))
    throw new MlsError('UnsupportedKeyPackage', 'capabilities');
  const bindings = leaf.extensions.filter(({ extensionType }) => extensionType === BINDING_EXTENSION);
  const signature = bindings[0]?.extensionData;
  if (bindings.length !== 1 || signature?.length !== MEMBER_SIGNATURE_BYTES || !extensions.includes(BINDING_EXTENSION))
    throw new MlsError('InvalidBinding');
  if (leaf.signaturePublicKey.length !== KEY_BYTES || !isBound(memberId, leaf.signaturePublicKey, signature))
    throw new MlsError('InvalidBinding');
  if (!extensionsSupportedByCapabilities(leaf.extensions, leaf.capabilities))
    throw new MlsError('UnsupportedKeyPackage', 'extension of a leaf');
  checked.set(leaf, memberId);
  return memberId;
}

/** Whether a leaf is of the same member and device as another. */
export function sameMemberAndKey(a: LeafNode, b: LeafNode): boolean {
  return (
    equalInConstantTime(memberIdToBytes(claimedMemberId(a)), memberIdToBytes(claimedMemberId(b))) &&
    equalInConstantTime(a.signaturePublicKey, b.signaturePublicKey)
  );
}

function isBound(memberId: MemberId, signatureKey: Uint8Array, signature: Uint8Array): boolean {
  const name = `${memberId}${Buffer.concat([signatureKey, signature]).toString('base64')}`;
  if (verified.has(name)) return true;
  if (verifyMemberSignature(memberId, bindingPayload(signatureKey), signature).kind !== 'valid') return false;
  const oldest = verified.size >= MAX_CACHED_BINDINGS ? verified.values().next().value : undefined;
  if (oldest !== undefined) verified.delete(oldest);
  verified.add(name);
  return true;
}

function bindingPayload(signatureKey: Uint8Array): Uint8Array {
  return Buffer.concat([BINDING_LABEL, signatureKey]);
}
