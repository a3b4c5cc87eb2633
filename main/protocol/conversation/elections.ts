/**
 * Elections of stewards (§12.7, §12.8, H-13, H-23): when one is called for, whose turn it is to open it, what makes it valid,
 * and what its outcome changes. Everybody computes the same list, so clients vote by themselves.
 */
import type { MemberId } from '../../../shared/model/ids.ts';
import type { ConsensusSession } from '../consensus/contract.ts';
import { certificateOf } from '../consensus/index.ts';
import type { StewardList } from '../steward-list/contract.ts';
import { needsElection, StewardListError } from '../steward-list/index.ts';
import { encodeProposal } from '../wire/index.ts';
import type { RuleVote } from './automaticVotes.ts';
import { count, plugins, type Draft } from './draft.ts';
import { isSynced, pendingRemovals } from './leadership.ts';
import { note } from './records.ts';
import { closeRecovery, type Proof } from './recovery.ts';
import { parseRequest, type ElectionRequest } from './requests.ts';
import { epochOf, members, memberJoins, settledMembers } from './roster.ts';
import { hasNoStewardLeft } from './stewards.ts';
import { transition } from './transitions.ts';

/** Who may be listed: settled members that are not on their way out; everybody who stays where nobody is settled. §12.7 */
export function electionPool(draft: Draft): readonly MemberId[] {
  const leaving = pendingRemovals(draft);
  const settled = settledMembers(draft.context, draft.state).filter((memberId) => !leaving.has(memberId));
  return settled.length > 0 ? settled : members(draft).filter((memberId) => !leaving.has(memberId));
}

/**
 * Who may open an election or declare a deadlock, in turn: the list from its head, then the rest of the pool; after them whoever else is
 * there, since all of those may be gone for good. §12.4, H-23
 */
export function proposerOrder(draft: Draft): readonly MemberId[] {
  const { stewardList } = plugins(draft);
  const pool = electionPool(draft);
  const listed = stewardList.eligibleStewards((memberId) => pool.includes(memberId));
  const others = pool.filter((memberId) => !listed.includes(memberId));
  const { epoch } = draft.state.group;
  const leaving = pendingRemovals(draft);
  const [staying, going] = [false, true].map((goes) =>
    members(draft).filter((memberId) => !pool.includes(memberId) && leaving.has(memberId) === goes),
  ) as [MemberId[], MemberId[]];
  return [others, staying, going].reduce<readonly MemberId[]>(
    (order, some) => [...order, ...stewardList.order(some, epoch)],
    listed,
  );
}

/** Whether the group needs another list now: it recovers, the list has run out, or Recovery mode just ended (13.3). */
export function isElectionCalled(draft: Draft): boolean {
  const { phase, mandate, group } = draft.state;
  if (phase.phase === 'reelection') return true;
  if (mandate.recoveredIn === epochOf(draft.state)) return true;
  const { stewardList } = plugins(draft);
  const joins = memberJoins(draft.context, draft.state);
  const config = stewardList.config();
  if (needsElection(stewardList.list(), joins, group.epoch, config)) return true;
  return hasNoStewardLeft(draft) && settledMembers(draft.context, draft.state).length > config.max;
}

/** Since when the present state of affairs holds: the turns of §12.7 count from then. */
export function calledSince(draft: Draft): number {
  const { phase, roster } = draft.state;
  if (phase.phase === 'reelection' && phase.anchor !== undefined) return phase.anchor;
  const began = roster.past.find(({ epoch }) => epoch === epochOf(draft.state) - 1)?.endedAt;
  return began ?? roster.joins.find(({ memberId }) => memberId === draft.self)?.at ?? 0;
}

/** When it is our turn in `proposerOrder`; undefined when we are none of them. */
export function ownTurnAt(draft: Draft): number | undefined {
  const rank = proposerOrder(draft).indexOf(draft.self);
  return rank < 0 ? undefined : calledSince(draft) + rank * turnMs(draft);
}

const turnMs = (draft: Draft): number => 2 * draft.state.rules.settings.recoveryInactivityMs;

/** When we open an election by ourselves; undefined while none is called for, one is open, or it is not ours to open. */
export function electionDueAt(draft: Draft): number | undefined {
  const { phase } = draft.state.phase;
  if ((phase !== 'working' && phase !== 'reelection') || !isSynced(draft) || members(draft).length < 2)
    return undefined;
  const { stewardList } = plugins(draft);
  if (stewardList.retryCounter() > stewardList.maxReelectionAttempts()) return undefined;
  if (!isElectionCalled(draft) || openElection(draft) !== undefined) return undefined;
  return ownTurnAt(draft);
}

/** The list that we would propose now. */
export const nextList = (draft: Draft): StewardList =>
  plugins(draft).stewardList.nextElection(electionPool(draft), draft.state.group.epoch);

/**
 * An election of this epoch that is being voted on and that may succeed. One that our client refuses, or sees no reason for, holds
 * up nothing: otherwise whoever opens one after the other would keep the group from committing.
 */
export function openElection(draft: Draft): ConsensusSession | undefined {
  return plugins(draft)
    .consensus.sessions()
    .find((session) => {
      if (session.state.kind !== 'active' || session.epoch !== draft.state.group.epoch) return false;
      const request = parseRequest(session.proposal.payload);
      return request?.kind === 'stewardElection' && isSupported(draft, request, session.owner);
    });
}

function isSupported(draft: Draft, request: ElectionRequest, proposer: MemberId): boolean {
  const ruled = judgeElection(draft, request, proposer);
  return ruled.kind === 'vote' && ruled.approve;
}

/** How our client votes on an election (H-13): YES when it is the one that we would open, NO when it never can be. */
export function judgeElection(draft: Draft, { list }: ElectionRequest, proposer: MemberId): RuleVote {
  if (!isProposable(draft, list)) return { kind: 'vote', approve: false };
  const rank = proposerOrder(draft).indexOf(proposer);
  const turn = calledSince(draft) + (rank * turnMs(draft)) / 2;
  if (rank < 0) return { kind: 'vote', approve: false };
  // Who has just come does not know what happened before; the list itself is the same for everybody.
  const isNew = draft.state.roster.joins.some(
    ({ memberId, epoch }) => memberId === draft.self && epoch === epochOf(draft.state),
  );
  if (isElectionCalled(draft)) return { kind: 'vote', approve: isNew || draft.now >= turn };
  return isNew ? { kind: 'vote', approve: true } : { kind: 'wait' };
}

/** The list of this epoch that everybody computes, at a round that is allowed: nobody picks an order that suits. H-13 */
function isProposable(draft: Draft, list: StewardList): boolean {
  const { stewardList } = plugins(draft);
  if (list.electionEpoch !== draft.state.group.epoch) return false;
  const latestRound = Math.min(stewardList.maxReelectionAttempts(), stewardList.retryCounter() + 1);
  if (list.retryRound > latestRound) return false;
  const pool = electionPool(draft);
  if (pool.length === 0) return false;
  return isSameList(list, stewardList.nextElection(pool, list.electionEpoch, list.retryRound));
}

const isSameList = (a: StewardList, b: StewardList): boolean =>
  a.electionEpoch === b.electionEpoch &&
  a.retryRound === b.retryRound &&
  a.stewards.length === b.stewards.length &&
  a.stewards.every((memberId, index) => memberId === b.stewards[index]);

/** What an outcome does. §12.8, §13.2 */
export function electionDecided(
  draft: Draft,
  session: ConsensusSession,
  request: ElectionRequest,
  approved: boolean,
): void {
  if (approved) {
    const certificate = certificateOf(session);
    if (certificate === undefined) {
      count(draft, 'ElectionWithoutProof');
      return;
    }
    installElected(draft, request, {
      proposalId: session.proposalId,
      votedIn: session.epoch,
      certificate: encodeProposal(certificate),
    });
    return;
  }
  if (session.epoch !== draft.state.group.epoch) return;
  if (!isSupported(draft, request, session.owner)) {
    // No attempt of the group's: nobody moves the order of stewards, or uses up its attempts, by asking for what cannot be.
    count(draft, 'ElectionNotCalled');
    return;
  }
  plugins(draft).stewardList.bumpRetry();
  const { phase } = draft.state;
  // The turns begin again for the next attempt.
  if (phase.phase === 'reelection') draft.state.phase = { ...phase, anchor: draft.now };
}

/**
 * Installs an elected list (row 16, 17): true when it is new. Two thirds said YES; here only what no list may be is refused: others
 * than members, another epoch, a round beyond the limit, an order that is not the computed one. §12.8, H-13
 */
export function installElected(
  draft: Draft,
  { list }: ElectionRequest,
  { proposalId, votedIn, certificate }: Proof,
): boolean {
  const { stewardList } = plugins(draft);
  if (list.electionEpoch !== votedIn || !canBeInForce(draft, list)) {
    count(draft, 'ElectionNotInstalled');
    return false;
  }
  const current = stewardList.list();
  const election = { proposalId, epoch: Number(list.electionEpoch), proposal: certificate };
  if (current !== undefined && isSameList(current, list)) {
    draft.state.mandate = { ...draft.state.mandate, election, recoveredIn: undefined };
    resumeAfterElection(draft);
    return false;
  }
  if (current !== undefined && !isNewer(list, current)) return false;
  try {
    stewardList.install(list);
  } catch (error) {
    if (!(error instanceof StewardListError)) throw error;
    count(draft, 'ElectionNotInstalled');
    return false;
  }
  draft.state.mandate = { ...draft.state.mandate, election, recoveredIn: undefined };
  note(draft, { kind: 'elected', proposalId, stewards: [...list.stewards] });
  resumeAfterElection(draft);
  return true;
}

/** A list of this epoch names members; one of an earlier epoch, which we missed, may name some who left since. */
function canBeInForce(draft: Draft, { stewards, electionEpoch, retryRound }: StewardList): boolean {
  const { epoch } = draft.state.group;
  if (electionEpoch > epoch || retryRound > plugins(draft).stewardList.maxReelectionAttempts()) return false;
  const present = members(draft);
  const isPresent = (memberId: MemberId): boolean => present.includes(memberId);
  return electionEpoch === epoch ? stewards.every(isPresent) : stewards.some(isPresent);
}

const isNewer = (a: StewardList, b: StewardList): boolean =>
  a.electionEpoch > b.electionEpoch || (a.electionEpoch === b.electionEpoch && a.retryRound > b.retryRound);

/** An accepted election ends Recovery mode and Reelection. Rows 16 and 17 */
function resumeAfterElection(draft: Draft): void {
  closeRecovery(draft);
  if (draft.state.phase.phase === 'reelection') transition(draft, 'electionAccepted');
}
