/**
 * What a person can do when the keychain of the system does not help, in one sentence per platform.
 */

const FILE_HINT = 'On a server, start Conclave with --keychain file instead.';

/** No service answers. */
export function unavailableAdvice(platform: NodeJS.Platform): string {
  switch (platform) {
    case 'linux':
      return (
        'No keychain service was found. Install and unlock gnome-keyring or another Secret Service ' +
        `(KWallet, KeePassXC) in your desktop session. ${FILE_HINT}`
      );
    case 'darwin':
      return `The macOS keychain did not answer. Open Keychain Access and unlock the login keychain. ${FILE_HINT}`;
    case 'win32':
      return `The Windows Credential Manager did not answer. Start its service “VaultSvc” and try again. ${FILE_HINT}`;
    default:
      return `This system has no keychain that Conclave knows. ${FILE_HINT}`;
  }
}

/** The service is there and says no. */
export function deniedAdvice(platform: NodeJS.Platform): string {
  switch (platform) {
    case 'linux':
      return 'The keychain is locked, or refused access. Unlock your login keyring and try again.';
    case 'darwin':
      return 'The keychain refused access. Allow Conclave to use it when macOS asks, and try again.';
    default:
      return 'The keychain refused access. Allow Conclave to use it and try again.';
  }
}

export const TIMEOUT_ADVICE = 'The keychain waits for an answer. Look for its prompt, unlock it, and try again.';

export const DAMAGED_ADVICE =
  'The entry of this profile in the keychain is not one that this version of Conclave can read. It was left as it is.';
