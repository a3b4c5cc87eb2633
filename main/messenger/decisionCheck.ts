/**
 * Checks a change of members anew, from the journal alone, and says what was found with names beside the ids. Used by the app for what
 * it keeps and by the headless node for a file; knows neither a store nor a profile.
 */
import type { DecisionCheck } from '../../shared/api/model.ts';
import type { MemberId } from '../../shared/model/ids.ts';
import type { Breather } from '../protocol/breather.ts';
import {
  verifyJournal,
  type CheckedBeginning,
  type CheckedCommit,
  type JournalFault,
} from '../protocol/journal/index.ts';
import type { NameOf } from './names.ts';

type Holds = DecisionCheck & { readonly outcome: 'holds' };
type Person = Holds['committer'];

export interface JournalCopy {
  readonly records: Iterable<Uint8Array>;
  /** Hex of the SHA-256 of the commit that is asked about. */
  readonly commitHash: string;
}

/** Undefined when the copy holds and has no such change. */
export async function checkDecision(
  { records, commitHash }: JournalCopy,
  { nameOf, breathe }: { readonly nameOf: NameOf; readonly breathe?: Breather | undefined },
): Promise<DecisionCheck | undefined> {
  let beginning: CheckedBeginning | undefined;
  let commit: CheckedCommit | undefined;
  let checked = 0;
  const verdict = await verifyJournal(records, {
    ...(breathe === undefined ? {} : { breathe }),
    watch(found) {
      if ('isCreation' in found) {
        if (commit === undefined) beginning = found;
        return;
      }
      checked += 1;
      if (Buffer.from(found.commitHash).toString('hex') === commitHash) commit = found;
    },
  });
  if (verdict.kind === 'refuted') return refuted(verdict.index, verdict.fault, nameOf);
  if (commit === undefined || beginning === undefined) return undefined;
  return { ...shown(commit, nameOf), beginning: begun(beginning, nameOf), checked };
}

const person = (memberId: MemberId, nameOf: NameOf): Person => {
  const displayName = nameOf(memberId);
  return { memberId, ...(displayName === undefined ? {} : { displayName }) };
};

const begun = ({ isCreation, epoch, members }: CheckedBeginning, nameOf: NameOf): Holds['beginning'] => ({
  isCreation,
  epoch,
  members: members.map((memberId) => person(memberId, nameOf)),
});

function shown(commit: CheckedCommit, nameOf: NameOf): Omit<Holds, 'beginning' | 'checked'> {
  const change = ({ memberId, removed }: CheckedCommit['changes'][number]): Holds['changes'][number] => ({
    ...person(memberId, nameOf),
    removed,
  });
  return {
    outcome: 'holds',
    epoch: commit.epoch,
    commitHash: Buffer.from(commit.commitHash).toString('hex'),
    committer: person(commit.committer, nameOf),
    members: commit.members.length,
    changes: commit.changes.map(change),
    attested: commit.attested.map(change),
    decisions: commit.decisions.map((decision) => ({
      proposalId: decision.proposalId,
      proposer: person(decision.proposer, nameOf),
      by: decision.by,
      ...(decision.asked === undefined ? {} : { asked: decision.asked.map((memberId) => person(memberId, nameOf)) }),
      expected: decision.expected,
      needed: decision.needed,
      silenceCountsAsYes: decision.silenceCountsAsYes,
      openedAt: decision.openedAt,
      closesAt: decision.closesAt,
      votes: decision.votes.map(({ memberId, approve, at }) => ({ ...person(memberId, nameOf), approve, at })),
      covers: decision.covers.map(change),
    })),
  };
}

function refuted(record: number, fault: JournalFault, nameOf: NameOf): DecisionCheck {
  const memberId = 'voter' in fault ? fault.voter : 'memberId' in fault ? fault.memberId : undefined;
  return {
    outcome: 'refuted',
    record,
    fault: fault.kind === 'DecisionRefuted' ? fault.fault : fault.kind,
    ...(memberId === undefined ? {} : { member: person(memberId, nameOf) }),
  };
}
