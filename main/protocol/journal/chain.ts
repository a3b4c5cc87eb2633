/**
 * The chain of a group's commits: every member of an epoch has the same head. Only what all of them necessarily know the same
 * goes in; votes, scores and clocks do not. Pure; knows nothing of how a commit was decided.
 */
import { createHash } from 'node:crypto';
import type { ConversationId, MemberId } from '../../../shared/model/ids.ts';
import { memberIdToBytes } from '../identity/index.ts';
import { encodeJournalRecord, type DecisionEvidence } from '../wire/index.ts';

export type JournalChange =
  | { readonly kind: 'add'; readonly memberId: MemberId; readonly keyPackageReference: Uint8Array }
  | { readonly kind: 'remove'; readonly memberId: MemberId };

/** What one commit did. */
export interface CommitFacts {
  readonly conversationId: ConversationId;
  /** After the commit. */
  readonly epoch: number;
  readonly committer: MemberId;
  /** SHA-256 of the commit message. */
  readonly commitHash: Uint8Array;
  readonly changes: readonly JournalChange[];
  /** Of the epoch after the commit, RFC 9420 section 8.7. */
  readonly epochAuthenticator: Uint8Array;
}

export interface Link {
  readonly head: Uint8Array;
  /** The JournalRecord of the link, to be kept. */
  readonly record: Uint8Array;
}

/** The first link: a group of its creator alone. */
export function genesis(conversationId: ConversationId, creator: MemberId): Link {
  const record = encodeJournalRecord({
    record: { case: 'genesis', value: { conversationId, creator: memberIdToBytes(creator) } },
  });
  return { head: headOf(record), record };
}

/** Where the copy of a member begins that was let in later. The head is what it was told. */
export function beginning(
  conversationId: ConversationId,
  epoch: number,
  head: Uint8Array,
  members: readonly MemberId[],
): Uint8Array {
  const value = { conversationId, epoch: BigInt(epoch), head, members: members.map(memberIdToBytes) };
  return encodeJournalRecord({ record: { case: 'beginning', value } });
}

/** What is kept beside a link and is no part of the head. */
export interface Beside {
  readonly evidence?: readonly Omit<DecisionEvidence, '$typeName'>[];
  /** Of members that applied the commit, where the evidence of a change is lacking. */
  readonly attestations?: readonly { readonly member: Uint8Array; readonly signature: Uint8Array }[];
}

/** The link of a commit behind `previousHead`. */
export function extend(
  previousHead: Uint8Array,
  facts: CommitFacts,
  { evidence = [], attestations = [] }: Beside = {},
): Link {
  const value = {
    conversationId: facts.conversationId,
    epoch: BigInt(facts.epoch),
    previousHead,
    committer: memberIdToBytes(facts.committer),
    commitHash: facts.commitHash,
    changes: [...facts.changes].sort(compareChanges).map((change) => ({
      memberId: memberIdToBytes(change.memberId),
      removed: change.kind === 'remove',
      keyPackageReference: change.kind === 'add' ? change.keyPackageReference : new Uint8Array(),
    })),
    epochAuthenticator: facts.epochAuthenticator,
  };
  const bare = encodeJournalRecord({ record: { case: 'entry', value } });
  if (evidence.length + attestations.length === 0) return { head: headOf(bare), record: bare };
  return {
    head: headOf(bare),
    record: encodeJournalRecord({
      record: { case: 'entry', value },
      evidence: [...evidence],
      attestations: [...attestations],
    }),
  };
}

/** As MLS applies them, removals first; then by member, so that the order in which a node lists them does not matter. */
function compareChanges(a: JournalChange, b: JournalChange): number {
  if (a.kind !== b.kind) return a.kind === 'remove' ? -1 : 1;
  return Buffer.compare(memberIdToBytes(a.memberId), memberIdToBytes(b.memberId));
}

/** SHA-256 of a record without evidence. */
export function headOf(record: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha256').update('conclave journal 1\n').update(record).digest());
}
