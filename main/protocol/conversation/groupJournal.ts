/**
 * The group's journal in a conversation's state: begun at the creation or by the sync, extended by every applied commit. The
 * head is the same at every member of an epoch; the records go to the store.
 */
import { hexToBytes } from '@noble/hashes/utils.js';
import { MAX_COMMITS_BEFORE_SYNC } from '../../../shared/limits.ts';
import type { MemberId } from '../../../shared/model/ids.ts';
import type { RoundCandidate } from '../freeze/round.ts';
import { memberIdToBytes } from '../identity/index.ts';
import { decodeDecisionEvidence } from '../wire/index.ts';
import { beginning, extend, genesis, type CommitFacts } from '../journal/index.ts';
import { attestationsOf } from './attestations.ts';
import type { Draft } from './draft.ts';
import { epochOf, members } from './roster.ts';
import type { ApprovedEntry, JournalPart } from './state.ts';

const HEAD_BYTES = 32;

/** Nothing known yet: a joiner before its sync. */
export const unknownJournal: JournalPart = { head: undefined, length: 0, waiting: [] };

/** The first link, by the creator. */
export function beginJournal(draft: Draft): void {
  const { head, record } = genesis(draft.state.conversationId, draft.self);
  draft.state.journal = { head, length: 0, waiting: [] };
  keep(draft, 0, record);
}

/**
 * One link for the commit that was just applied, with the decisions that it carried out; before the sync it waits for the head
 * that it follows.
 */
export function extendJournal(
  draft: Draft,
  candidate: RoundCandidate,
  entries: readonly ApprovedEntry[],
  before: readonly MemberId[],
): void {
  const { journal, conversationId, group } = draft.state;
  const facts: CommitFacts = {
    conversationId,
    epoch: epochOf(draft.state),
    committer: candidate.committer,
    commitHash: hexToBytes(candidate.hash),
    changes: candidate.actions.map((action) =>
      action.kind === 'add'
        ? { kind: 'add', memberId: action.memberId, keyPackageReference: action.keyPackageReference }
        : { kind: 'remove', memberId: action.memberId },
    ),
    epochAuthenticator: draft.context.mls.epochAuthenticator(group),
  };
  if (journal.head === undefined) {
    draft.state.journal = { ...journal, waiting: [...journal.waiting, facts].slice(-MAX_COMMITS_BEFORE_SYNC) };
    return;
  }
  const evidence = entries.map((entry) => decodeDecisionEvidence(entry.evidence));
  const attestations = isDecided(candidate, entries) ? [] : attestationsFor(draft, facts.epoch, candidate, before);
  const { head, record } = extend(journal.head, facts, { evidence, attestations });
  draft.state.journal = { head, length: facts.epoch, waiting: [] };
  keep(draft, facts.epoch, record);
}

const isDecided = ({ actions }: RoundCandidate, entries: readonly ApprovedEntry[]): boolean =>
  actions.every(({ memberId }) => entries.some(({ change }) => change.memberId === memberId));

/** Where the votes did not reach us: who signed that it had applied the commit, which is why we followed. H-28 */
function attestationsFor(draft: Draft, epoch: number, { hash }: RoundCandidate, before: readonly MemberId[]) {
  return attestationsOf(draft, epoch)
    .filter((word) => word.hash === hash && before.includes(word.memberId))
    .map(({ memberId, signature }) => ({ member: memberIdToBytes(memberId), signature }));
}

/**
 * A joiner takes over head and length as its welcome's signer knew them, and adds the commits that it saw since, on trust as
 * it took them (H-17): its own copy begins with the members of now. A head that does not meet those commits is unknown to us;
 * nothing is compared then.
 */
export function adoptJournal(draft: Draft, head: Uint8Array, length: bigint): void {
  const { journal, conversationId } = draft.state;
  const from = Number(length);
  const later = journal.waiting.filter(({ epoch }) => epoch > from);
  const meets =
    later.length === epochOf(draft.state) - from && later.every(({ epoch }, index) => epoch === from + 1 + index);
  if (head.length !== HEAD_BYTES || !meets) {
    draft.state.journal = unknownJournal;
    return;
  }
  const current = later.reduce<Uint8Array>((previous, facts) => extend(previous, facts).head, head.slice());
  const epoch = epochOf(draft.state);
  draft.state.journal = { head: current, length: epoch, waiting: [] };
  keep(draft, epoch, beginning(conversationId, epoch, current, members(draft)));
}

function keep(draft: Draft, epoch: number, record: Uint8Array): void {
  draft.effects.push({ kind: 'groupJournal', epoch, record });
}
