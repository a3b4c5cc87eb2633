/** First run, restore, and what may stand in their way. */
export const onboarding = {
  title: 'Welcome to Conclave',
  lead: 'A messenger for groups with no server and no boss. What is your name?',
  nameLabel: 'Your name',
  nameHint: 'The people in your groups see it. You can change it later.',
  start: 'Start',
  starting: 'Starting…',
  nameMissing: 'Write your name first.',
  havePhrase: 'I have a recovery phrase',
  newHere: 'I am new here',
  restoreTitle: 'Bring your identity back',
  restoreLead: 'Use the recovery phrase that you saved, or a private key.',
  restoreKindLabel: 'What do you have?',
  phraseKind: 'Recovery phrase',
  phraseLabel: 'Recovery phrase',
  phraseHint: 'Twelve words, in their order, with spaces between them.',
  phraseMissing: 'Write the twelve words first.',
  phraseCount: (count: number): string =>
    count === 1 ? 'That is 1 word; the phrase has 12.' : `That is ${count} words; the phrase has 12.`,
  keyKind: 'Private key',
  keyLabel: 'Private key',
  keyHint: '64 hexadecimal digits, with or without 0x in front.',
  keyMissing: 'Write the private key first.',
  restore: 'Restore',
  restoring: 'Restoring…',
  restoreNote: 'Your groups come back when members who know you are reachable and let you in again.',
  needsRestoreTitle: 'Your data is here, its key is not',
  needsRestoreLead:
    'This computer holds your groups and messages, but the keychain no longer holds the secret that opens them. Nothing was deleted. Restore with your recovery phrase to open them again.',
  problems: {
    causes: {
      keychainUnavailable: {
        title: 'No keychain was found',
        lead: 'Conclave keeps your secret in the keychain of this computer and could not reach it. Nothing was written and nothing was lost.',
        way: 'Unlock or install a keychain (on Linux: gnome-keyring or KWallet), then try again.',
      },
      keychainLocked: {
        title: 'The keychain is locked',
        lead: 'The secret that opens your groups and messages is in the keychain of this computer, which did not give it. Nothing was changed and nothing was lost.',
        way: 'Unlock the keychain, allow Conclave to use it, then try again.',
      },
      keychainUnreadable: {
        title: 'The keychain has something else',
        lead: 'What the keychain holds for Conclave is not a secret that Conclave can read. It was left as it is, and so were your groups and messages.',
        way: 'If you know what changed it, put it back and try again. Otherwise your recovery phrase opens your groups and messages.',
      },
      otherKey: {
        title: 'Your messages belong to another key',
        lead: 'The keychain holds another secret than the one that your groups and messages were stored with. Nothing was changed and nothing was lost.',
        way: 'Use the recovery phrase that belongs to these messages. The keychain is changed only when it opens them.',
      },
      unreadable: {
        title: 'Your messages could not be read',
        lead: 'The secret in the keychain does not open the file with your groups and messages: it belongs to another secret, or is damaged. It was kept unchanged.',
        way: 'Try the recovery phrase that belongs to these messages. The keychain is changed only when it opens them.',
      },
      damaged: {
        title: 'Your messages could not be read',
        lead: 'The file with your groups and messages is damaged. It was kept unchanged.',
        way: 'There is no good copy of it on this computer. If you have a backup of the profile folder, close Conclave and put the folder back.',
      },
      full: {
        title: 'The disk is full',
        lead: 'Your groups and messages could not be opened because there is no space left. Nothing was lost.',
        way: 'Free some space, then try again.',
      },
      inUse: {
        title: 'Your messages are in use',
        lead: 'Another program has the file with your groups and messages open. Nothing was changed.',
        way: 'Close the other program, then try again.',
      },
      newerVersion: {
        title: 'This needs a newer Conclave',
        lead: 'Your groups and messages were used with a newer version of Conclave. They were kept unchanged.',
        way: 'Update Conclave to open them.',
      },
      other: {
        title: 'Conclave could not open your profile',
        lead: 'Your data was kept unchanged.',
        way: 'Make sure that the profile folder can be read and written, then try again.',
      },
    },
    copyLost: (time: string): string =>
      `The last good copy is from ${time}. What was written after that is not in it, and your groups are asked to let you in again. The damaged file is kept under another name.`,
    restoreCopy: (time: string): string => `Restore the copy of ${time}`,
    restoringCopy: 'Restoring…',
    quit: 'Quit Conclave',
    detail: 'What was reported',
    directory: 'Where the files are',
    copyDirectory: 'Copy the folder’s path',
  },
} as const;
