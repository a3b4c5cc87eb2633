/** The doors of the user folder. */
export type * from './contract.ts';
export { createUser, type UserOptions } from './user.ts';
