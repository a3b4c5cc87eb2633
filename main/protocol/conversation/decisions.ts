/**
 * What the outcome of a vote does: the approved queue, the buffer, and what people read of it (§11.3, H-6, H-25).
 * Every outcome is applied once, however often consensus repeats it.
 */
import { MAX_RESOLVED_PROPOSALS, MAX_VOTED_OUT } from '../../../shared/limits.ts';
import type { Proposal as ProposalRecord } from '../../../shared/api/model.ts';
import type { MemberId, ProposalId } from '../../../shared/model/ids.ts';
import type { ConsensusSession } from '../consensus/contract.ts';
import { certificateOf } from '../consensus/index.ts';
import { encodeProposal } from '../wire/index.ts';
import { MlsError } from '../mls/errors.ts';
import { cancelAutomaticVote } from './automaticVotes.ts';
import { electionDecided } from './elections.ts';
import { emergencyDecided, markUrgent } from './emergencies.ts';
import { count, emit, hexOf, plugins, type Draft } from './draft.ts';
import { evidenceOfSession } from './evidence.ts';
import { inviteMacVerifies } from './invite.ts';
import { dropJoiner } from './pendingUpdates.ts';
import { detailsOfVote, isSelfLeave, note, recordOf, recordProposal, systemMessage } from './records.ts';
import { parseRequest, type UpdateRequest } from './requests.ts';
import { epochOf, isMember } from './roster.ts';
import type { ApprovedChange, ApprovedEntry } from './state.ts';

/** Applies what consensus decided since the last call; true when something was decided. */
export async function applyDecisions(draft: Draft): Promise<boolean> {
  if (draft.restored === undefined) return false; // Nobody asked consensus anything in this step.
  let applied = false;
  for (const event of plugins(draft).consensus.drainEvents()) {
    if (event.kind === 'equivocation') {
      count(draft, 'Equivocation');
    } else if (!isApplied(draft, event.proposalId)) {
      await applyDecision(draft, event.proposalId);
      applied = true;
    }
  }
  return applied;
}

/** Outcomes are applied once; a wish to leave that was said again and is not in the queue any more begins anew. */
function isApplied(draft: Draft, proposalId: ProposalId): boolean {
  const { resolved, approved } = draft.state.queues;
  if (!resolved.includes(proposalId)) return false;
  const session = plugins(draft).consensus.session(proposalId);
  if (session === undefined || !isSelfLeave(session.proposal) || !isMember(draft, session.owner)) return true;
  return approved.some((entry) => entry.proposalId === proposalId);
}

async function applyDecision(draft: Draft, proposalId: ProposalId): Promise<void> {
  const session = plugins(draft).consensus.session(proposalId);
  if (session === undefined) {
    count(draft, 'SessionNotFound');
    return;
  }
  const { queues } = draft.state;
  const resolved = [...queues.resolved.filter((other) => other !== proposalId), proposalId];
  draft.state.queues = { ...queues, resolved: resolved.slice(-MAX_RESOLVED_PROPOSALS) };
  cancelAutomaticVote(draft, proposalId);
  const record = recordOf(session, draft);
  const approved = record.outcome === 'accepted';
  emit(draft, { kind: 'ConsensusReached', proposalId, approved });
  recordProposal(draft, 'decided', record);
  const entry = note(draft, {
    kind: 'decided',
    ...detailsOfVote(record),
    outcome: record.outcome === 'open' ? 'failed' : record.outcome,
    rule: ruleOf(session),
  });
  const request = parseRequest(session.proposal.payload);
  if (request?.kind === 'stewardElection') {
    electionDecided(draft, session, request, approved);
    return;
  }
  if (request?.kind === 'emergency') {
    if (approved && request.violation === 'SCORE_BELOW_THRESHOLD') await approve(draft, session, request, record);
    emergencyDecided(draft, session, request, approved);
    if (request.target !== undefined && !(approved && request.violation === 'SCORE_BELOW_THRESHOLD'))
      systemMessage(draft, record.proposer, entry);
    return;
  }
  if (approved) {
    await approve(draft, session, request, record);
    return;
  }
  const isRepeated = request?.kind === 'addMember' && (await forgetJoiner(draft, session, request));
  if (!isRepeated) systemMessage(draft, record.proposer, entry);
}

/** Which rule decided. */
export function ruleOf(session: ConsensusSession): 'votes' | 'timeout' | 'selfLeave' {
  if (isSelfLeave(session.proposal)) return 'selfLeave';
  return session.state.kind === 'reached' ? session.state.by : 'timeout';
}

/**
 * People said no, or were silent where people decide: asking again takes a fresh key package. Silence of clients is no refusal:
 * the joiner asks on, and true says that people read of it once before.
 */
async function forgetJoiner(
  draft: Draft,
  session: ConsensusSession,
  request: UpdateRequest & { kind: 'addMember' },
): Promise<boolean> {
  const { settings } = draft.state.rules;
  const wasRefused = session.votes.some(({ vote }) => !vote.vote);
  const byPeople = !settings.membersMayInvite || draft.state.queues.votedOut.includes(request.memberId);
  const reference = await referenceOf(draft, request.keyPackage);
  return dropJoiner(draft, request.memberId, reference, wasRefused || byPeople);
}

async function referenceOf(draft: Draft, keyPackage: Uint8Array): Promise<Uint8Array | undefined> {
  try {
    return await draft.context.mls.keyPackageReferenceOf(keyPackage);
  } catch (error) {
    if (!(error instanceof MlsError)) throw error;
    return undefined;
  }
}

/** Puts an accepted change into the queue, unless it is there or done already. H-6, H-25 */
async function approve(
  draft: Draft,
  session: ConsensusSession,
  request: UpdateRequest | undefined,
  record: ProposalRecord,
): Promise<void> {
  const change = request === undefined ? undefined : await changeOf(draft, request, isSelfLeave(session.proposal));
  if (change === undefined) {
    count(draft, 'InvalidConversationUpdateRequest');
    return;
  }
  // Even when the member was quicker and left: it is the group's decision that counts when it asks to come back.
  if (change.kind === 'remove' && !change.selfLeave) rememberVotedOut(draft, change.memberId);
  if (isOutlived(draft, change, Number(session.epoch))) {
    count(draft, 'DecisionOutlived');
    return;
  }
  if (isSatisfied(draft, change) || isQueued(draft.state.queues.approved, change)) {
    count(draft, 'AlreadyApproved');
    return;
  }
  if (isRevoked(draft, change)) {
    count(draft, 'InviteRevoked');
    return;
  }
  const certificate = certificateOf(session);
  const entry: ApprovedEntry = {
    proposalId: session.proposalId,
    change,
    votedIn: Number(session.epoch),
    epoch: epochOf(draft.state),
    record,
    certificate: certificate === undefined ? undefined : encodeProposal(certificate),
    evidence: evidenceOfSession(session),
  };
  draft.state.queues = { ...draft.state.queues, approved: [...draft.state.queues.approved, entry] };
}

/**
 * A decision that only its certificate told us: it is decided for us too, once. False when it changes nothing any more.
 */
export function learnDecision(draft: Draft, entry: ApprovedEntry): boolean {
  const { change, record, proposalId } = entry;
  if (!noteProvenDecision(draft, entry)) return false;
  if (change.kind === 'remove' && !change.selfLeave) rememberVotedOut(draft, change.memberId);
  if (isSatisfied(draft, change) || isOutlived(draft, change, entry.votedIn) || isRevoked(draft, change)) return false;
  if (isQueued(draft.state.queues.approved, change)) return false;
  draft.state.queues = { ...draft.state.queues, approved: [...draft.state.queues.approved, entry] };
  const isUrgent = record.violation === 'SCORE_BELOW_THRESHOLD';
  if (isUrgent) markUrgent(draft, change.memberId);
  cancelAutomaticVote(draft, proposalId);
  return true;
}

/** The journal's line and the record of a decision that was proven to us; false when we knew it. */
export function noteProvenDecision(draft: Draft, { proposalId, record }: ApprovedEntry): boolean {
  const { queues } = draft.state;
  if (queues.resolved.includes(proposalId) && queues.approved.some((entry) => entry.proposalId === proposalId))
    return false;
  if (!queues.resolved.includes(proposalId)) {
    draft.state.queues = { ...queues, resolved: [...queues.resolved, proposalId].slice(-MAX_RESOLVED_PROPOSALS) };
  }
  plugins(draft).consensus.forget(proposalId);
  recordProposal(draft, 'decided', record);
  note(draft, {
    kind: 'decided',
    ...detailsOfVote(record),
    outcome: 'accepted',
    rule: record.selfLeave ? 'selfLeave' : 'votes',
  });
  return true;
}

/** The change that a request asks for; undefined when it asks for none. */
export async function changeOf(
  draft: Draft,
  request: UpdateRequest,
  selfLeave: boolean,
): Promise<ApprovedChange | undefined> {
  switch (request.kind) {
    case 'addMember': {
      const reference = await referenceOf(draft, request.keyPackage);
      if (reference === undefined) return undefined;
      const { memberId, keyPackage, mac, displayName } = request;
      return { kind: 'add', memberId, keyPackage, reference, mac, displayName };
    }
    case 'removeMember':
      return { kind: 'remove', memberId: request.memberId, selfLeave };
    case 'emergency':
      // Of all emergencies only the one that the score asks for changes who is a member (§11.3).
      return request.violation === 'SCORE_BELOW_THRESHOLD' && request.target !== undefined
        ? { kind: 'remove', memberId: request.target, selfLeave: false }
        : undefined;
    case 'stewardElection':
      return undefined;
  }
}

/** Whether the group is already as the change wants it (H-25). */
export function isSatisfied(draft: Draft, change: ApprovedChange): boolean {
  return change.kind === 'remove'
    ? !isMember(draft, change.memberId)
    : draft.state.roster.usedKeyPackages.includes(hexOf(change.reference));
}

/**
 * Whether the group changed under a decision: the target of a removal came in after the vote began, or whoever was to come in
 * (again) went since. Without this the rule's YES on a re-join, in time before a removal, would undo the removal.
 */
export function isOutlived(draft: Draft, { kind, memberId }: ApprovedChange, votedIn: number): boolean {
  const { joins, departures } = draft.state.roster;
  return kind === 'remove'
    ? joins.some((join) => join.memberId === memberId && join.memberSince > votedIn)
    : departures.some((departure) => departure.memberId === memberId && departure.epoch > votedIn);
}

/** A join of that person is never automatic again (architecture 4). */
export function rememberVotedOut(draft: Draft, memberId: MemberId): void {
  const { queues } = draft.state;
  const votedOut = [...queues.votedOut.filter((other) => other !== memberId), memberId].slice(-MAX_VOTED_OUT);
  draft.state.queues = { ...queues, votedOut };
}

/**
 * A join that only its link decided, and the link was made useless since, by a reset or because somebody left (H-33): the joiner
 * may find its inviter gone. What people decided stands.
 */
export function isRevoked(draft: Draft, change: ApprovedChange): boolean {
  const { invite } = draft.state;
  if (change.kind === 'remove' || invite === undefined || !isRevocable(draft, change)) return false;
  return !inviteMacVerifies(invite.secret, change.keyPackage, change.mac);
}

/** Whether a join rests on its link alone. */
export function isRevocable(draft: Draft, { kind, memberId }: ApprovedChange): boolean {
  const { rules, queues } = draft.state;
  // A member's wish for its own place needs no link.
  if (kind === 'remove' || !rules.settings.membersMayInvite || isMember(draft, memberId)) return false;
  return !queues.votedOut.includes(memberId);
}

/**
 * One entry of a change is enough (H-25). Two key packages of one joiner are two changes: which vote ends first differs between
 * members, and each of them has to know the other's commit.
 */
function isQueued(approved: readonly ApprovedEntry[], change: ApprovedChange): boolean {
  return approved.some(
    (entry) =>
      entry.change.kind === change.kind &&
      entry.change.memberId === change.memberId &&
      (entry.change.kind === 'remove' ||
        change.kind === 'remove' ||
        hexOf(entry.change.reference) === hexOf(change.reference)),
  );
}
