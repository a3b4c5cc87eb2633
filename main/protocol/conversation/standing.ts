/**
 * Where we stand among the others (H-28): with the many, behind them, or on a branch that the fewer follow. Every member counts the same
 * words, so that of two sides one finds that it has to move, and the other that it stays. Knows what was said, not what to do.
 */
import type { MemberId } from '../../../shared/model/ids.ts';
import { MAX_CLOCK_SKEW_MS } from '../../../shared/limits.ts';
import { countsElsewhere, wordsAbout } from './attestations.ts';
import type { Draft } from './draft.ts';
import { twoThirds } from './records.ts';
import { epochOf, members } from './roster.ts';
import type { ActiveState, AppliedCommit } from './state.ts';

/** Two thirds of an epoch's members applied another commit than we did, and the time to go back is over. H-27 */
export function isOutvoted(draft: Draft): boolean {
  return draft.state.applied.some((applied) => !canGoBack(draft, applied.epoch) && isAttestedElsewhere(draft, applied));
}

function isAttestedElsewhere(draft: Draft, applied: AppliedCommit): boolean {
  const needed = twoThirds(applied.roster.length);
  return [...countsElsewhere(draft, applied).values()].some((count) => count >= needed);
}

/** Since when, ms, we know to be where the fewer are, although nobody has two thirds; undefined while we do not. */
export function apartSince(draft: Draft): number | undefined {
  const since = [
    ...draft.state.applied.flatMap((applied) => [fewerSince(draft, applied), unfollowedSince(draft, applied)]),
    welcomedApartSince(draft),
    aloneSince(draft),
  ].flatMap((at) => at ?? []);
  return since.length === 0 ? undefined : Math.min(...since);
}

/** Whether we asked for our place on another branch: what we committed here would only lead on where nobody shall be. */
export const isGoingOver = (draft: Draft): boolean =>
  draft.state.rejoin?.cause === 'otherBranch' && (isOutvoted(draft) || apartSince(draft) !== undefined);

/** The first commit of ours that the group did not follow, by the epoch that it led to; undefined while we know of none. */
export const abandonedFrom = (draft: Draft): number | undefined =>
  draft.state.applied.find(
    (applied) =>
      isAttestedElsewhere(draft, applied) ||
      fewerSince(draft, applied) !== undefined ||
      unfollowedSince(draft, applied) !== undefined,
  )?.epoch ?? draft.state.forks.fork?.epoch;

/**
 * Since when more of those who were asked applied another commit than ours; equal sides decide by the commits' hashes, which both know.
 * Whoever is on the other side finds the opposite.
 */
function fewerSince(draft: Draft, applied: AppliedCommit): number | undefined {
  const { fork } = draft.state.forks;
  const { epoch, hash: own } = applied;
  if (fork === undefined || fork.epoch > epoch || canGoBack(draft, epoch)) return undefined;
  const mine = followersOf(draft, applied).size;
  const isFewer = [...countsElsewhere(draft, applied)].some(
    ([hash, count]) => count > mine || (count === mine && hash < own),
  );
  return isFewer ? fork.since : undefined;
}

/** Since when more of those who were asked stay where they were than followed our commit, an honest one among them. */
function unfollowedSince(draft: Draft, applied: AppliedCommit): number | undefined {
  const { epoch, roster } = applied;
  if (canGoBack(draft, epoch)) return undefined;
  const followers = followersOf(draft, applied);
  const times = behindNow(draft)
    .filter((other) => other.epoch < epoch && roster.includes(other.memberId) && !followers.has(other.memberId))
    .map(({ since }) => since);
  return nth(times, Math.max(followers.size, Math.floor(roster.length / 3)) + 1);
}

/** Those of an epoch's members who applied the commit that we applied, or one after it; we are one of them. */
function followersOf(draft: Draft, { epoch, roster }: AppliedCommit): ReadonlySet<MemberId> {
  const later = draft.state.applied.filter((other) => other.epoch >= epoch);
  const followers = later.flatMap((applied) =>
    wordsAbout(draft, applied)
      .filter(({ memberId, hash }) => hash === applied.hash && roster.includes(memberId))
      .map(({ memberId }) => memberId),
  );
  return new Set([draft.self, ...followers]);
}

/**
 * Since when at least as many are in another state of the epoch that we were welcomed to, or not even there: whoever let us in went back,
 * and we know no commit to compare.
 */
function welcomedApartSince(draft: Draft): number | undefined {
  const { fork } = draft.state.forks;
  if (fork === undefined || draft.state.applied.some(({ epoch }) => epoch <= fork.epoch)) return undefined;
  const roster = members(draft);
  const behind = behindNow(draft).filter(({ epoch }) => epoch < epochOf(draft.state));
  const elsewhere = new Set([...fork.members, ...behind.map(({ memberId }) => memberId)]);
  const others = roster.filter((memberId) => elsewhere.has(memberId)).length;
  const mine = 1 + levelWithUs(draft).length;
  return others >= mine && 3 * others > roster.length ? fork.since : undefined;
}

/** Since when, ms, two thirds of our members say again and again that they are not where we are: nobody followed us. */
function aloneSince(draft: Draft): number | undefined {
  const own = epochOf(draft.state);
  const roster = members(draft);
  const times = behindNow(draft)
    .filter(({ memberId, epoch }) => epoch < own && roster.includes(memberId))
    .map(({ since }) => since);
  return nth(times, twoThirds(roster.length));
}

/**
 * Since when so many members are ahead of us that an honest one is among them, and no fewer than are where we are, ms: packets that
 * merely claim a later epoch may be anybody's.
 */
export function leftBehindSince(draft: Draft): number | undefined {
  const own = epochOf(draft.state);
  const { forks, attested } = draft.state;
  const since = new Map<MemberId, number>();
  const learn = (memberId: MemberId, at: number): void => {
    since.set(memberId, Math.min(at, since.get(memberId) ?? at));
  };
  for (const { memberId, epoch, since: at } of forks.ahead) if (epoch > own) learn(memberId, at);
  for (const { epoch, since: at, attestations } of attested)
    if (epoch > own) for (const { memberId } of attestations) learn(memberId, at);
  const roster = members(draft);
  const times = roster.flatMap((memberId) => (memberId === draft.self ? [] : (since.get(memberId) ?? [])));
  const staying = levelWithUs(draft).filter((memberId) => !since.has(memberId)).length;
  return nth(times, Math.max(Math.floor(roster.length / 3), staying) + 1);
}

/** Those who said to be in an epoch before ours, and did not sign since that they applied a commit that leads further. */
const behindNow = (draft: Draft): ActiveState['forks']['behind'] =>
  draft.state.forks.behind.filter(
    (said) =>
      !draft.state.attested.some(
        ({ epoch, attestations }) =>
          epoch > said.epoch && attestations.some(({ memberId }) => memberId === said.memberId),
      ),
  );

/** Others who said lately that they are where we are. */
function levelWithUs(draft: Draft): readonly MemberId[] {
  const { heard, ahead, behind, fork } = draft.state.forks;
  const own = epochOf(draft.state);
  const elsewhere = new Set([
    ...ahead.filter(({ epoch }) => epoch > own).map(({ memberId }) => memberId),
    ...behind.filter(({ epoch }) => epoch < own).map(({ memberId }) => memberId),
    ...(fork?.members ?? []),
  ]);
  const oldest = (draft.now - MAX_CLOCK_SKEW_MS) / 1000;
  const roster = members(draft);
  return heard
    .filter(({ memberId, sentAt }) => sentAt > oldest && roster.includes(memberId) && !elsewhere.has(memberId))
    .map(({ memberId }) => memberId);
}

/** Whether the commit that led to `epoch` can still be taken back. */
function canGoBack({ state }: Draft, epoch: number): boolean {
  return state.grace?.epoch === epoch - 1 && state.grace.abandoned === undefined;
}

/** The n-th of some moments, from 1. */
const nth = (times: readonly number[], n: number): number | undefined => [...times].sort((a, b) => a - b)[n - 1];
