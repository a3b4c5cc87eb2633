/**
 * The group's journal in a conversation's state: begun at the creation or by the sync, extended by every applied commit. The
 * head is the same at every member of an epoch; the records go to the store.
 */
import { hexToBytes } from '@noble/hashes/utils.js';
import { MAX_COMMITS_BEFORE_SYNC } from '../../../shared/limits.ts';
import type { MemberId } from '../../../shared/model/ids.ts';
import type { RoundCandidate } from '../freeze/round.ts';
import { beginning, extend, genesis, type CommitFacts } from '../journal/index.ts';
import type { Draft } from './draft.ts';
import { epochOf, members } from './roster.ts';
import type { JournalPart } from './state.ts';

const HEAD_BYTES = 32;

/** Nothing known yet: a joiner before its sync. */
export const unknownJournal: JournalPart = { head: undefined, length: 0, waiting: [] };

/** The first link, by the creator. */
export function beginJournal(draft: Draft): void {
  const { head, record } = genesis(draft.state.conversationId, draft.self);
  draft.state.journal = { head, length: 0, waiting: [] };
  keep(draft, 0, record);
}

/** One link for the commit that was just applied; before the sync it waits for the head that it follows. */
export function extendJournal(draft: Draft, candidate: RoundCandidate): void {
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
  append(draft, facts, journal.head);
}

/**
 * A joiner takes over head and length as its welcome's signer knew them, and adds the commits that it saw since. A head that
 * does not meet them is unknown to us: nothing is compared then.
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
  draft.state.journal = { head: head.slice(), length: from, waiting: [] };
  keep(draft, from, beginning(conversationId, from, head, membersBefore(members(draft), later)));
  for (const facts of later) append(draft, facts, draft.state.journal.head ?? head);
}

/** The members before some commits, from those after them. */
function membersBefore(after: readonly MemberId[], commits: readonly CommitFacts[]): readonly MemberId[] {
  const present = new Set(after);
  for (const { changes } of commits.toReversed()) {
    for (const change of changes) if (change.kind === 'add') present.delete(change.memberId);
    for (const change of changes) if (change.kind === 'remove') present.add(change.memberId);
  }
  return [...present];
}

function append(draft: Draft, facts: CommitFacts, previousHead: Uint8Array): void {
  const { head, record } = extend(previousHead, facts);
  draft.state.journal = { head, length: facts.epoch, waiting: [] };
  keep(draft, facts.epoch, record);
}

function keep(draft: Draft, epoch: number, record: Uint8Array): void {
  draft.effects.push({ kind: 'groupJournal', epoch, record });
}
