/**
 * Somebody who was taken out by a commit that it did not follow (H-28): it speaks as a member still, members sign that it is none, and on
 * the word of enough of those whom it knows it ends. Knows beacons' contents, not how they travel.
 */
import {
  LAG_REPEAT_MS,
  MAX_MEMBERS,
  MAX_STRANGERS,
  REJOIN_AFTER_MS,
  STRANGER_PAUSE_MS,
} from '../../../shared/limits.ts';
import type { MemberId } from '../../../shared/model/ids.ts';
import { memberIdToBytes } from '../identity/index.ts';
import type { Draft } from './draft.ts';
import { note, systemMessage, twoThirds } from './records.ts';
import { isMember, members } from './roster.ts';
import type { ActiveState } from './state.ts';

/** Who was a member of ours and went, as far as we remember. */
export const formerMembers = (draft: Draft): readonly MemberId[] =>
  draft.state.roster.departures.map(({ memberId }) => memberId).filter((memberId) => !isMember(draft, memberId));

/**
 * Somebody who is no member says in which epoch it is, as members do; true when it is to be told that it is none. Perhaps it was one, or
 * was let in on a branch that everybody else has left.
 */
export function noteStranger(draft: Draft, memberId: MemberId): boolean {
  const { forks } = draft.state;
  const known = forks.strangers.find((other) => other.memberId === memberId);
  if (known !== undefined && draft.now < known.toldAt + STRANGER_PAUSE_MS) return false;
  const others = forks.strangers.filter((other) => other !== known).slice(1 - MAX_STRANGERS);
  draft.state.forks = { ...forks, strangers: [...others, { memberId, toldAt: 0 }] };
  return true;
}

const untoldStrangers = (draft: Draft): ActiveState['forks']['strangers'] =>
  draft.state.forks.strangers.filter(({ memberId, toldAt }) => toldAt === 0 && !isMember(draft, memberId));

export const hasStrangersToTell = (draft: Draft): boolean => untoldStrangers(draft).length > 0;

/** Those whom our next beacon in the clear tells; each once. */
export function strangersToTell(draft: Draft): readonly MemberId[] {
  const { forks } = draft.state;
  const untold = untoldStrangers(draft);
  if (untold.length === 0) return [];
  const strangers = forks.strangers.map((stranger) =>
    stranger.toldAt === 0 ? { ...stranger, toldAt: draft.now } : stranger,
  );
  draft.state.forks = { ...forks, strangers };
  return untold.map(({ memberId }) => memberId);
}

/** A member's signed word that these are no members in its epoch: we may be one of them. */
export function learnAbsence(draft: Draft, sender: MemberId, absent: readonly Uint8Array[]): void {
  const self = memberIdToBytes(draft.self);
  const { forks } = draft.state;
  const isKnown = forks.absentFor.some(({ memberId }) => memberId === sender);
  if (isKnown || !absent.some((memberId) => Buffer.compare(memberId, self) === 0)) return;
  const others = forks.absentFor.slice(1 - MAX_MEMBERS);
  draft.state.forks = { ...forks, absentFor: [...others, { memberId: sender, since: draft.now }] };
}

/**
 * When we believe it: two thirds of our members, unless the commit that took us out comes with its reasons meanwhile; more than a third,
 * so an honest one among them, after a longer while.
 */
export function absentDueAt(draft: Draft): number | undefined {
  const { absentFor } = draft.state.forks;
  if (absentFor.length === 0) return undefined;
  const roster = members(draft);
  const times = absentFor
    .filter(({ memberId }) => memberId !== draft.self && roster.includes(memberId))
    .map(({ since }) => since)
    .sort((a, b) => a - b);
  const due = [
    (times[twoThirds(roster.length) - 1] ?? Infinity) + LAG_REPEAT_MS,
    (times[Math.floor(roster.length / 3)] ?? Infinity) + REJOIN_AFTER_MS,
  ];
  return Number.isFinite(Math.min(...due)) ? Math.min(...due) : undefined;
}

/** The end, with a line that says by whose word. */
export async function endAbsent(draft: Draft): Promise<void> {
  const [first = draft.self] = draft.state.forks.absentFor.map(({ memberId }) => memberId);
  draft.ended = draft.state.queues.leavingSince === undefined ? 'removed' : 'left';
  const line = note(draft, { kind: 'left', target: draft.self, actor: first, cause: draft.ended, rule: 'attested' });
  systemMessage(draft, first, line);
}
