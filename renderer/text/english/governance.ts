/**
 * Sentences about who did what to the membership, second person when it is the reader. Tallies follow a colon.
 */
import type { Person } from '../people.ts';

/** At the start of a sentence. */
const Subject = (person: Person): string => (person.self ? 'You' : person.name);
/** In the middle of a sentence. */
const object = (person: Person): string => (person.self ? 'you' : person.name);
const verb = (person: Person, base: string, third: string): string => (person.self ? base : third);
const tally = (yes: number, no: number): string => `${yes} yes, ${no} no`;
const list = (names: readonly string[]): string =>
  names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;

export const governance = {
  subject: Subject,
  object,
  tally,
  names: (people: readonly Person[]): string => list(people.map(object)),
  lines: {
    started: (who: Person): string => `${Subject(who)} started the group`,
    joinedAlone: (who: Person): string => `${Subject(who)} joined`,
    added: (actor: Person, target: Person): string => `${Subject(actor)} added ${object(target)}`,
    welcomed: (steward: Person, who: Person): string => `${Subject(steward)} let ${object(who)} in`,
    left: (who: Person): string => `${Subject(who)} left`,
    votedOut: (actor: Person | undefined, target: Person, count: string | undefined): string =>
      `The group voted ${object(target)} out${
        actor === undefined ? '' : actor.self ? ', at your request' : `, at ${actor.name}’s request`
      }${count === undefined ? '' : `: ${count}`}`,
    votedOutByRules: (target: Person, count: string | undefined): string =>
      `The group voted ${object(target)} out, as its rules ask when reliability falls too low${
        count === undefined ? '' : `: ${count}`
      }`,
    expired: (who: Person): string =>
      who.self
        ? 'Nobody let you in before the request ran out'
        : `${who.name} was not let in before the request ran out`,
    addRefused: (actor: Person, target: Person, count: string): string =>
      `The group did not let ${object(target)} in, as ${actor.self ? 'you' : actor.name} asked: ${count}`,
    addAccepted: (actor: Person, target: Person, count: string): string =>
      `The group agreed to add ${object(target)}, as ${actor.self ? 'you' : actor.name} asked: ${count}`,
    removalRefused: (actor: Person, target: Person, count: string): string =>
      `${Subject(target)} ${verb(target, 'stay', 'stays')}: ${
        actor.self ? 'your request' : `${actor.name}’s request`
      } to remove ${object(target)} did not pass: ${count}`,
    removalAccepted: (actor: Person, target: Person, count: string): string =>
      `The group agreed to remove ${object(target)}, as ${actor.self ? 'you' : actor.name} asked: ${count}`,
    electionAccepted: 'New stewards were accepted',
    electionRefused: 'The proposed stewards were not accepted',
    emergencyAccepted: (target: Person | undefined): string =>
      target === undefined
        ? 'A warning was confirmed by the group'
        : `A warning about ${object(target)} was confirmed by the group`,
    emergencyRefused: (target: Person | undefined): string =>
      target === undefined ? 'A warning was not confirmed' : `A warning about ${object(target)} was not confirmed`,
    elected: (stewards: string): string => `The stewards are now: ${stewards}`,
    proposedAdd: (actor: Person, target: Person): string =>
      `${Subject(actor)} ${verb(actor, 'ask', 'asks')} to add ${object(target)}`,
    proposedRemoval: (actor: Person, target: Person): string =>
      actor.memberId === target.memberId
        ? `${Subject(actor)} ${verb(actor, 'want', 'wants')} to leave`
        : `${Subject(actor)} ${verb(actor, 'ask', 'asks')} to remove ${object(target)}`,
    proposedElection: (actor: Person): string => `${Subject(actor)} ${verb(actor, 'propose', 'proposes')} new stewards`,
    proposedEmergency: (actor: Person, target: Person | undefined): string =>
      `${Subject(actor)} ${verb(actor, 'report', 'reports')} a broken rule${target === undefined ? '' : ` by ${object(target)}`}`,
    voted: (actor: Person, approve: boolean): string => `${Subject(actor)} voted ${approve ? 'yes' : 'no'}`,
    committed: (actor: Person | undefined, number: number): string =>
      actor === undefined ? `Change ${number} took effect` : `${Subject(actor)} wrote change ${number}; it took effect`,
    scored: (who: Person, score: number): string =>
      who.self ? `Your reliability is now ${score}` : `The reliability of ${who.name} is now ${score}`,
    decidedSelfLeave: (who: Person): string => `${Subject(who)} ${verb(who, 'are', 'is')} leaving`,
    forked: (person: Person): string => `You and ${person.name} did not see the same group`,
    deviceChanged: (who: Person): string =>
      who.self
        ? 'You use this group with another device now'
        : `${who.name} came with another device. If you had compared numbers with ${who.name}, they are others now`,
    lost: (who: Person, count: number): string =>
      `${count === 1 ? 'A message' : `${count} messages`} from ${object(who)} ${count === 1 ? 'is' : 'are'} lost: nobody in the group has ${
        count === 1 ? 'it' : 'them'
      } any more`,
    rejoined: (who: Person, since: string): string =>
      who.self
        ? `You had lost touch and are in the group again. What was written since ${since} is here as far as the others could send it once more`
        : `${who.name} had lost touch and is in the group again`,
    healed: 'All see the same group again',
    changed: 'The group changed',
  },
  why: 'Why?',
  hideWhy: 'Hide why',
  record: {
    proposedBy: 'Asked by',
    about: 'About',
    reason: 'Why',
    noReason: 'No reason was given.',
    votes: 'Votes',
    noVotes: 'Nobody voted.',
    voteLine: (who: Person, approve: boolean): string => `${Subject(who)}: ${approve ? 'yes' : 'no'}`,
    byRule: 'by the group’s rule',
    silent: (count: number): string => (count === 1 ? '1 did not vote' : `${count} did not vote`),
    rule: 'Rule',
    rules: {
      votes: (needed: number | undefined, expected: number | undefined): string =>
        needed === undefined || expected === undefined
          ? 'Enough members voted.'
          : `Enough members voted: ${needed} of ${expected} were needed.`,
      timeout: (needed: number | undefined, expected: number | undefined): string =>
        needed === undefined || expected === undefined
          ? 'The voting time was over.'
          : `The voting time was over; ${needed} of ${expected} were needed.`,
      selfLeave: 'Everybody may leave when they want: nobody is asked.',
      created: 'Whoever starts a group is its first member.',
      welcome: 'A steward let you in after the group agreed.',
      attested: 'More than a third of the members signed that it was carried out. The votes did not reach you.',
    },
    steward: 'Written down by',
    stewardHint:
      'A steward is the member whose turn it is to write an agreed change; a steward cannot decide anything alone.',
    change: 'Change',
    changeNumber: (number: number): string => `Number ${number} of this group`,
    when: 'When',
    check: 'Check value',
    outcome: 'Outcome',
    outcomes: { open: 'Open', accepted: 'Accepted', rejected: 'Not accepted', failed: 'No decision was reached' },
  },
} as const;
