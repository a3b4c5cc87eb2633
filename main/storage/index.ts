/** The store of a profile and the directory that holds it. Everything else in this folder is its own business. */
export { openStorage, storeCopies } from './open.ts';
export { openProfile, type Profile } from './profile.ts';
export { ProfileError, ProfileLockedError, StorageError } from './errors.ts';
