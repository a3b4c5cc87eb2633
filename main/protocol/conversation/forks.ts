/**
 * Whether members are in another state of an epoch than we are (H-27): noticed once, told, and told again when it is over.
 * Knows beacons' contents; how a fork is healed is in rollback.ts.
 */
import type { MemberId } from '../../../shared/model/ids.ts';
import { appliedAt, authenticatorOf } from './appliedCommits.ts';
import { attestationsOf } from './attestations.ts';
import { count, emit, type Draft } from './draft.ts';
import { scheduleAnswer } from './rebroadcast.ts';
import { note } from './records.ts';
import { epochOf, isMember } from './roster.ts';

/** What a member says of an epoch. */
export interface BranchClaim {
  readonly epoch: number;
  readonly memberId: MemberId;
  /** Of the commit that led to it, SHA-256, hex; undefined when the member joined there. */
  readonly hash: string | undefined;
  readonly authenticator?: Uint8Array;
}

/** Whether a member is or was in our state of an epoch, and what follows; undefined for an epoch that we do not know. */
export function compareBranches(
  draft: Draft,
  { epoch, memberId, hash, authenticator }: BranchClaim,
): boolean | undefined {
  const applied = appliedAt(draft, epoch) ?? (authenticator === undefined ? undefined : welcomedTo(draft, epoch));
  if (applied === undefined) return undefined;
  const isSame =
    (hash === undefined || applied.hash === undefined || applied.hash === hash) &&
    (authenticator === undefined || Buffer.compare(applied.authenticator, authenticator) === 0);
  if (isSame) {
    agree(draft, memberId, epoch);
    return true;
  }
  // Without a beacon of its own we answer once: two branches that repeat their commits to each other would never be silent.
  const isKnown = draft.state.forks.fork?.members.includes(memberId) === true;
  if (authenticator !== undefined || !isKnown) scheduleAnswer(draft, epoch);
  // Whoever is still where we were comes over as we did.
  if (hash === undefined || draft.state.grace?.abandoned !== hash) differ(draft, memberId, epoch);
  return false;
}

/** The epoch that we were welcomed to: we know its state, and no commit. */
function welcomedTo(
  draft: Draft,
  epoch: number,
): { readonly hash: undefined; readonly authenticator: Uint8Array } | undefined {
  return epoch === epochOf(draft.state) ? { hash: undefined, authenticator: authenticatorOf(draft) } : undefined;
}

/** After a commit of ours: others may have told of theirs before. Also when words of others come with a commit that was repeated. */
export function compareWithEarlier(draft: Draft, epoch: number): void {
  for (const { memberId, hash } of attestationsOf(draft, epoch))
    if (memberId !== draft.self) compareBranches(draft, { epoch, memberId, hash });
}

function differ(draft: Draft, memberId: MemberId, epoch: number): void {
  const { forks } = draft.state;
  count(draft, 'ForkDetected');
  if (forks.fork?.members.includes(memberId) === true) return;
  const members = [...(forks.fork?.members ?? []), memberId];
  // Who came in on the other branch meets us in a later epoch: where it went its own way stays where it was.
  const from = Math.min(epoch, forks.fork?.epoch ?? epoch);
  draft.state.forks = { ...forks, fork: { epoch: from, since: forks.fork?.since ?? draft.now, members } };
  if (forks.fork !== undefined) return;
  note(draft, { kind: 'forked', target: memberId });
  emit(draft, { kind: 'ForkDetected', epoch, members });
}

/** Somebody is in our state. */
function agree(draft: Draft, memberId: MemberId, epoch: number): void {
  const { fork } = draft.state.forks;
  if (fork === undefined || epoch < fork.epoch) return;
  settleFork(draft, (member) => member !== memberId);
}

/** Forgets those of the other branch who came over or are gone; with the last of them the fork is healed. */
export function settleFork(draft: Draft, differs: (memberId: MemberId) => boolean): void {
  const { forks } = draft.state;
  const { fork } = forks;
  if (fork === undefined) return;
  const members = fork.members.filter((memberId) => isMember(draft, memberId) && differs(memberId));
  if (members.length === fork.members.length) return;
  draft.state.forks = { ...forks, fork: members.length === 0 ? undefined : { ...fork, members } };
  if (members.length > 0) return;
  note(draft, { kind: 'healed' });
  emit(draft, { kind: 'ForkHealed', epoch: fork.epoch });
}
