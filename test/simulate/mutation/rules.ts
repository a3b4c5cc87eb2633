/**
 * Rules that a simulation can do without: for each the place in the source where it is kept, and what stands there when it is not. The
 * hooks of this folder change the source while it is read; nothing on disk and nothing in the app knows of it.
 */
export interface Cut {
  /** From the root of the repository. */
  readonly file: string;
  /** Must stand there exactly once: a cut that misses its rule proves nothing. */
  readonly from: string;
  readonly to: string;
}

export interface SwitchedOff {
  /** What nobody keeps any more, for people. */
  readonly loses: string;
  readonly cuts: readonly Cut[];
}

const conversation = 'main/protocol/conversation';
const consensus = 'main/protocol/consensus';

export const rules = {
  'H-1': {
    loses: 'only members vote, each for itself, and all of them are asked',
    cuts: [
      {
        file: `${consensus}/admission.ts`,
        from: "  if (!bytesEqual(vote.voteOwner, memberIdToBytes(context.sender))) throw new ConsensusError('OwnerNotSender');\n  if (!context.roster.includes(context.sender) || !session.roster.includes(context.sender)) {\n    throw new ConsensusError('NotAMember');\n  }\n",
        to: '',
      },
      {
        file: `${consensus}/admission.ts`,
        from: '  if (proposal.expectedVotersCount !== expected) {',
        to: '  if (proposal.expectedVotersCount < 1) {',
      },
    ],
  },
  'H-2': {
    loses: 'silence counts only when the window closes',
    cuts: [
      {
        file: `${consensus}/decision.ts`,
        from: 'if (early !== undefined || !isTimeout) return early;',
        to: 'if (early !== undefined || (!isTimeout && tally.yes + tally.no < 2)) return early;',
      },
    ],
  },
  'H-3': {
    loses: 'every member decides by itself when the window closes',
    cuts: [
      {
        file: `${consensus}/consensus.ts`,
        from: 'nextTimeoutAt: () => deadlines()[0]?.at,',
        to: 'nextTimeoutAt: () => undefined,',
      },
    ],
  },
  'H-7': {
    loses:
      "a candidate counts as its authenticated committer's, whatever name stands on it, and only if it is the only one",
    cuts: [
      {
        file: `${conversation}/inbound/candidate.ts`,
        from: "    count(draft, 'StewardIdentityForged');\n",
        to: "    blame(draft, claimed, hash, 'BrokenCommit', 'StewardIdentityForged');\n",
      },
      {
        file: `${conversation}/inbound/candidate.ts`,
        from: '  if (!isGroups && dropEquivocation(draft, committer, hash)) return;\n',
        to: '',
      },
    ],
  },
  'H-9': {
    loses: 'a client confirms only an accusation whose cause it saw itself',
    cuts: [
      {
        file: `${conversation}/emergencies.ts`,
        from: "return { kind: 'vote', approve: isSeen };",
        to: "return { kind: 'vote', approve: true };",
      },
    ],
  },
  'H-13': {
    loses: 'the list that is elected is the one that everybody computes',
    cuts: [
      {
        file: `${conversation}/elections.ts`,
        from: "  if (!isProposable(draft, list)) return { kind: 'vote', approve: false };",
        to: "  if (!isProposable(draft, list)) return { kind: 'vote', approve: true };",
      },
    ],
  },
  'H-27': {
    loses: 'what is kept of the epoch before goes when the grace is over',
    cuts: [
      {
        file: `${conversation}/forkGrace.ts`,
        from: '=> draft.state.grace?.until;',
        to: '=> undefined;',
      },
    ],
  },
  'H-31': {
    loses: 'what reads past epochs goes after two minutes',
    cuts: [
      {
        file: `${conversation}/timers.ts`,
        from: 'dueAt: pastEpochEndsAt, run: prunePastEpochs',
        to: 'dueAt: () => undefined, run: prunePastEpochs',
      },
    ],
  },
  'H-26': {
    loses: 'a commit does only what was approved',
    cuts: [
      {
        file: `${conversation}/inbound/candidate.ts`,
        from: "if (verdict.kind === 'unknown' && !isVouched) {",
        to: "if (verdict.kind === 'unknown' && !isVouched && actions.length === 0) {",
      },
    ],
  },
} as const satisfies Record<string, SwitchedOff>;

export type Rule = keyof typeof rules;

export const isRule = (name: string): name is Rule => name in rules;
