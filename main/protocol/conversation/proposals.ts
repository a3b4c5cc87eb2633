/**
 * Opening votes, taking in those of peers, and voting (§11.2, §18.4, H-1). What a decided vote does is in decisions.ts.
 */
import type { MemberId, ProposalId } from '../../../shared/model/ids.ts';
import type { ConsensusSession } from '../consensus/contract.ts';
import { ConsensusError, selfLeaveId } from '../consensus/index.ts';
import { memberIdToBytes } from '../identity/index.ts';
import type { Proposal, Vote } from '../wire/index.ts';
import { admitJoin } from './admission.ts';
import { cancelAutomaticVote, rememberRuleVote, scheduleAutomaticVote } from './automaticVotes.ts';
import { showElection } from './decisionNotices.ts';
import { broadcast, count, emit, governance, plugins, type Draft } from './draft.ts';
import { keepEarlyVote, takeEarlyVotes } from './earlyVotes.ts';
import { isElectionCalled } from './elections.ts';
import { emergencyRefusal, isPartlyFrozen, rememberFiled } from './emergencies.ts';
import { ProtocolError } from './errors.ts';
import { isSynced, pendingRemovals } from './leadership.ts';
import { hasOpenVote } from './openVotes.ts';
import { rememberJoiner } from './pendingUpdates.ts';
import type { Reason } from './reasons.ts';
import { detailsOfVote, isSelfLeave, note, recordOf, recordProposal } from './records.ts';
import { isGovernance, parseRequest, removalRequest, type UpdateRequest } from './requests.ts';
import { members, rosterAt } from './roster.ts';
import { votingWindowMs } from './votingWindow.ts';

/** Authenticated origin of a decrypted message. */
export interface Origin {
  readonly sender: MemberId;
  readonly epoch: bigint;
}

const seconds = (ms: number): number => Math.floor(ms / 1000);

/**
 * What silence counts as for a request. In elections and emergencies it is a no: what they change must be provable by votes to
 * whoever missed it (H-9, H-26).
 */
function livenessOf(draft: Draft, request: UpdateRequest): boolean {
  const { settings } = draft.state.rules;
  switch (request.kind) {
    case 'addMember':
      return settings.livenessCriteriaYes;
    case 'removeMember':
      return settings.removalLivenessCriteriaYes;
    case 'stewardElection':
    case 'emergency':
      return false;
  }
}

/** Opens a vote and broadcasts it, with our own YES inside or without (Deferred). §11.2 */
export async function openProposal(
  draft: Draft,
  payload: Uint8Array,
  request: UpdateRequest,
  options: { readonly ownYes: boolean; readonly byRule: boolean },
): Promise<ProposalId> {
  const { settings } = draft.state.rules;
  if (request.kind !== 'emergency' && isPartlyFrozen(draft)) throw new ProtocolError('PartialFreeze');
  const session = orTooMany(() =>
    plugins(draft).consensus.openProposal({
      payload,
      expirySeconds: seconds(settings.proposalExpirationMs),
      livenessCriteriaYes: livenessOf(draft, request),
      window: { timeoutMs: votingWindowMs(settings, request.kind) },
      roster: members(draft),
      epoch: draft.state.group.epoch,
      now: draft.now,
      ...(options.ownYes ? { ownVote: true } : {}),
    }),
  );
  if (request.kind === 'emergency') rememberFiled(draft, draft.self);
  if (options.ownYes && options.byRule) rememberRuleVote(draft, session.proposalId);
  await announceSession(draft, session, session.proposal);
  if (options.ownYes) emit(draft, { kind: 'OwnProposalSubmitted', proposalId: session.proposalId });
  else emit(draft, { kind: 'VoteRequested', proposalId: session.proposalId });
  return session.proposalId;
}

function orTooMany<Value>(action: () => Value): Value {
  try {
    return action();
  } catch (error) {
    if (error instanceof ConsensusError && error.code === 'SessionCapacityExceeded') {
      throw new ProtocolError('TooManyProposals');
    }
    throw error;
  }
}

/** Broadcasts a session of ours and notes it. Alone there is nobody to tell. */
async function announceSession(draft: Draft, session: ConsensusSession, proposal: Readonly<Proposal>): Promise<void> {
  noteOpened(draft, session);
  if (members(draft).length > 1) {
    const expiresAt = Number(proposal.expirationTimestamp) * 1000;
    await broadcast(draft, { payload: { case: 'proposal', value: proposal } }, governance, expiresAt);
  }
}

function noteOpened(draft: Draft, session: ConsensusSession): void {
  const record = recordOf(session, draft);
  const { votes: _votes, ...details } = detailsOfVote(record);
  note(draft, { kind: 'proposed', ...details, actor: record.proposer });
  recordProposal(draft, 'opened', record);
  for (const vote of record.votes) noteVote(draft, record.proposalId, vote.memberId, vote.approve);
}

function noteVote(draft: Draft, proposalId: ProposalId, actor: MemberId, approve: boolean): void {
  note(draft, { kind: 'voted', proposalId, actor, approve });
}

/** `removeMember`: opens the removal of somebody else, our YES inside. Throws ProtocolError. §11.2 */
export async function proposeRemoval(draft: Draft, memberId: MemberId, reason: string): Promise<ProposalId> {
  const { phase } = draft.state.phase;
  if (phase !== 'working' || !isSynced(draft)) throw new ProtocolError('ConversationBlocked', { state: phase });
  if (memberId === draft.self) throw new ProtocolError('CannotRemoveSelf');
  if (!members(draft).includes(memberId)) throw new ProtocolError('NotAMember');
  if (pendingRemovals(draft).has(memberId) || hasOpenVote(draft, 'removeMember', memberId)) {
    throw new ProtocolError('AlreadyProposed');
  }
  const request: UpdateRequest = { kind: 'removeMember', memberId, reason };
  return openProposal(draft, removalRequest(memberId, reason), request, { ownYes: true, byRule: false });
}

/** Tells the group that we leave; we stay a member until a commit removes us. A second time it says nothing. §8.4 */
export async function proposeOwnLeave(draft: Draft): Promise<ProposalId> {
  const { consensus } = plugins(draft);
  const proposalId = selfLeaveId(draft.self);
  draft.state.queues = { ...draft.state.queues, leavingSince: draft.state.queues.leavingSince ?? draft.now };
  const known = consensus.session(proposalId);
  const isRunning = known !== undefined && draft.now < Number(known.proposal.expirationTimestamp) * 1000;
  if (isRunning) return proposalId;
  // An earlier wish that no commit carried out in its lifetime: whoever did not hear of it shall.
  if (known !== undefined) consensus.forget(proposalId);
  const { proposal, session } = consensus.openSelfLeave({
    expirySeconds: seconds(draft.state.rules.settings.proposalExpirationMs),
    roster: members(draft),
    epoch: draft.state.group.epoch,
    now: draft.now,
  });
  await announceSession(draft, session, proposal);
  return proposalId;
}

/** When our wish to leave has to be said again because nobody carried it out in its lifetime; undefined without one. */
export function ownLeaveDueAt(draft: Draft): number | undefined {
  const isLeaving = draft.state.queues.approved.some(
    ({ change }) => change.kind === 'remove' && change.selfLeave && change.memberId === draft.self,
  );
  if (!isLeaving) return undefined;
  const session = plugins(draft).consensus.session(selfLeaveId(draft.self));
  return session === undefined ? undefined : Number(session.proposal.expirationTimestamp) * 1000;
}

/** A peer's proposal: H-1 first, then consensus, and only what it accepted counts. §18.4 */
export async function receiveProposal(draft: Draft, proposal: Proposal, origin: Origin): Promise<void> {
  if (!isSynced(draft)) {
    count(draft, 'NotSynced');
    return;
  }
  const request = parseRequest(proposal.payload);
  const refusal = await refusalOf(draft, proposal, request, origin);
  if (refusal !== undefined) {
    count(draft, refusal);
    return;
  }
  const session = guarded(draft, () =>
    plugins(draft).consensus.processProposal(proposal, {
      sender: origin.sender,
      roster: rosterAt(draft, origin.epoch),
      epoch: origin.epoch,
      now: draft.now,
      window:
        isSelfLeave(proposal) || request === undefined
          ? 'untilExpiration'
          : { timeoutMs: votingWindowMs(draft.state.rules.settings, request.kind) },
      late: draft.isLate,
    }),
  );
  if (session === undefined || request === undefined) return;
  if (request.kind === 'emergency') rememberFiled(draft, session.owner);
  // Whoever asks for an election that was held missed it, and would ask in vain until its attempts are used up.
  if (request.kind === 'stewardElection' && !isElectionCalled(draft)) showElection(draft);
  noteOpened(draft, session);
  for (const early of takeEarlyVotes(draft, session.proposalId)) receiveVote(draft, early.vote, early.origin);
  const current = plugins(draft).consensus.session(session.proposalId) ?? session;
  if (request.kind === 'addMember') await admitVote(draft, current, request);
  else if (isGovernance(request)) scheduleRuleVote(draft, current, request);
  else if (current.state.kind === 'active') emit(draft, { kind: 'VoteRequested', proposalId: session.proposalId });
}

/** A join goes into the buffer of pending updates, and our client votes where a rule decides (architecture 4). */
async function admitVote(
  draft: Draft,
  session: ConsensusSession,
  request: UpdateRequest & { kind: 'addMember' },
): Promise<void> {
  const admission = await admitJoin(draft, request);
  if (admission.kind === 'refused') return;
  rememberJoiner(draft, { ...request, reference: admission.reference });
  if (session.state.kind !== 'active') return;
  if (admission.byRule && session.roster.includes(draft.self)) {
    scheduleAutomaticVote(draft, session.proposalId, draft.now + draft.state.rules.settings.votingDelayMs);
  } else {
    emit(draft, { kind: 'VoteRequested', proposalId: session.proposalId });
  }
}

/** Clients decide elections and emergencies (H-9, H-13): after the delay of their kind. */
function scheduleRuleVote(draft: Draft, { proposalId, state, roster }: ConsensusSession, request: UpdateRequest): void {
  if (state.kind !== 'active' || !roster.includes(draft.self)) return;
  const { electionVotingDelayMs, votingDelayMs } = draft.state.rules.settings;
  const delay = request.kind === 'stewardElection' ? electionVotingDelayMs : votingDelayMs;
  scheduleAutomaticVote(draft, proposalId, draft.now + delay);
}

/** The name of the check that a proposal fails (H-1, 18.2); undefined when it may go to consensus. */
async function refusalOf(
  draft: Draft,
  proposal: Proposal,
  request: UpdateRequest | undefined,
  { sender, epoch }: Origin,
): Promise<Reason | undefined> {
  if (request === undefined) return 'InvalidConversationUpdateRequest';
  if (isIdUsedUp(draft, proposal)) return 'ProposalIdUsed';
  if (request.kind !== 'emergency' && !isSelfLeave(proposal) && isPartlyFrozen(draft)) {
    // No session, no vote, no banner; a joiner is remembered all the same (H-5).
    if (request.kind === 'addMember') await rememberAdmissible(draft, request);
    return 'PartialFreeze';
  }
  switch (request.kind) {
    case 'stewardElection':
      if (request.list.electionEpoch !== draft.state.group.epoch) return 'ElectionOutdated';
      break;
    case 'emergency': {
      const refusal = emergencyRefusal(draft, request, sender);
      if (refusal !== undefined) return refusal;
      break;
    }
    case 'removeMember': {
      const roster = rosterAt(draft, epoch);
      if (!roster.includes(request.memberId)) return 'NotAMember';
      const claimsSelfLeave = proposal.expectedVotersCount === 1 || proposal.proposalId === selfLeaveId(sender);
      if (claimsSelfLeave && roster.length > 1) {
        const owner = memberIdToBytes(sender);
        const own = request.memberId === sender && Buffer.compare(proposal.proposalOwner, owner) === 0;
        return own && proposal.proposalId === selfLeaveId(sender) && isSelfLeave(proposal)
          ? undefined
          : 'FastPathRejected';
      }
      break;
    }
    case 'addMember': {
      if (proposal.expectedVotersCount === 1) return 'FastPathRejected';
      const admission = await admitJoin(draft, request);
      if (admission.kind === 'refused') return admission.reason;
      break;
    }
  }
  return proposal.livenessCriteriaYes === livenessOf(draft, request) ? undefined : 'LivenessMismatch';
}

/**
 * The id of a vote that was decided here and whose session is gone: its outcome would be taken for a repetition, by all who
 * remember it and by nobody who came since. H-1 (e)
 */
function isIdUsedUp(draft: Draft, proposal: Proposal): boolean {
  const proposalId = proposal.proposalId as ProposalId;
  if (isSelfLeave(proposal) || !draft.state.queues.resolved.includes(proposalId)) return false;
  return plugins(draft).consensus.session(proposalId) === undefined;
}

async function rememberAdmissible(draft: Draft, request: UpdateRequest & { kind: 'addMember' }): Promise<void> {
  const admission = await admitJoin(draft, request);
  if (admission.kind === 'admissible') rememberJoiner(draft, { ...request, reference: admission.reference });
}

/** A peer's vote. §18.2 */
export function receiveVote(draft: Draft, vote: Vote, origin: Origin): void {
  const { consensus } = plugins(draft);
  const before = consensus.session(vote.proposalId as ProposalId);
  if (before === undefined && !draft.state.queues.resolved.includes(vote.proposalId as ProposalId)) {
    keepEarlyVote(draft, vote, origin);
    return;
  }
  const session = guarded(draft, () =>
    consensus.processVote(vote, {
      sender: origin.sender,
      roster: rosterAt(draft, origin.epoch),
      epoch: origin.epoch,
      now: draft.now,
    }),
  );
  if (session === undefined || before === undefined || session.votes.length === before.votes.length) return;
  noteVote(draft, session.proposalId, origin.sender, vote.vote);
  if (session.state.kind === 'active') recordProposal(draft, 'updated', recordOf(session, draft));
}

/** Our own vote, by the person or by a rule; replaces an automatic one. Throws ProtocolError. */
export async function castVote(draft: Draft, proposalId: ProposalId, approve: boolean, byRule: boolean): Promise<void> {
  const { consensus } = plugins(draft);
  const session = consensus.session(proposalId);
  if (session === undefined) {
    const known = draft.state.queues.resolved.includes(proposalId);
    throw new ProtocolError(known ? 'SessionNotActive' : 'SessionNotFound');
  }
  const { phase } = draft.state.phase;
  if (!byRule && (phase === 'freezing' || phase === 'selection'))
    throw new ProtocolError('ConversationBlocked', { state: phase });
  if (session.votes.some((vote) => vote.owner === draft.self)) throw new ProtocolError('UserAlreadyVoted');
  if (session.state.kind !== 'active') throw new ProtocolError('SessionNotActive');
  cancelAutomaticVote(draft, proposalId);
  if (byRule) rememberRuleVote(draft, proposalId);
  const cast = orNotActive(() => consensus.castVote(proposalId, approve, draft.now));
  noteVote(draft, proposalId, draft.self, approve);
  if (cast.session.state.kind === 'active') recordProposal(draft, 'updated', recordOf(cast.session, draft));
  const expiresAt = Number(cast.session.proposal.expirationTimestamp) * 1000;
  await broadcast(draft, { payload: { case: 'vote', value: cast.vote } }, governance, expiresAt);
}

function orNotActive<Value>(action: () => Value): Value {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof ConsensusError)) throw error;
    throw new ProtocolError(error.code === 'UserAlreadyVoted' ? 'UserAlreadyVoted' : 'SessionNotActive', {
      detail: error.code,
    });
  }
}

/** Runs what a peer's message asked of consensus; a refusal is counted by its code (§19.4). */
function guarded<Value>(draft: Draft, action: () => Value): Value | undefined {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof ConsensusError)) throw error;
    count(draft, error.code);
    return undefined;
  }
}
