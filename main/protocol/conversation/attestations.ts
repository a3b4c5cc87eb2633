/**
 * Signed statements of members that they applied a commit: what a member that missed it may believe, and whoever was on another
 * branch can count (H-28). Bounded: one of each member for each of the last epochs. Knows signatures, not what follows from them.
 */
import { ATTESTED_EPOCHS_KEPT, MEMBER_ID_BYTES } from '../../../shared/limits.ts';
import type { MemberId } from '../../../shared/model/ids.ts';
import { memberIdFromBytes, verifyMemberSignature } from '../identity/index.ts';
import { attestedBytes } from '../journal/index.ts';
import type { CommitAttestation } from '../wire/index.ts';
import { count, type Draft } from './draft.ts';
import { twoThirds } from './records.ts';
import { epochOf, members } from './roster.ts';
import type { AppliedCommit, Attestation, KeptAttestation } from './state.ts';

/** A member rolls back once an epoch; more words than a few are noise. */
const MAX_WITHDRAWN = 4;

/** Signs that we applied a commit, and remembers it with the others. */
export function attest(draft: Draft, epoch: number, hash: string): Attestation {
  const signature = draft.context.identity.sign(attestedBytes(draft.state.conversationId, epoch, hash));
  const own: Attestation = { memberId: draft.self, hash, signature };
  keep(draft, epoch, own);
  return own;
}

/**
 * Takes in what somebody says that it applied; false when the signature is not its own. `roster` are the members of the epoch
 * that the commit ended: nobody else counts, and nobody else is looked at.
 */
export function learnAttestation(
  draft: Draft,
  epoch: number,
  attestation: Attestation,
  roster: readonly MemberId[],
): boolean {
  const { memberId, hash, signature } = attestation;
  if (!roster.includes(memberId) || memberId === draft.self) return false;
  if (attestationsOf(draft, epoch).some((known) => known.memberId === memberId && known.hash === hash)) return true;
  // An old word that somebody repeats: its member said another since, as whoever rolls back does, once.
  const last = attestationsOf(draft, epoch).find((known) => known.memberId === memberId);
  if (last?.withdrawn.includes(hash) === true) return true;
  const signed = attestedBytes(draft.state.conversationId, epoch, hash);
  if (verifyMemberSignature(memberId, signed, signature).kind !== 'valid') return false;
  keep(draft, epoch, attestation);
  return true;
}

/** Those that travel with a commit. The first bad one ends it: whoever sends one is not worth the time of the next. */
export function learnAttestations(
  draft: Draft,
  epoch: number,
  hash: string,
  attestations: readonly CommitAttestation[],
  roster: readonly MemberId[],
): void {
  for (const { member, signature } of attestations) {
    if (member.length !== MEMBER_ID_BYTES) return;
    const memberId = memberIdFromBytes(member);
    if (memberId === draft.self) continue;
    if (!learnAttestation(draft, epoch, { memberId, hash, signature: signature.slice() }, roster)) {
      count(draft, 'AttestationRefused');
      return;
    }
  }
}

export const attestationsOf = (draft: Draft, epoch: number): readonly KeptAttestation[] =>
  draft.state.attested.find((other) => other.epoch === epoch)?.attestations ?? [];

/** Whether two thirds of `roster` say that they applied this commit; we ourselves are no witness. H-28 */
export function isAttested(draft: Draft, epoch: number, hash: string, roster: readonly MemberId[]): boolean {
  return witnessesOf(draft, epoch, hash, roster).length >= twoThirds(roster.length);
}

/**
 * What each other member says to have applied where we applied `applied`. A member goes back once, and only to a better commit (H-27):
 * one that says to have applied ours and one that ranks behind it lies with one of its two words, and counts for the better one.
 * So it does on the other side of a fork, and cannot make each side believe to be the smaller one.
 */
export function wordsAbout(draft: Draft, applied: AppliedCommit): readonly Attestation[] {
  const { epoch, hash, roster, outranks } = applied;
  return attestationsOf(draft, epoch)
    .filter(({ memberId }) => memberId !== draft.self && roster.includes(memberId))
    .map((word) => (word.withdrawn.includes(hash) && outranks.includes(word.hash) ? { ...word, hash } : word));
}

/** How many other members applied which other commit than ours for an epoch. */
export function countsElsewhere(draft: Draft, applied: AppliedCommit): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { hash } of wordsAbout(draft, applied))
    if (hash !== applied.hash) counts.set(hash, (counts.get(hash) ?? 0) + 1);
  return counts;
}

/** Whether so many say that they applied it that an honest member is among them, if no more than a third are not. */
function isWidelyApplied(draft: Draft, epoch: number, hash: string, roster: readonly MemberId[]): boolean {
  return witnessesOf(draft, epoch, hash, roster).length > roster.length / 3;
}

/**
 * The same where nobody applied another commit for this epoch as widely: we missed what decided it, an honest member did not. Of two
 * members, or alone, only a proof counts.
 */
export function isWidelyFollowed(draft: Draft, epoch: number, hash: string, roster: readonly MemberId[]): boolean {
  if (roster.length <= 2 || !isWidelyApplied(draft, epoch, hash, roster)) return false;
  const own = witnessesOf(draft, epoch, hash, roster).length;
  const others = new Set(attestationsOf(draft, epoch).map((known) => known.hash));
  others.delete(hash);
  return [...others].every((other) => witnessesOf(draft, epoch, other, roster).length < own);
}

/** Whether anybody else says that it applied this commit. */
export const isApplied = (draft: Draft, epoch: number, hash: string, roster: readonly MemberId[]): boolean =>
  witnessesOf(draft, epoch, hash, roster).length > 0;

/** A candidate that others are known to have applied comes before any better one: we are late, and they chose. H-28 */
export function appliedFirst<Candidate extends { readonly hash: string }>(
  draft: Draft,
  ranked: readonly Candidate[],
): readonly Candidate[] {
  const next = epochOf(draft.state) + 1;
  const roster = members(draft);
  const isApplied = ({ hash }: Candidate): boolean => isWidelyApplied(draft, next, hash, roster);
  return [...ranked.filter(isApplied), ...ranked.filter((candidate) => !isApplied(candidate))];
}

function witnessesOf(draft: Draft, epoch: number, hash: string, roster: readonly MemberId[]): readonly Attestation[] {
  return attestationsOf(draft, epoch).filter(
    (known) => known.hash === hash && known.memberId !== draft.self && roster.includes(known.memberId),
  );
}

/** The last word of each member counts: whoever rolled back says so. */
function keep(draft: Draft, epoch: number, attestation: Attestation): void {
  const oldest = epochOf(draft.state) + 1 - ATTESTED_EPOCHS_KEPT;
  if (epoch < oldest) return;
  const known = draft.state.attested.find((other) => other.epoch === epoch);
  const before = attestationsOf(draft, epoch).find(({ memberId }) => memberId === attestation.memberId);
  const others = attestationsOf(draft, epoch).filter((other) => other !== before);
  const withdrawn = before === undefined ? [] : [...before.withdrawn, before.hash].slice(-MAX_WITHDRAWN);
  const attested = draft.state.attested.filter((other) => other !== known && other.epoch >= oldest);
  const since = known?.since ?? draft.now;
  draft.state.attested = [...attested, { epoch, since, attestations: [...others, { ...attestation, withdrawn }] }];
}
