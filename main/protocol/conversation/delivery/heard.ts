/**
 * Which messages of others we have, by the numbers that their authors gave them, and which gaps there are. An author's own word
 * counts, nobody else's about it. Knows numbers, not texts.
 */
import { createHash } from 'node:crypto';
import {
  ACKNOWLEDGEMENT_KEY_BYTES,
  GAP_PATIENCE_MS,
  LOSS_PATIENCE_MS,
  MAX_ACKNOWLEDGED_STRETCHES,
  MAX_HEARD_MEMBERS,
  MAX_NUMBERS_AHEAD,
  MAX_RUNS_PER_MEMBER,
  RUN_BYTES,
} from '../../../../shared/limits.ts';
import type { MemberId } from '../../../../shared/model/ids.ts';
import { memberIdToBytes } from '../../identity/index.ts';
import { count, emit, hexOf, type Draft } from '../draft.ts';
import { note, systemMessage } from '../records.ts';
import { members } from '../roster.ts';
import { countMissing, highestOf, withNumber } from './numbers.ts';
import type { HeardMember, HeardRun } from './state.ts';

/** Names a member's run to others: nobody can make its own run mean somebody else's. */
export function keyOf(memberId: MemberId, run: string): Uint8Array {
  const hash = createHash('sha256').update(memberIdToBytes(memberId)).update(run, 'hex').digest();
  return new Uint8Array(hash.subarray(0, ACKNOWLEDGEMENT_KEY_BYTES));
}

const unheard = (memberId: MemberId): HeardMember => ({
  memberId,
  runs: [],
  latestAt: 0,
  gap: { told: 0, since: 0 },
});

const heardOf = (draft: Draft, memberId: MemberId): HeardMember =>
  draft.state.heard.find((other) => other.memberId === memberId) ?? unheard(memberId);

/** An author's word of its own numbers. `number`: of the message that carries it. */
interface Word {
  readonly run: Uint8Array;
  /** The highest number that it names. */
  readonly top: bigint;
  /** Its last number before the epoch in which it speaks. */
  readonly base: bigint;
  readonly number?: bigint;
}

/** A message arrived. */
export function hearMessage(draft: Draft, author: MemberId, word: Omit<Word, 'top'>, sentAt: number): void {
  const { number = 0n } = word;
  const known = heardOf(draft, author);
  const runs = number === 0n ? known.runs : hear(draft, known, { ...word, top: number });
  put(draft, { ...known, runs, latestAt: Math.max(known.latestAt, sentAt) });
}

/** An author told how far its messages go. */
export function hearSaid(draft: Draft, author: MemberId, word: Omit<Word, 'number'>): void {
  const known = heardOf(draft, author);
  const runs = hear(draft, known, word);
  if (runs !== known.runs) put(draft, { ...known, runs });
}

/** The runs with what the word adds; unchanged when it adds nothing or cannot be. */
function hear(draft: Draft, { runs }: HeardMember, { run, top, base, number }: Word): HeardMember['runs'] {
  if (run.length !== RUN_BYTES) return runs;
  const name = hexOf(run);
  const known = runs.find((other) => other.run === name);
  const limit = BigInt(Math.max(known?.top ?? 0, highestOf(known?.have ?? [])) + MAX_NUMBERS_AHEAD);
  // A first word begins where it says, but no further than numbers can be counted.
  const isPossible = known === undefined ? base <= FURTHEST && top <= base + BigInt(MAX_NUMBERS_AHEAD) : top <= limit;
  if (!isPossible) {
    count(draft, 'NumberRefused');
    return runs;
  }
  const before: HeardRun = known ?? { run: name, have: [], from: Number(base), top: Number(base), told: [] };
  const have = number === undefined ? before.have : withNumber(before.have, Number(number));
  const highest = Math.max(before.top, Number(top));
  if (known !== undefined && have === known.have && highest === known.top) return runs;
  const others = runs.filter((other) => other !== known);
  return [...others.slice(1 - MAX_RUNS_PER_MEMBER), bounded({ ...before, have, top: highest })];
}

/** Far below where numbers stop being exact. */
const FURTHEST = 1n << 48n;

/** The oldest stretch is forgotten, with whatever lacked beside it, when there are too many. */
function bounded(run: HeardRun): HeardRun {
  const over = run.have.length - MAX_ACKNOWLEDGED_STRETCHES;
  if (over <= 0) return run;
  const from = Math.max(run.from, run.have[over - 1]?.[1] ?? 0);
  return { ...run, have: run.have.slice(over), from };
}

/** Keeps what we have of a member, and sees to its gap. */
function put(draft: Draft, member: HeardMember): void {
  const settled = settleGap(draft, member);
  const others = draft.state.heard.filter(({ memberId }) => memberId !== member.memberId);
  draft.state.heard = [...withoutOldest(draft, others), settled];
}

/** Room for one more: whoever is no member any more is forgotten first. */
function withoutOldest(draft: Draft, others: readonly HeardMember[]): readonly HeardMember[] {
  if (others.length < MAX_HEARD_MEMBERS) return others;
  const present = members(draft);
  const gone = others.find(({ memberId }) => !present.includes(memberId)) ?? others[0];
  return others.filter((other) => other !== gone);
}

/** How many messages of a member are known by number and have not come. */
const missingOf = ({ runs }: HeardMember): number =>
  runs.reduce((sum, { have, from, top }) => sum + countMissing(have, from, top), 0);

/** A gap that shrinks is told at once; one that grows when it stays: packets overtake each other. */
function settleGap(draft: Draft, member: HeardMember): HeardMember {
  const { gap, memberId } = member;
  const missing = missingOf(member);
  if (missing > gap.told) {
    const since = gap.since === 0 ? draft.now : gap.since;
    return since === gap.since ? member : { ...member, gap: { ...gap, since } };
  }
  if (missing < gap.told) emit(draft, { kind: 'MessagesMissing', sender: memberId, missing });
  if (missing === gap.told && gap.since === 0) return member;
  const isSearched = missing > 0 && gap.search !== undefined;
  return { ...member, gap: { told: missing, since: 0, ...(isSearched ? { search: gap.search } : {}) } };
}

/** When the next gap has stayed long enough to be told. */
export function gapDueAt({ state }: Draft): number | undefined {
  const times = state.heard.flatMap(({ gap }) => (gap.since === 0 ? [] : [gap.since + GAP_PATIENCE_MS]));
  return times.length === 0 ? undefined : Math.min(...times);
}

export async function tellGaps(draft: Draft): Promise<void> {
  draft.state.heard = draft.state.heard.map((member) => {
    const { gap, memberId } = member;
    if (gap.since === 0 || gap.since + GAP_PATIENCE_MS > draft.now) return member;
    const missing = missingOf(member);
    emit(draft, { kind: 'MessagesMissing', sender: memberId, missing });
    return { ...member, gap: { told: missing, since: 0, search: { from: draft.now, asked: [] } } };
  });
  // Whoever has them need not be their author.
  draft.effects.push({ kind: 'catchUp' });
}

/** We have everything of a member that it has for us: what lacks still, it cannot give. */
export function noteAsked(draft: Draft, memberId: MemberId): void {
  draft.state.heard = draft.state.heard.map((member) => {
    const { search } = member.gap;
    if (search === undefined || search.asked.includes(memberId)) return member;
    return { ...member, gap: { ...member.gap, search: { ...search, asked: [...search.asked, memberId] } } };
  });
}

/** When a gap is final: every other member was asked in vain, and its author had the time to say it again. */
export function lossDueAt(draft: Draft): number | undefined {
  const times = draft.state.heard.flatMap((member) => (isNowhere(draft, member) ? [lossOf(member)] : []));
  return times.length === 0 ? undefined : Math.min(...times);
}

const lossOf = ({ gap }: HeardMember): number => (gap.search?.from ?? 0) + LOSS_PATIENCE_MS;

function isNowhere(draft: Draft, { gap }: HeardMember): boolean {
  const { search } = gap;
  if (search === undefined || gap.told === 0) return false;
  return members(draft).every((memberId) => memberId === draft.self || search.asked.includes(memberId));
}

/** Says once what is lost, and waits for it no longer. */
export async function tellLosses(draft: Draft): Promise<void> {
  draft.state.heard = draft.state.heard.map((member) => {
    if (!isNowhere(draft, member) || lossOf(member) > draft.now) return member;
    const { memberId, runs } = member;
    const missing = missingOf(member);
    systemMessage(draft, memberId, note(draft, { kind: 'lost', target: memberId, missing }));
    emit(draft, { kind: 'MessagesMissing', sender: memberId, missing: 0 });
    return {
      ...member,
      runs: runs.map((run) => ({ ...run, from: Math.max(run.from, run.top) })),
      gap: { told: 0, since: 0 },
    };
  });
}

/** The gaps that people were told of. */
export const gapsOf = (
  heard: readonly HeardMember[],
): readonly { readonly sender: MemberId; readonly missing: number }[] =>
  heard.flatMap(({ memberId, gap }) => (gap.told === 0 ? [] : [{ sender: memberId, missing: gap.told }]));
