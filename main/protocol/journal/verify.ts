/**
 * Checks a member's copy of the group's journal as a stranger can: the chain, that every commit does what is possible, and that
 * every change of members has an accepted decision of the members of its time. Pure; the first thing that is wrong is named.
 */
import type { ConversationId, MemberId } from '../../../shared/model/ids.ts';
import type { SignatureScheme } from '../consensus/contract.ts';
import { NO_BREATHER, type Breather } from '../breather.ts';
import { ETHEREUM_SCHEME, requiredVotes } from '../consensus/index.ts';
import { memberIdFromBytes } from '../identity/index.ts';
import { decodeJournalRecord, encodeJournalRecord, type JournalEntry, type JournalRecord } from '../wire/index.ts';
import { attestedBytes, witnesses } from './attested.ts';
import { headOf } from './chain.ts';
import { askedChange, keyPackageReference } from './coverage.ts';
import { verifyDecision, type DecisionFault, type DecisionVerdict } from './decision.ts';

export type JournalFault =
  | { readonly kind: 'Empty' }
  /** Not a record, or not in the one encoding that hashes are made of. */
  | { readonly kind: 'Malformed' }
  /** A commit before the creation, or before the place where a copy begins. */
  | { readonly kind: 'NoBeginning' }
  | { readonly kind: 'OtherConversation' }
  /** An epoch is missing or repeated. */
  | { readonly kind: 'EpochGap' }
  /** The record does not follow the one before it. */
  | { readonly kind: 'ChainBroken' }
  | { readonly kind: 'CommitterNotMember'; readonly memberId: MemberId }
  /** Somebody is removed who is no member, added who is one, or changed twice. */
  | { readonly kind: 'ImpossibleChange'; readonly memberId: MemberId }
  /** A signature beside a commit that is not that of a member of its time, or not of this commit. */
  | { readonly kind: 'AttestationRefuted' }
  /** No accepted decision asks for it, and fewer than two thirds of the members signed that they carried it out. */
  | { readonly kind: 'ChangeNotDecided'; readonly memberId: MemberId }
  /** Evidence that asks for nothing that the commit did. */
  | { readonly kind: 'UnrelatedEvidence' }
  | { readonly kind: 'DecisionRefuted'; readonly fault: DecisionFault; readonly voter?: MemberId };

export type JournalVerdict =
  | {
      readonly kind: 'verified';
      readonly conversationId: ConversationId;
      readonly head: Uint8Array;
      /** Epoch of the head: commits since the creation. */
      readonly length: number;
      readonly members: readonly MemberId[];
      /** Decisions that were checked. Silence proves nothing by itself: how many rest on it is for the reader to judge. */
      readonly decisions: { readonly votes: number; readonly silence: number; readonly selfLeave: number };
      /** Changes of which this copy has no decision, and that two thirds of the members of their time signed to have carried out. */
      readonly attested: number;
    }
  /** `index` is of the record. */
  | { readonly kind: 'refuted'; readonly index: number; readonly fault: JournalFault };

type Accepted = DecisionVerdict & { readonly kind: 'accepted' };

/** A commit whose place in the chain and whose decisions hold. */
export interface CheckedCommit {
  /** After the commit. */
  readonly epoch: number;
  readonly committer: MemberId;
  readonly commitHash: Uint8Array;
  /** Before the commit. */
  readonly members: readonly MemberId[];
  readonly changes: readonly CheckedChange[];
  readonly decisions: readonly (Accepted & { readonly covers: readonly CheckedChange[] })[];
  /** Changes that members signed to have carried out, and of which this copy has no decision. */
  readonly attested: readonly CheckedChange[];
}

export interface CheckedChange {
  readonly memberId: MemberId;
  readonly removed: boolean;
}

/** Where a copy begins: at the creation, or with what a member that was let in later was told. */
export interface CheckedBeginning {
  readonly isCreation: boolean;
  readonly epoch: number;
  readonly members: readonly MemberId[];
}

export interface VerifyOptions {
  /** Hears of each record that holds, in order. */
  readonly watch?: (checked: CheckedBeginning | CheckedCommit) => void;
  /** Called between signatures, so that a long journal does not hold the event loop. */
  readonly breathe?: Breather;
  /** How votes are signed; EIP-191 by default. */
  readonly scheme?: SignatureScheme;
  /** KeyPackageRef of a key package; that of RFC 9420 by default. */
  readonly referenceOf?: (keyPackage: Uint8Array) => Uint8Array | Promise<Uint8Array>;
}

interface Progress {
  readonly conversationId: ConversationId;
  head: Uint8Array;
  epoch: number;
  members: readonly MemberId[];
  /** Members by epoch, as far as this copy knows them. */
  readonly rosters: Map<number, readonly MemberId[]>;
  readonly decisions: { votes: number; silence: number; selfLeave: number };
  attested: number;
}

/** Thrown inside, so that the first fault ends the walk; never leaves this file. */
class Refuted extends Error {
  readonly fault: JournalFault;
  constructor(fault: JournalFault) {
    super(fault.kind);
    this.fault = fault;
  }
}

/** Records in the order of their epochs. A copy may begin anew where its owner was let in again. */
export async function verifyJournal(
  records: Iterable<Uint8Array>,
  {
    scheme = ETHEREUM_SCHEME,
    referenceOf = keyPackageReference,
    breathe = NO_BREATHER,
    watch = () => undefined,
  }: VerifyOptions = {},
): Promise<JournalVerdict> {
  let progress: Progress | undefined;
  let index = 0;
  try {
    for (const bytes of records) {
      progress = await follow(progress, bytes, { scheme, referenceOf, breathe, watch });
      await breathe();
      index += 1;
    }
    if (progress === undefined) throw new Refuted({ kind: 'Empty' });
  } catch (error) {
    if (error instanceof Refuted) return { kind: 'refuted', index, fault: error.fault };
    throw error;
  }
  const { conversationId, head, epoch, members, decisions, attested } = progress;
  return { kind: 'verified', conversationId, head, length: epoch, members, decisions, attested };
}

async function follow(
  progress: Progress | undefined,
  bytes: Uint8Array,
  options: Required<VerifyOptions>,
): Promise<Progress> {
  const decoded = decode(bytes);
  const { record } = decoded;
  switch (record.case) {
    case 'genesis':
    case 'beginning': {
      const begun = begin(record, bytes);
      if (decoded.evidence.length + decoded.attestations.length > 0) throw new Refuted({ kind: 'UnrelatedEvidence' });
      const { epoch, members } = begun;
      if (progress === undefined) {
        options.watch({ isCreation: record.case === 'genesis', epoch, members });
        return begun;
      }
      if (begun.conversationId !== progress.conversationId) throw new Refuted({ kind: 'OtherConversation' });
      if (begun.epoch <= progress.epoch) throw new Refuted({ kind: 'EpochGap' });
      options.watch({ isCreation: false, epoch, members });
      return { ...begun, decisions: progress.decisions, attested: progress.attested };
    }
    case 'entry':
      if (progress === undefined) throw new Refuted({ kind: 'NoBeginning' });
      await apply(progress, record.value, decoded, options);
      return progress;
    case undefined:
      throw new Refuted({ kind: 'Malformed' });
  }
}

/** Only the canonical encoding is accepted: a byte that no field accounts for is a byte that somebody added. */
function decode(bytes: Uint8Array): JournalRecord {
  try {
    const record = decodeJournalRecord(bytes);
    if (Buffer.compare(encodeJournalRecord(record), bytes) === 0) return record;
  } catch {
    // The wire layer refuses by throwing.
  }
  throw new Refuted({ kind: 'Malformed' });
}

function begin(
  record: Extract<JournalRecord['record'], { readonly case: 'genesis' | 'beginning' }>,
  bytes: Uint8Array,
): Progress {
  const isGenesis = record.case === 'genesis';
  const epoch = isGenesis ? 0 : Number(record.value.epoch);
  const head = isGenesis ? headOf(bytes) : record.value.head;
  const members = isGenesis ? [idOf(record.value.creator)] : record.value.members.map(idOf);
  if (head.length !== headOf(bytes).length || members.length === 0) throw new Refuted({ kind: 'Malformed' });
  return {
    conversationId: record.value.conversationId as ConversationId,
    head,
    epoch,
    members,
    rosters: new Map([[epoch, members]]),
    decisions: { votes: 0, silence: 0, selfLeave: 0 },
    attested: 0,
  };
}

async function apply(
  progress: Progress,
  entry: JournalEntry,
  record: JournalRecord,
  options: Required<VerifyOptions>,
): Promise<void> {
  if (entry.conversationId !== progress.conversationId) throw new Refuted({ kind: 'OtherConversation' });
  if (Number(entry.epoch) !== progress.epoch + 1) throw new Refuted({ kind: 'EpochGap' });
  if (Buffer.compare(entry.previousHead, progress.head) !== 0) throw new Refuted({ kind: 'ChainBroken' });
  const committer = idOf(entry.committer);
  if (!progress.members.includes(committer)) throw new Refuted({ kind: 'CommitterNotMember', memberId: committer });
  const before = progress.members;
  const after = membersAfter(before, entry);
  const found = await checkDecisions(progress, entry, record, options);
  progress.head = headOf(encodeJournalRecord({ record: { case: 'entry', value: entry } }));
  progress.epoch += 1;
  progress.members = after;
  progress.rosters.set(progress.epoch, after);
  const changes = entry.changes.map(changeOf);
  const { commitHash } = entry;
  options.watch({ epoch: progress.epoch, committer, commitHash, members: before, changes, ...found });
}

const changeOf = ({ memberId, removed }: JournalEntry['changes'][number]): CheckedChange => ({
  memberId: idOf(memberId),
  removed,
});

/** Removals first, as MLS does: a member that is removed and added comes in again. */
function membersAfter(before: readonly MemberId[], { changes }: JournalEntry): readonly MemberId[] {
  const members = new Set(before);
  const removed = changes.filter((change) => change.removed).map(({ memberId }) => idOf(memberId));
  const added = changes.filter((change) => !change.removed).map(({ memberId }) => idOf(memberId));
  for (const memberId of removed) {
    if (!members.delete(memberId)) throw new Refuted({ kind: 'ImpossibleChange', memberId });
  }
  for (const memberId of added) {
    if (members.has(memberId)) throw new Refuted({ kind: 'ImpossibleChange', memberId });
    members.add(memberId);
  }
  return [...members];
}

/** Each piece of evidence holds and is about this commit; each change has one. */
async function checkDecisions(
  progress: Progress,
  entry: JournalEntry,
  { evidence, attestations }: JournalRecord,
  options: Required<VerifyOptions>,
): Promise<Pick<CheckedCommit, 'decisions' | 'attested'>> {
  const { changes } = entry;
  const undecided = new Set(changes);
  const decisions: CheckedCommit['decisions'][number][] = [];
  for (const decision of evidence) {
    const members = progress.rosters.get(Number(decision.proposal?.epoch ?? -1n));
    const verdict = await verifyDecision(decision, options.scheme, members, options.breathe);
    if (verdict.kind === 'refuted') {
      const { fault, voter } = verdict;
      throw new Refuted({ kind: 'DecisionRefuted', fault, ...(voter === undefined ? {} : { voter }) });
    }
    if (verdict.epoch > progress.epoch) throw new Refuted({ kind: 'UnrelatedEvidence' });
    const covered = await coveredBy(decision.proposal?.payload ?? new Uint8Array(), changes, options);
    if (covered.length === 0) throw new Refuted({ kind: 'UnrelatedEvidence' });
    for (const change of covered) undecided.delete(change);
    tally(progress, verdict);
    decisions.push({ ...verdict, covers: covered.map(changeOf) });
  }
  if (attestations.length > 0 && isCarriedOut(progress, entry, attestations)) {
    progress.attested += undecided.size;
    return { decisions, attested: [...undecided].map(changeOf) };
  }
  for (const { memberId } of undecided) throw new Refuted({ kind: 'ChangeNotDecided', memberId: idOf(memberId) });
  return { decisions, attested: [] };
}

/** Whether two thirds of the members of that time signed that they applied this commit (H-28). */
function isCarriedOut(
  { members }: Progress,
  { conversationId, epoch, commitHash }: JournalEntry,
  attestations: JournalRecord['attestations'],
): boolean {
  const hash = Buffer.from(commitHash).toString('hex');
  const signed = attestedBytes(conversationId as ConversationId, Number(epoch), hash);
  const count = witnesses(attestations, signed, members);
  if (count === undefined) throw new Refuted({ kind: 'AttestationRefuted' });
  return count >= requiredVotes(members.length, 2 / 3);
}

function tally({ decisions }: Progress, { by }: Accepted): void {
  decisions[by] += 1;
}

/** The changes that a decision asks for: one, or both halves of a re-join (H-17). */
async function coveredBy(
  payload: Uint8Array,
  changes: JournalEntry['changes'],
  { referenceOf }: Required<VerifyOptions>,
): Promise<JournalEntry['changes']> {
  const asked = askedChange(payload);
  if (asked === undefined) return [];
  const own = changes.filter(({ memberId }) => idOf(memberId) === asked.memberId);
  if (asked.kind === 'remove') return own.filter(({ removed }) => removed);
  const reference = await referenceOf(asked.keyPackage);
  const isThatAddition = own.some(
    (change) => !change.removed && Buffer.compare(change.keyPackageReference, reference) === 0,
  );
  return isThatAddition ? own : [];
}

function idOf(bytes: Uint8Array): MemberId {
  try {
    return memberIdFromBytes(bytes);
  } catch {
    // Of another length than a member id.
    throw new Refuted({ kind: 'Malformed' });
  }
}
