/**
 * Decisions that nobody carries out (H-25), and that end with the lifetime of their proposal. Those that silence alone made: a member that
 * did not hear of the votes against them would wait for a commit for ever, and whoever still wants the change asks anew. The removal of
 * ourselves: those who voted may be gone, and who came since cannot check their votes. And a join whose link was made useless since: nobody
 * who knows of that carries it out. Knows no votes.
 */
import { isRevoked } from './decisions.ts';
import { count, plugins, type Draft } from './draft.ts';
import { proposeOwnLeave } from './proposals.ts';
import type { ApprovedEntry } from './state.ts';
import { transition } from './transitions.ts';

/** Decisions that lapsed in one epoch and are remembered: as many as there can be votes. */
const MAX_LAPSED = 64;

/** What no certificate proves to anybody else. */
const restsOnSilence = ({ certificate, record }: ApprovedEntry): boolean =>
  certificate === undefined && record.selfLeave !== true;

/** The group voted us out, and we may be the only one who can still tell. */
const isOurRemoval = (draft: Draft, { change, certificate }: ApprovedEntry): boolean =>
  certificate !== undefined && change.kind === 'remove' && change.memberId === draft.self && !change.selfLeave;

const mayLapse = (draft: Draft, entry: ApprovedEntry): boolean =>
  restsOnSilence(entry) || isOurRemoval(draft, entry) || isRevoked(draft, entry.change);

/** A decision lives as long as a proposal: silence decides at the very end of one, and those who are to carry it out may be away. */
function endOf(draft: Draft, { change, record }: ApprovedEntry): number {
  if (isRevoked(draft, change)) return draft.now;
  return (record.decidedAt ?? record.expiresAt) + draft.state.rules.settings.proposalExpirationMs;
}

/** While a group can commit it does; only where it cannot, decisions lapse. */
export function lapseDueAt(draft: Draft): number | undefined {
  const { phase, queues } = draft.state;
  if (phase.phase !== 'reelection') return undefined;
  const ends = queues.approved.filter((entry) => mayLapse(draft, entry)).map((entry) => endOf(draft, entry));
  return ends.length === 0 ? undefined : Math.min(...ends);
}

export async function lapse(draft: Draft): Promise<void> {
  const { queues } = draft.state;
  const lapsed = queues.approved.filter((entry) => mayLapse(draft, entry) && endOf(draft, entry) <= draft.now);
  for (const _each of lapsed) count(draft, 'DecisionLapsed');
  const approved = queues.approved.filter((entry) => !lapsed.includes(entry));
  const before = queues.lapsed ?? [];
  draft.state.queues = {
    ...queues,
    approved,
    lapsed: [...before, ...lapsed.filter(restsOnSilence)].slice(-MAX_LAPSED),
  };
  if (approved.length === 0) {
    plugins(draft).stewardList.resetRetry();
    transition(draft, 'decisionsLapsed');
  }
  // What the group decided stands for us: our own wish carries it out without a vote, or ends the wait when nobody is left (H-23).
  if (lapsed.some((entry) => isOurRemoval(draft, entry)) && draft.state.queues.leavingSince === undefined) {
    await proposeOwnLeave(draft);
    draft.state.queues = { ...draft.state.queues, leavesByVote: true };
  }
}
