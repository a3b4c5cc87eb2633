/**
 * Whose turn it is to open the vote on a remembered joiner, and opening it (§11.5, H-37). Knows ranks; consensus decides.
 */
import { admitJoin } from './admission.ts';
import { count, type Draft } from './draft.ts';
import { proposerOrder } from './elections.ts';
import { isPartlyFrozen } from './emergencies.ts';
import { ProtocolError } from './errors.ts';
import { isSynced, leadership, pendingRemovals } from './leadership.ts';
import { hasOpenVote } from './openVotes.ts';
import { setEntries } from './pendingUpdates.ts';
import { openProposal } from './proposals.ts';
import { inviteRequest } from './requests.ts';
import { isMember, members } from './roster.ts';
import type { PendingUpdate } from './state.ts';

/** A proposal that found no place among the open ones is tried again this much later. */
const RETRY_MS = 5_000;

/**
 * When it is our turn to propose a buffered joiner: the epoch steward at once, each next steward one window later (§11.5). A member
 * that asks for its place may be the last steward: for it the others follow, in the order of an election (H-17, H-23).
 */
function turnAt(draft: Draft, entry: PendingUpdate): number | undefined {
  const { settings } = draft.state.rules;
  const { order } = leadership(draft);
  // Also those who have just come, last: nobody else may be left.
  const others = isMember(draft, entry.memberId) ? [...proposerOrder(draft), ...members(draft)] : [];
  const rank = [...new Set([...order, ...others.filter((memberId) => memberId !== entry.memberId)])].indexOf(
    draft.self,
  );
  if (rank < 0) return undefined;
  return entry.firstSeenAt + rank * (settings.commitInactivityMs + settings.recoveryInactivityMs);
}

function proposable(draft: Draft): readonly PendingUpdate[] {
  if (draft.state.phase.phase !== 'working' || !isSynced(draft)) return [];
  const { entries } = draft.state.pendingUpdates;
  if (entries.length === 0 || isPartlyFrozen(draft)) return [];
  const { approved } = draft.state.queues;
  const leaving = pendingRemovals(draft);
  return entries.filter(
    ({ memberId }) =>
      !approved.some(({ change }) => change.kind === 'add' && change.memberId === memberId) &&
      !(isMember(draft, memberId) && leaving.has(memberId)) &&
      !hasOpenVote(draft, 'addMember', memberId),
  );
}

export function nextJoinerDueAt(draft: Draft): number | undefined {
  const due = proposable(draft).flatMap((entry) => turnAt(draft, entry) ?? []);
  return due.length === 0 ? undefined : Math.min(...due);
}

/** Opens the votes whose turn has come. */
export async function proposeDueJoiners(draft: Draft): Promise<void> {
  for (const entry of proposable(draft)) {
    const at = turnAt(draft, entry);
    if (at !== undefined && at <= draft.now) await proposeJoiner(draft, entry);
  }
}

async function proposeJoiner(draft: Draft, entry: PendingUpdate): Promise<void> {
  const admission = await admitJoin(draft, entry);
  if (admission.kind === 'refused') {
    count(draft, admission.reason);
    setEntries(
      draft,
      draft.state.pendingUpdates.entries.filter((other) => other !== entry),
    );
    return;
  }
  const options = { ownYes: admission.byRule, byRule: admission.byRule };
  try {
    await openProposal(draft, inviteRequest(entry), { kind: 'addMember', ...entry }, options);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    count(draft, error.code);
    const later = { ...entry, firstSeenAt: draft.now + RETRY_MS };
    setEntries(
      draft,
      draft.state.pendingUpdates.entries.map((other) => (other === entry ? later : other)),
    );
  }
}
