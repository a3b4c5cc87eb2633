/**
 * The buffer of joiners that every member remembers until somebody proposes them (§11.5, H-37, H-49).
 * Knows entries, not whose turn it is to propose them.
 */
import { MAX_PENDING_UPDATES } from '../../../shared/limits.ts';
import { count, hexOf, type Draft } from './draft.ts';
import { hasOpenVote } from './openVotes.ts';
import { epochOf } from './roster.ts';
import type { PendingUpdate } from './state.ts';

/** Refused key packages that are remembered. */
const MAX_REFUSED = 256;

/** One entry of each joiner; a newer key package replaces the older while that is not under vote (H-49). */
export function rememberJoiner(draft: Draft, joiner: Omit<PendingUpdate, 'firstSeenEpoch' | 'firstSeenAt'>): void {
  const { entries } = draft.state.pendingUpdates;
  const { memberId, keyPackage, reference, mac, displayName } = joiner;
  const existing = entries.find((entry) => entry.memberId === memberId);
  if (existing !== undefined) {
    const isSame = hexOf(existing.reference) === hexOf(reference);
    if (isSame || hasOpenVote(draft, 'addMember', memberId)) {
      if (!isSame) count(draft, 'JoinUnderVote');
      return;
    }
  } else if (entries.length >= MAX_PENDING_UPDATES) {
    count(draft, 'PendingUpdatesFull');
    return;
  }
  const entry: PendingUpdate = {
    memberId,
    keyPackage,
    reference,
    mac,
    displayName,
    firstSeenEpoch: existing?.firstSeenEpoch ?? epochOf(draft.state),
    firstSeenAt: draft.now,
  };
  setEntries(draft, [...entries.filter((other) => other !== existing), entry]);
}

export function setEntries(draft: Draft, entries: readonly PendingUpdate[]): void {
  draft.state.pendingUpdates = { ...draft.state.pendingUpdates, entries };
}

/**
 * Forgets a joiner whose vote ended without YES; `forGood` refuses its key package from now on. True when the votes on this key
 * package ended so before.
 */
export function dropJoiner(
  draft: Draft,
  memberId: PendingUpdate['memberId'],
  reference: Uint8Array | undefined,
  forGood: boolean,
): boolean {
  const { pendingUpdates } = draft.state;
  const entries = pendingUpdates.entries.filter((entry) => entry.memberId !== memberId);
  if (reference === undefined) {
    draft.state.pendingUpdates = { ...pendingUpdates, entries };
    return false;
  }
  const list = forGood ? 'refused' : 'unanswered';
  const name = hexOf(reference);
  const isRepeated = pendingUpdates[list].includes(name);
  const names = [...pendingUpdates[list].filter((other) => other !== name), name].slice(-MAX_REFUSED);
  draft.state.pendingUpdates = { ...pendingUpdates, entries, [list]: names };
  return isRepeated;
}

/** After a commit: who is in needs no proposal any more, and nobody waits for ever. §11.5 */
export function sweepPendingUpdates(draft: Draft): void {
  const { pendingUpdates, rules, roster } = draft.state;
  const oldest = Math.max(0, epochOf(draft.state) - rules.settings.pendingUpdateMaxEpochs);
  const entries = pendingUpdates.entries.filter(
    (entry) => entry.firstSeenEpoch >= oldest && !roster.usedKeyPackages.includes(hexOf(entry.reference)),
  );
  if (entries.length !== pendingUpdates.entries.length) setEntries(draft, entries);
}
