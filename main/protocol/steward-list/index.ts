/** The doors of the steward-list folder; everything else in it is private. */
export type * from './contract.ts';
export { StewardListError, type StewardListErrorCode } from './errors.ts';
export { stewardOrder, validSizes, type OrderSeed } from './generation.ts';
export { pendingUpdateExpired } from './pendingExpiry.ts';
export { needsElection, settledMembers } from './reconcile.ts';
export { decodeStewardListSnapshot, encodeStewardListSnapshot } from './snapshot.ts';
export { createStewardList } from './stewardList.ts';
