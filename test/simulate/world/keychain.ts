/** A keychain that holds one secret in memory and survives every crash. Knows no key derivation. */
import type { Keychain, RootSecret } from '../../../main/messenger/ports/keychain.ts';

export function memoryKeychain(initial: RootSecret): Keychain {
  let secret: RootSecret | undefined = initial;
  return {
    kind: 'file',
    read: async () => secret,
    write: async (written) => {
      secret = written;
    },
    remove: async () => {
      secret = undefined;
    },
  };
}
