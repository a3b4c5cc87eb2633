/** The list of groups, people nearby, a new group, and what a group's rules mean. */
export const groups = {
  sidebar: 'Groups and people',
  listLabel: 'Groups',
  newGroup: 'New group',
  openInvite: 'Open invite',
  emptyTitle: 'No groups yet',
  emptyLead: 'There are two ways on: start a group and invite people, or open an invite that somebody sent you.',
  startGroup: 'Start a group',
  openAnInvite: 'Open an invite',
  nothingOpenTitle: 'No group is open',
  nothingOpenLead: 'Choose a group on the left, start a new one, or open an invite.',
  noMessages: 'No messages yet',
  ended: 'You are no longer in this group',
  states: {
    pendingJoin: 'Waiting to be let in',
    working: '',
    freezing: 'Settling a change',
    selection: 'Settling a change',
    reelection: 'Choosing new stewards',
    left: 'Ended',
  },
  recovery: 'Any member may write the next change',
  muted: 'Muted',
  unread: (count: number): string => (count === 1 ? '1 unread message' : `${count} unread messages`),
  pendingVotes: (count: number): string => (count === 1 ? '1 vote waits for you' : `${count} votes wait for you`),
  draft: 'Draft:',
  lastLine: (who: string, text: string): string => `${who}: ${text}`,
  nearby: 'People nearby',
  nearbyEmpty: 'Nobody nearby yet. People who run Conclave on this network appear here by themselves.',
  nearbyUnknown: 'Somebody who hides their name',
  away: 'not reachable now',
  ownCard: (name: string): string => `You are ${name}`,
  settings: 'Settings',
  connection: {
    offline: 'No network',
    alone: 'Nobody is reachable',
    why: 'See why',
  },
  reminder: {
    text: 'Save your recovery phrase: without it, a lost computer means a lost identity.',
    action: 'Show phrase',
  },
} as const;

export const newGroup = {
  title: 'New group',
  lead: 'Give it a name and choose how it decides. Everybody who joins sees these rules and adopts them.',
  nameLabel: 'Name of the group',
  nameMissing: 'Give the group a name first.',
  presetLabel: 'How the group decides',
  presets: {
    friends: {
      name: 'Friends',
      text: 'Quick. Anyone with an invite link is let in at once. Removals are voted on for 5 minutes, and silence counts as no.',
    },
    assembly: {
      name: 'Assembly',
      text: 'An hour for every vote. Invite links still let people in. Silence counts as no when somebody is to be removed.',
    },
    strict: {
      name: 'Strict',
      text: 'A day for every vote. People vote on every new member, and silence always counts as no.',
    },
  },
  advanced: 'Advanced',
  windowLabel: 'Voting window',
  membersMayInvite: 'An invite link is enough to join',
  membersMayInviteHint: 'When this is off, the members vote on every person who asks in.',
  joinSilence: 'Silence counts as yes for a new member',
  removalSilence: 'Silence counts as yes for a removal',
  meaningLabel: 'What this means',
  create: 'Create group',
  creating: 'Creating…',
} as const;

const needed = (members: number): number => (members <= 2 ? members : Math.ceil((members * 2) / 3));

export const rules = {
  heading: 'Rules of this group',
  lead: 'Chosen when the group was started. Everybody adopted them by joining.',
  needed,
  /** What a rule means for a group of `members`: the target of a removal votes too. */
  join: (members: number, byInvite: boolean, silenceYes: boolean): string => {
    if (byInvite) return 'Anyone with a working invite link is let in while a member is online.';
    if (members <= 1) return 'You alone decide who comes in.';
    const count = needed(members);
    const who =
      count >= members
        ? `all ${members} members must say yes to let somebody in`
        : `any ${count} of your ${members} members can let somebody in`;
    const tail = silenceYes ? 'who stays silent counts as yes when the time is up' : 'who stays silent counts as no';
    return `With this rule ${who}; ${tail}.`;
  },
  removal: (members: number, silenceYes: boolean): string => {
    if (members <= 1) return 'There is nobody to remove yet.';
    const count = needed(members);
    if (members === 2) return 'With two members nobody can be removed against their own vote; each of you can leave.';
    const tail = silenceYes ? 'who stays silent counts as yes when the time is up' : 'who stays silent counts as no';
    return `With this rule any ${count} of your ${members} members can remove somebody; ${tail}.`;
  },
  window: (words: string): string =>
    `Every vote is open for ${words} at most. It ends earlier when enough people have voted.`,
  stewards: (min: number, max: number): string =>
    min === max
      ? `${max} ${max === 1 ? 'member takes' : 'members take'} turns in writing changes down: the stewards.`
      : `Up to ${max} members take turns in writing changes down: the stewards.`,
  score: (start: number, threshold: number): string =>
    `Reliability starts at ${start}. Whoever falls to ${threshold} or below is proposed for removal by the rules.`,
  labels: {
    join: 'Joining',
    removal: 'Removing',
    window: 'Time to vote',
    stewards: 'Stewards',
    score: 'Reliability',
  },
} as const;
