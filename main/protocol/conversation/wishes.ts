/**
 * What we had asked of the group where we could not stay, asked again of those who are in it now (architecture 5): a removal that was
 * under vote, or that only the branch that we left carried out, and our own wish to leave. Knows what was asked, not why we had to go.
 */
import type { MemberId } from '../../../shared/model/ids.ts';
import { count, plugins, type Draft } from './draft.ts';
import { ProtocolError } from './errors.ts';
import { isSynced } from './leadership.ts';
import { proposeOwnLeave, proposeRemoval } from './proposals.ts';
import { isSelfLeave } from './records.ts';
import { parseRequest } from './requests.ts';
import { epochOf, members } from './roster.ts';
import type { WishesPart } from './forkState.ts';

/** Taken before the state of where we were is given up. `from`: the first epoch of the branch that we leave, if it is one. */
export function wishesOf(draft: Draft, from: number | undefined): WishesPart | undefined {
  const { self, now, state } = draft;
  const oldest = (from ?? epochOf(state)) - 1;
  const removals = new Map<MemberId, string>();
  for (const session of plugins(draft).consensus.sessions()) {
    const isAccepted = session.state.kind === 'reached' && session.state.result && Number(session.epoch) >= oldest;
    if (session.owner !== self || !(session.state.kind === 'active' || isAccepted)) continue;
    if (isSelfLeave(session.proposal)) continue;
    const request = parseRequest(session.proposal.payload);
    if (request?.kind === 'removeMember') removals.set(request.memberId, request.reason);
  }
  const isLeaving = state.queues.leavingSince !== undefined && state.queues.leavesByVote !== true;
  if (!isLeaving && removals.size === 0) return undefined;
  return {
    isLeaving,
    removals: [...removals].map(([memberId, reason]) => ({ memberId, reason })),
    until: now + state.rules.settings.proposalExpirationMs,
  };
}

/** As soon as we know the rules and the stewards of the group that we came into, and it settles no change. */
export function wishesDueAt(draft: Draft): number | undefined {
  const { wishes, phase } = draft.state;
  if (wishes === undefined) return undefined;
  return isSynced(draft) && phase.phase === 'working' ? draft.now : wishes.until;
}

export async function askWishes(draft: Draft): Promise<void> {
  const { wishes } = draft.state;
  draft.state.wishes = undefined;
  if (wishes === undefined || !isSynced(draft) || draft.state.phase.phase !== 'working') return;
  if (members(draft).length < 2) return;
  if (wishes.isLeaving) {
    await proposeOwnLeave(draft);
    return;
  }
  for (const { memberId, reason } of wishes.removals) {
    try {
      await proposeRemoval(draft, memberId, reason);
    } catch (error) {
      // It makes no sense any more: whoever it was about is gone, or is voted on already.
      if (!(error instanceof ProtocolError)) throw error;
      count(draft, error.code);
    }
  }
}
