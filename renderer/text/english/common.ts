/** Words that several screens share. */
export const common = {
  appName: 'Conclave',
  you: 'You',
  loading: 'Loading…',
  retry: 'Try again',
  cancel: 'Cancel',
  close: 'Close',
  back: 'Back',
  copy: 'Copy',
  copied: 'Copied',
  copyFailed: 'Could not be copied. Select the text and copy it by hand.',
  yes: 'Yes',
  no: 'No',
  today: 'Today',
  yesterday: 'Yesterday',
  notifications: 'Messages from Conclave',
  dismiss: 'Dismiss',
  noBridge: 'This page only works inside the Conclave app.',
  skipToConversation: 'Skip to the conversation',
  memberCount: (count: number): string => (count === 1 ? '1 member' : `${count} members`),
  eventsLost: 'Conclave was busy and has read everything again.',
} as const;

/** What to say for an error whose own message is meant for a log, not for a person. */
export const errors = {
  internal: 'Something went wrong inside Conclave. It was written to the log; your messages are safe.',
  unreachable: 'Conclave does not answer. Close the window and open it again.',
  headings: {
    load: 'This could not be loaded',
    groups: 'Your groups could not be loaded',
    group: 'This group could not be loaded',
    messages: 'The messages could not be loaded',
    votes: 'The votes could not be loaded',
    people: 'People nearby could not be loaded',
    settings: 'The settings could not be loaded',
    network: 'The network report could not be made',
    invite: 'The invite could not be made',
    start: 'Conclave could not start',
    crashed: 'This part of the window stopped working',
  },
  crashedBody: 'Your messages are safe. Show it again, or close the window and open it again.',
  showAgain: 'Show it again',
} as const;
