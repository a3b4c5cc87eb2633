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
    keychainTitle: 'No keychain was found',
    keychainLead:
      'Conclave keeps your secret in the keychain of this computer and could not reach it. Nothing was written and nothing was lost.',
    keychainWay: 'Unlock or install a keychain (on Linux: gnome-keyring or KWallet), then try again.',
    storageTitle: 'Your data could not be opened',
    storageLead:
      'The file that holds your groups and messages is there, but it cannot be used as it is. It was kept unchanged.',
    storageWay:
      'Make sure that the disk is not full and that no other copy of Conclave uses this profile, then try again. If it stays like this, keep a copy of the profile folder before you do anything else.',
    otherTitle: 'Conclave could not open your profile',
    otherLead: 'Your data was kept unchanged.',
    otherWay: 'Try again, or close Conclave and open it again.',
    detail: 'What was reported',
  },
} as const;
