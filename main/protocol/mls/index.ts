/** The doors of the MLS folder; everything else in it is private. */
export type * from './contract.ts';
export {
  decodeDeviceSignatureKey,
  encodeDeviceSignatureKey,
  generateDeviceSignatureKey,
  type DeviceSignatureKey,
} from './deviceKey.ts';
export { MlsError, type MlsErrorCode } from './errors.ts';
export { createMlsService, type MlsServiceOptions } from './service.ts';
