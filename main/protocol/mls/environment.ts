/**
 * What every operation of this folder needs: who we are, the cipher suite, how ts-mls is configured.
 */
import type { ClientConfig } from 'ts-mls/clientConfig.js';
import type { KeyPackage } from 'ts-mls/keyPackage.js';
import type { LeafNode } from 'ts-mls/leafNode.js';
import {
  KEY_PACKAGE_LIFETIME_MS,
  KEY_PACKAGE_NOT_BEFORE_MS,
  MAX_FORWARD_MESSAGES,
  MAX_OUT_OF_ORDER_MESSAGES,
  MEMBER_ID_BYTES,
} from '../../../shared/limits.ts';
import type { Identity } from '../identity/index.ts';
import type { DeviceSignatureKey } from './deviceKey.ts';
import { KEY_BYTES } from './provider/keys.ts';
import { equalInConstantTime } from './provider/hash.ts';
import type { MlsSuite } from './provider/provider.ts';

export interface MlsEnvironment {
  readonly identity: Identity;
  readonly signatureKey: DeviceSignatureKey;
  readonly suite: MlsSuite;
}

export const EMPTY = new Uint8Array(0);

/**
 * The library's settings. What it cannot decide is decided by us instead: lifetimes (it would read the clock), bindings (it
 * does not show the extensions), past epochs (it knows no time), padding of chat (it knows one length only).
 */
export const CLIENT_CONFIG: ClientConfig = {
  keyRetentionConfig: {
    retainKeysForGenerations: MAX_OUT_OF_ORDER_MESSAGES,
    retainKeysForEpochs: 1,
    maximumForwardRatchetSteps: MAX_FORWARD_MESSAGES,
  },
  lifetimeConfig: {
    maximumTotalLifetime: BigInt((KEY_PACKAGE_LIFETIME_MS + KEY_PACKAGE_NOT_BEFORE_MS) / 1000),
    validateLifetimeOnReceive: false,
  },
  keyPackageEqualityConfig: {
    compareKeyPackages: (a, b) => sameClient(a.leafNode, b.leafNode),
    compareKeyPackageToLeafNode: (keyPackage: KeyPackage, leaf) => sameClient(keyPackage.leafNode, leaf),
  },
  paddingConfig: { kind: 'alwaysPad', paddingLength: 0 },
  authService: {
    validateCredential: async (credential, signatureKey) =>
      credential.credentialType === 'basic' &&
      credential.identity.length === MEMBER_ID_BYTES &&
      signatureKey.length === KEY_BYTES,
  },
};

/** One identity is one client, whatever its keys: the library alone would let it in twice. */
function sameClient(a: LeafNode, b: LeafNode): boolean {
  if (equalInConstantTime(a.signaturePublicKey, b.signaturePublicKey)) return true;
  return (
    a.credential.credentialType === 'basic' &&
    b.credential.credentialType === 'basic' &&
    equalInConstantTime(a.credential.identity, b.credential.identity)
  );
}
