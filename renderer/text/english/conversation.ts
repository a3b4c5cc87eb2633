/** The conversation: messages, composer, header, and how it ends. */
export const conversation = {
  messagesLabel: (group: string): string => `Messages in ${group}`,
  empty: 'Nothing was said since. Write the first message below.',
  emptyAlone: 'You are the only one here. Invite people, then write.',
  invitePeople: 'Invite people',
  beginning: 'Messages from before you joined are not available.',
  started: 'This is where the group begins.',
  loadingOlder: 'Loading older messages…',
  olderFailed: 'Older messages could not be loaded.',
  newDivider: 'New',
  jumpToLatest: 'Jump to latest',
  newBelow: (count: number): string => (count === 1 ? '1 new message' : `${count} new messages`),
  status: { pending: 'Not sent yet', sent: 'Sent', delivered: 'Delivered' },
  deliveredTo: (count: number, expected: number): string =>
    count === expected ? `Delivered to all ${expected}` : `Delivered to ${count} of ${expected}`,
  /** Who has a message: both lists are ready sentences' parts, such as "Ana and Bo". */
  deliveredNames: (names: string): string => `Delivered to ${names}.`,
  notYetNames: (names: string): string => `Not yet to ${names}.`,
  notYetCount: (count: number): string => (count === 1 ? 'Not yet to 1 person.' : `Not yet to ${count} people.`),
  gap: (missing: number): string =>
    missing === 1 ? '1 message has not reached you yet.' : `${missing} messages have not reached you yet.`,
  gapFrom: (name: string, missing: number): string => (missing === 1 ? `1 from ${name}` : `${missing} from ${name}`),
  /** One label for a message: name, text, time, state. */
  messageLabel: (
    name: string,
    text: string,
    time: string,
    status: string | undefined,
    replyTo: string | undefined,
  ): string =>
    `${name}${replyTo === undefined ? '' : `, in reply to ${replyTo}`}: ${text}, ${time}${status === undefined ? '' : `, ${status}`}`,
  mentionsYou: 'mentions you',
  mention: {
    label: 'People in this group',
    offered: (count: number): string =>
      count === 1
        ? '1 person, Enter puts the name in'
        : `${count} people, up and down to choose, Enter puts the name in`,
  },
  reply: 'Reply',
  copyText: 'Copy text',
  replyingTo: (name: string): string => `Replying to ${name}`,
  cancelReply: 'Cancel the reply',
  repliedMissing: 'Show the message that this answers',
  notHere: 'This computer does not have that message.',
  composerLabel: (group: string): string => `Message to ${group}`,
  composerPlaceholder: 'Write a message',
  send: 'Send',
  tooLong: (limitKib: number): string =>
    `This message is longer than ${limitKib} KiB. Make it shorter or send it in parts.`,
  settling: 'Settling a change: your message waits a moment',
  settlingProgress: (received: number, expected: number): string =>
    `Settling a change: your message waits a moment (${received} of ${expected} stewards have answered)`,
  reelection: 'Choosing new stewards. Messages are sent as usual.',
  recovery: 'Any member may write the next change. Messages are sent as usual.',
  recoverySettling: 'Any member may write the next change: your message waits a moment',
  alone: 'Nobody else is here now. What you write is sent when somebody comes back.',
  draftNotKept: 'What you are typing could not be stored: it is lost when Conclave ends.',
  draftsNotRead: 'What you had typed and not sent could not be read.',
  sendFailed: 'Your message was not stored. It is still in the box.',
  header: {
    online: (online: number): string => `${online} online`,
    members: 'Members',
    votes: 'Votes',
    rules: 'Rules',
    invite: 'Invite',
    more: 'More about this group',
    showPanel: 'Show members, votes and rules',
    hidePanel: 'Hide members, votes and rules',
    mute: 'Mute notifications',
    unmute: 'Unmute notifications',
    leave: 'Leave group',
    resetInvite: 'Switch invite link off',
    panelLabel: 'About this group',
  },
  leave: {
    title: (group: string): string => `Leave ${group}?`,
    body: 'You stop receiving messages once the next change of the group takes effect. What you have stays on this computer until you delete it.',
    bodyAlone:
      'You are the only member: the group ends with you. What you have stays on this computer until you delete it.',
    confirm: 'Leave group',
    leaving: 'You are leaving: it takes effect with the next change.',
  },
  cancelRequest: {
    title: 'Cancel the request?',
    body: 'The group is no longer asked to let you in. You can open the invite again later.',
    confirm: 'Cancel the request',
    keep: 'Keep waiting',
  },
  ended: {
    votedOut: (time: string, yes: number, no: number): string =>
      `The group voted you out at ${time}: ${yes} yes, ${no} no.`,
    removed: (time: string): string => `The group voted you out at ${time}.`,
    left: (time: string): string => `You left at ${time}.`,
    expired: (time: string): string => `Nobody let you in before the request ran out at ${time}.`,
    again: 'You can ask again with a new invite.',
    keeps: 'You can still read what was said while you were in.',
    delete: 'Delete history',
    deleteTitle: (group: string): string => `Delete the history of ${group}?`,
    deleteBody:
      'Every message and every decision of this group is deleted from this computer. The other members keep theirs. This cannot be undone.',
    deleteConfirm: 'Delete history',
  },
} as const;
