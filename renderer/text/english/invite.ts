/** Making, sending, opening invites, and waiting to be let in. */
export const invite = {
  title: (group: string): string => `Invite people to ${group}`,
  byLink: 'Anyone with this link will be let in while a member is online.',
  byVote: 'Anyone with this link can ask in; then the group votes.',
  linkLabel: 'Invite link',
  copyLink: 'Copy link',
  qrLabel: (group: string): string => `QR code of the invite to ${group}`,
  qrTooLong: 'This link is too long for a QR code. Copy it instead.',
  nearby: 'Send to people nearby',
  nearbyEmpty: 'Nobody nearby who could take it right now.',
  send: 'Send',
  sendTo: (name: string): string => `Send the invite to ${name}`,
  sending: 'Sending…',
  sent: 'Sent',
  alreadyMember: 'Already a member',
  reset: 'Switch this link off',
  resetTitle: 'Switch the link off?',
  resetBody:
    'Every link to this group that was handed out so far stops working. Members stay. A new link is made for you at once.',
  resetConfirm: 'Switch off and make a new link',
  resetDone: 'The old link no longer works. This is a new one.',
  making: 'Making a link…',
  done: 'Done',
} as const;

export const openInvite = {
  title: 'Open an invite',
  lead: 'Paste the link that somebody sent you. It begins with conclave:',
  label: 'Invite link',
  look: 'Look at the invite',
  looking: 'Reading the invite…',
  missing: 'Paste the link first.',
  bad: 'This is not an invite that Conclave can read.',
  badWay: 'Ask for a new one: copy the whole link, from conclave: to its last character.',
  another: 'Open another',
  invites: (who: string, group: string): string => `${who} invites you to ${group}`,
  nextLink:
    'What happens next: you ask to come in. Once a member is reachable you are let in, or the group votes, as its rules say.',
  addresses: (count: number): string =>
    count === 0
      ? 'The link carries no address: you must be on the same network as a member.'
      : `The link carries ${count === 1 ? '1 address' : `${count} addresses`} to try beside people nearby.`,
  details: 'Details',
  inviter: 'Member id of who invites you',
  groupId: 'Group id',
  join: 'Ask to join',
  joining: 'Asking…',
  alreadyIn: (group: string): string => `You are already in ${group}, or waiting to be let in.`,
  openGroup: 'Open the group',
  notNow: 'Not now',
  receivedToast: 'See the invite',
} as const;

export const waiting = {
  title: 'Waiting for the group to let you in',
  invitedBy: (who: string): string => `${who} invited you.`,
  told: (who: string): string =>
    `A member of the group was told that you ask in. ${who} or another member lets you in, or the group votes.`,
  notTold: 'Nobody of the group could be reached yet. As soon as somebody is there, Conclave asks by itself.',
  nobodyTitle: 'What you can do',
  nobody: (who: string): string =>
    `Ask ${who} to open Conclave on the same network. Leave Conclave open, or come back later: it goes on asking.`,
  since: (time: string): string => `Asked at ${time}.`,
  until: (time: string): string => `It stops asking at ${time}.`,
  progress: (yes: number, needed: number): string => `${yes} of ${needed} needed have said yes.`,
  cancel: 'Cancel the request',
  networkPage: 'See the network page',
} as const;
