/**
 * What a member keeps of a conversation for those who miss it, beside the messages (architecture 5): the commit that ended each
 * epoch with what justifies it, welcomes, and who was a member when. Knows what is worth keeping, not where.
 */
import { hexToBytes } from '@noble/hashes/utils.js';
import { MAX_EARLY_WELCOMES, PACKET_HASH_BYTES } from '../../../shared/limits.ts';
import { decodeWelcomeMessage } from '../wire/index.ts';
import { authenticatorOf } from './appliedCommits.ts';
import type { Draft } from './draft.ts';
import { packetHash } from './keptMessages.ts';
import { commitPacketOf } from './rebroadcast.ts';
import { twoThirds } from './records.ts';
import { epochOf, members } from './roster.ts';
import type { ActiveState, AppliedCommit } from './state.ts';

/** We are in another epoch now: what was kept of it and of later ones is of a branch that was given up. */
export function logEpoch(draft: Draft): void {
  draft.effects.push({
    kind: 'log',
    entry: { kind: 'epoch', epoch: epochOf(draft.state), branch: authenticatorOf(draft), members: members(draft) },
  });
}

/** The commit that led to `applied.epoch`, with the certificates and attestations that we know by now. */
export function logCommit(draft: Draft, applied: AppliedCommit): void {
  const payload = commitPacketOf(draft, applied);
  const hash = hexToBytes(applied.hash).slice(0, PACKET_HASH_BYTES);
  draft.effects.push({ kind: 'log', entry: { kind: 'commit', epoch: applied.epoch - 1, hash, payload } });
}

/** Once two thirds of the members say that they applied a commit, it is kept with their word, which proves it. */
export function logAttested(draft: Draft, before: ActiveState | undefined): void {
  const { applied, attested } = draft.state;
  if (before === undefined || before.attested === attested) return;
  for (const commit of applied) {
    const needed = twoThirds(commit.roster.length);
    // One of this very step was kept with what we know.
    if (before.applied.includes(commit) && words(before.attested, commit) < needed && words(attested, commit) >= needed)
      logCommit(draft, commit);
  }
}

function words(attested: ActiveState['attested'], { epoch, hash }: AppliedCommit): number {
  const known = attested.find((other) => other.epoch === epoch);
  return known === undefined ? 0 : known.attestations.filter((word) => word.hash === hash).length;
}

/** A welcome for somebody whom the group let in: any member can hand it on, and only its receiver can open it. */
export function logWelcome(draft: Draft, packet: Uint8Array): void {
  draft.effects.push({
    kind: 'log',
    entry: { kind: 'welcome', epoch: epochOf(draft.state), hash: packetHash(packet), payload: packet.slice() },
  });
}

/** A welcome that somebody else published. It may come before we apply the commit that it belongs to; then it waits. */
export function hearWelcome(draft: Draft, packet: Uint8Array): void {
  if (isOfJoin(draft, packet)) {
    logWelcome(draft, packet);
    return;
  }
  const { volatile } = draft.state;
  draft.state.volatile = { ...volatile, welcomes: [...volatile.welcomes, packet.slice()].slice(-MAX_EARLY_WELCOMES) };
}

/** After a commit: those that waited for it. */
export function logHeardWelcomes(draft: Draft): void {
  const { volatile } = draft.state;
  if (volatile.welcomes.length === 0) return;
  for (const packet of volatile.welcomes) if (isOfJoin(draft, packet)) logWelcome(draft, packet);
  draft.state.volatile = { ...volatile, welcomes: [] };
}

/** Whether a welcome names a key package that brought somebody in here. */
function isOfJoin(draft: Draft, packet: Uint8Array): boolean {
  const { payload } = decodeWelcomeMessage(packet);
  if (payload.case !== 'invitationToJoin') return false;
  const named = draft.context.mls.welcomeReferences(payload.value.mlsMessageOutBytes);
  return named.some((reference) => draft.state.roster.usedKeyPackages.includes(Buffer.from(reference).toString('hex')));
}
