/**
 * The Ed25519 key of this device: signs everything in MLS, bound to the wallet by H-10. Made once, kept in the encrypted store.
 */
import type { Random } from '../random.ts';
import { MlsError } from './errors.ts';
import { KEY_BYTES } from './provider/keys.ts';
import { generateSignatureKeyPair, signatureKeyPairOf } from './provider/signature.ts';

export interface DeviceSignatureKey {
  /** 32-byte seed. Secret. */
  readonly signKey: Uint8Array;
  readonly publicKey: Uint8Array;
}

export function generateDeviceSignatureKey(random: Random): DeviceSignatureKey {
  return generateSignatureKeyPair(random);
}

/** 32 secret bytes for the encrypted store. */
export function encodeDeviceSignatureKey(key: DeviceSignatureKey): Uint8Array {
  return Uint8Array.from(key.signKey);
}

/** Throws MlsError DamagedState for anything but 32 bytes. */
export function decodeDeviceSignatureKey(bytes: Uint8Array): DeviceSignatureKey {
  if (bytes.length !== KEY_BYTES) throw new MlsError('DamagedState', 'device key');
  return signatureKeyPairOf(bytes);
}
