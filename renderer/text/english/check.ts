/** What is said of a decision that was checked anew: the arithmetic in words. */
const list = (names: readonly string[]): string =>
  names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;

export const check = {
  run: 'Check this again',
  running: 'Checking every signature…',
  save: 'Save as a file…',
  saving: 'Saving…',
  saved: 'Saved. Anybody can check the file, also without Conclave’s groups.',
  holds: 'Checked on this computer: it holds.',
  fails: 'Checked on this computer: it does not hold.',
  asked: (names: readonly string[], count: number): string =>
    names.length === 0 ? `${count} were asked.` : `${count} ${count === 1 ? 'was' : 'were'} asked: ${list(names)}.`,
  votes: (yes: number, no: number, silent: number): string =>
    `Signed votes, each checked: ${yes} yes, ${no} no. ${silent} silent.`,
  enough: (yes: number, needed: number, expected: number): string =>
    expected <= 2
      ? `In a group of ${expected} everybody has to agree: ${yes} of ${needed}.`
      : `Two thirds of ${expected} are ${needed}; ${yes} said yes.`,
  silenceYes: (yes: number, silent: number, needed: number, when: string): string =>
    `The voting time ended ${when}. Silence counts as yes: ${yes} + ${silent} = ${yes + silent}, and ${needed} were needed. That nobody else had voted is what this computer saw; no signature can prove it.`,
  silenceNo: (yes: number, needed: number, when: string): string =>
    `The voting time ended ${when}. Silence counts as no: ${yes} said yes, and ${needed} were needed.`,
  selfLeave: (who: string): string => `${who} signed the wish to leave: nobody else is asked.`,
  attested: (count: number): string =>
    `The votes did not reach this computer. Two thirds of the ${count} members signed that they carried it out.`,
  chainFromCreation: (count: number): string =>
    count === 1
      ? 'It is the first change since the group was created.'
      : `The chain of ${count} changes, back to the creation of the group, is unbroken.`,
  chainFromEntry: (count: number, epoch: number): string =>
    `The chain of ${count} changes, back to number ${epoch}, is unbroken. What was before you came in, this computer cannot check.`,
  notHere: 'This computer does not keep the record of this change.',
  faultAt: (record: number): string => `It is record ${record} of this group’s journal on this computer.`,
  faults: {
    Malformed: 'A record is damaged or was tampered with.',
    NoBeginning: 'The journal lacks its beginning.',
    OtherConversation: 'A record is of another group.',
    EpochGap: 'A change is missing or stands there twice.',
    ChainBroken: 'A record does not follow from the one before it.',
    CommitterNotMember: 'Somebody wrote a change who was no member.',
    ImpossibleChange: 'Somebody comes who was in, or goes who was not.',
    AttestationRefuted: 'A signature beside a change is wrong.',
    ChangeNotDecided: 'No accepted decision asks for this change.',
    UnrelatedEvidence: 'A decision is about something else.',
    ProposerNotAsked: 'Whoever asked for it was no member then.',
    OtherElectorate: 'Others were asked than the members of that time.',
    VoterNotAsked: 'Somebody voted who was not asked.',
    VotedTwice: 'Somebody voted twice.',
    InvalidVote: 'The signature of a vote is wrong.',
    NotAccepted: 'The votes do not accept it.',
  },
  otherFault: 'Something in it is wrong.',
} as const;
