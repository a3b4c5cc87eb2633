/** The secret store of a profile: the keychain of the system, or a private file where a person asked for one. */
import type { Keychain } from '../messenger/ports/keychain.ts';
import { fileKeychain } from './fileKeychain.ts';
import { openSystemEntry, osKeychain, type KeychainClock } from './osKeychain.ts';

export { KeychainError } from './errors.ts';

export type KeychainOptions =
  { readonly kind: 'os'; readonly account: string } | { readonly kind: 'file'; readonly file: string };

/** Makes the keychain that was chosen. Touches nothing yet: a missing service shows at the first call. */
export function createKeychain(options: KeychainOptions, clock: KeychainClock): Keychain {
  switch (options.kind) {
    case 'os':
      return osKeychain({
        account: options.account,
        clock,
        platform: process.platform,
        openEntry: openSystemEntry,
      });
    case 'file':
      return fileKeychain(options.file);
    default:
      return options satisfies never;
  }
}
