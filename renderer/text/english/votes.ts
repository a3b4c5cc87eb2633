/** Vote cards and the list of decisions. */
import type { Person } from '../people.ts';

const Subject = (person: Person): string => (person.self ? 'You' : person.name);
const object = (person: Person): string => (person.self ? 'you' : person.name);
const asks = (person: Person, past: boolean): string => (past ? 'asked' : person.self ? 'ask' : 'asks');

export const votes = {
  region: 'Open votes',
  open: (count: number): string => (count === 1 ? '1 open vote' : `${count} open votes`),
  /** What a proposal asks for; `past` once it is decided. */
  add: (proposer: Person, target: Person, past: boolean): string =>
    `${Subject(proposer)} ${asks(proposer, past)} to add ${object(target)}`,
  remove: (proposer: Person, target: Person, past: boolean): string =>
    `${Subject(proposer)} ${asks(proposer, past)} to remove ${object(target)}`,
  removeByRules: (target: Person): string =>
    `Proposed by the rules: remove ${object(target)}, whose reliability fell too low`,
  leave: (who: Person, past: boolean): string =>
    past ? `${Subject(who)} asked to leave` : who.self ? 'You want to leave' : `${who.name} wants to leave`,
  election: (proposer: Person, past: boolean): string =>
    `${Subject(proposer)} ${past ? 'proposed' : proposer.self ? 'propose' : 'proposes'} new stewards`,
  /** `attempt` only when it is not the first. */
  list: (names: string, attempt: number | undefined): string =>
    `In this order: ${names}${attempt === undefined ? '' : `, attempt ${attempt}`}`,
  emergency: (proposer: Person, target: Person | undefined, past: boolean): string =>
    `${Subject(proposer)} ${past ? 'reported' : proposer.self ? 'report' : 'reports'} a broken rule${target === undefined ? '' : `, by ${object(target)}`}`,
  why: (reason: string): string => `Why: “${reason}”`,
  noReason: 'No reason was given.',
  tally: (yes: number, no: number): string => `${yes} yes, ${no} no`,
  needed: (needed: number, expected: number): string => `${needed} of ${expected} needed`,
  yesNames: (names: string): string => `Yes: ${names}`,
  noNames: (names: string): string => `No: ${names}`,
  waitingFor: (names: string): string => `Not yet: ${names}`,
  waitingCount: (count: number): string => `Not yet: ${count}`,
  nobodyYet: 'Nobody has voted yet.',
  timeLeft: (words: string): string => `${words} left`,
  timeOver: 'Time is over, counting',
  silenceYes: 'Silence will count as yes.',
  silenceNo: 'Silence will count as no.',
  silenceWasYes: 'Silence counted as yes.',
  silenceWasNo: 'Silence counted as no.',
  voteYes: 'Yes',
  voteNo: 'No',
  own: (approve: boolean): string => (approve ? 'You voted yes' : 'You voted no'),
  ownByRule: 'The group’s rule voted yes for you: the invite is valid.',
  ownByClient: 'The app voted for you, on what it saw itself.',
  clientsVote: 'Nobody is asked: every member’s app votes on what it saw itself.',
  deadlock: (past: boolean): string =>
    past
      ? 'No steward could settle a change: the group was asked to let any member write the next one'
      : 'No steward could settle a change: may any member write the next one?',
  violations: {
    BROKEN_COMMIT: 'A change was written that was not put together by the rules.',
    BROKEN_MLS_PROPOSAL: 'A change was written that the group had not agreed to.',
    CENSORSHIP_INACTIVITY: 'A steward did not write an agreed change when it was their turn.',
    SCORE_BELOW_THRESHOLD: 'The rules ask for it: missed turns and broken changes lower a member’s reliability.',
    DEADLOCK: 'All stewards were tried, and none wrote the change.',
    MISBEHAVING_COMMIT: 'Two different changes were written where only one may be.',
  },
  aboutYou: 'This vote is about you. You may vote too.',
  leaveNote: 'Nobody needs to agree. It takes effect with the next change.',
  newVote: (what: string): string => `New vote: ${what}`,
  approved: (what: string): string => `Agreed, takes effect with the next change: ${what}`,
  decided: (what: string, outcome: string, count: string): string => `${what}. ${outcome}: ${count}`,
  panel: {
    open: 'Open',
    openEmpty: 'Nothing to decide right now.',
    agreed: 'Agreed, waiting to be written',
    recent: 'Decided',
    recentEmpty: 'Nothing was decided yet.',
  },
} as const;
