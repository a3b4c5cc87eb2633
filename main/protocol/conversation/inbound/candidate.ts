/**
 * Commit candidates of others (§14.3, H-7, H-26): authenticated on a copy before they mean anything, stashed when their
 * approval is still on its way, buffered when they may win.
 */
import { MAX_MEMBERS } from '../../../../shared/limits.ts';
import type { MemberId } from '../../../../shared/model/ids.ts';
import { entriesFor, judgeActions } from '../../freeze/actions.ts';
import type { RemoteRoundCandidate } from '../../freeze/round.ts';
import { memberIdFromBytes } from '../../identity/index.ts';
import type { CommitAction, Staged } from '../../mls/contract.ts';
import type { ScoreEventKind } from '../../peer-scoring/contract.ts';
import { decodeAppMessage, type CommitCandidate } from '../../wire/index.ts';
import { provenBy } from '../certificates.ts';
import { count, hashOf, type Draft } from '../draft.ts';
import { emitProgress, enterFreezing } from '../freezing.ts';
import { leadership } from '../leadership.ts';
import { epochOf } from '../roster.ts';
import { isUrgentRemoval } from '../emergencies.ts';
import type { NoOpReason } from '../reasons.ts';
import type { ApprovedEntry } from '../state.ts';
import { adoptMandates } from '../mandates.ts';
import { refuseWelcomeOf } from '../refusedWelcomes.ts';
import { observe } from '../scores.ts';
import { followGroup, groupApplied, isOverElsewhere } from './attested.ts';
import { park } from './parking.ts';
import { claimedEpoch } from './peek.ts';

/** Faulty commits of this epoch that were held against their committers. */
const MAX_BLAMED = 64;

/** One candidate as received; `packet` are its bytes. */
export async function receiveCandidate(draft: Draft, candidate: CommitCandidate, packet: Uint8Array): Promise<void> {
  const claimed = checkShape(draft, candidate);
  if (claimed === undefined) return;
  const epoch = claimedEpoch(candidate.commitMessage);
  if (epoch !== undefined && epoch > draft.state.group.epoch) {
    park(draft, 'app_msg', packet);
    return;
  }
  if (epoch !== draft.state.group.epoch) {
    count(draft, 'StaleEpoch');
    return;
  }
  const hash = hashOf(candidate.commitMessage);
  if (isKnown(draft, hash, packet)) return;
  const staged = await draft.context.mls.stageCandidate(
    draft.state.group,
    { proposals: candidate.mlsProposals, commit: candidate.commitMessage },
    draft.now,
  );
  if (staged.kind === 'aborted') {
    // Nobody is scored: whoever it claims to be from did not sign it (W-7).
    count(draft, 'CandidateNotAuthentic');
    return;
  }
  await judge(draft, { candidate, packet, hash, claimed, staged });
}

/** §14.3 checks 3 to 5; the claimed steward, or undefined after counting why not. */
function checkShape(draft: Draft, candidate: CommitCandidate): MemberId | undefined {
  const claimed = claimedSteward(candidate.stewardIdentity);
  const refusal = shapeRefusal(draft, candidate, claimed);
  if (refusal === undefined) return claimed;
  count(draft, refusal);
  return undefined;
}

function shapeRefusal(draft: Draft, candidate: CommitCandidate, claimed: MemberId | undefined): NoOpReason | undefined {
  const { mls } = draft.context;
  const name = new TextDecoder().decode(candidate.conversationName);
  if (name !== draft.state.conversationId) return 'OtherConversation';
  if (candidate.mlsProposals.length === 0 || candidate.commitMessage.length === 0) return 'EmptyCandidatePayload';
  if (claimed === undefined) return 'EmptyStewardIdentity';
  if (candidate.mlsProposals.some((proposal) => mls.inspectKind(proposal) !== 'proposal')) return 'WireKindMismatch';
  return mls.inspectKind(candidate.commitMessage) === 'commit' ? undefined : 'WireKindMismatch';
}

function claimedSteward(identity: Uint8Array): MemberId | undefined {
  try {
    return memberIdFromBytes(identity);
  } catch {
    // Empty, or of another length than a member id.
    return undefined;
  }
}

function isKnown(draft: Draft, hash: string, packet: Uint8Array): boolean {
  const { queues, round, stash } = draft.state;
  if (queues.committed.includes(hash)) {
    count(draft, 'AlreadyCommitted');
    return true;
  }
  if (round?.candidates.some((other) => other.hash === hash) === true) {
    count(draft, 'DuplicateBufferedHash');
    return true;
  }
  // The same commit in another packet may carry the certificates that somebody stripped from the first.
  const packetHash = hashOf(packet);
  if (stash.some((other) => hashOf(other.packet) === packetHash)) {
    count(draft, 'CandidateStashedEarly');
    return true;
  }
  return false;
}

interface Authenticated {
  readonly candidate: CommitCandidate;
  readonly packet: Uint8Array;
  readonly hash: string;
  readonly claimed: MemberId;
  readonly staged: Staged & { readonly kind: 'staged' };
}

/** §14.5 for a candidate that MLS verified: whatever is wrong with it now is its committer's doing. */
async function judge(draft: Draft, { candidate, packet, hash, claimed, staged }: Authenticated): Promise<void> {
  const { committer, actions } = staged;
  if (claimed !== committer) {
    // MLS vouches for the commit, not for the name beside it, which anybody on the way may have written (W-7, W-8).
    count(draft, 'StewardIdentityForged');
    return;
  }
  if (staged.proposalSenders.some((sender) => sender !== committer)) {
    blame(draft, committer, hash, 'BrokenCommit', 'ForeignProposals');
    return;
  }
  if (readmitsUs(draft, actions)) {
    // It takes our old leaf out and brings a fresh one of ours in: what leads on is its welcome, or another wish (H-17).
    count(draft, 'OwnRejoin');
    refuseWelcomeOf(draft, committer, hash);
    return;
  }
  const isGroups = groupApplied(draft, hash);
  if (!isGroups && dropEquivocation(draft, committer, hash)) return;
  await adoptMandates(draft, candidate.certificates);
  const proven = await provenBy(draft, candidate.certificates, actions);
  const authentic: RemoteRoundCandidate = {
    kind: 'remote',
    hash,
    committer,
    proposals: candidate.mlsProposals.map((proposal) => proposal.slice()),
    commit: candidate.commitMessage.slice(),
    actions,
    selfRemoved: staged.selfRemoved,
    next: staged.next,
    proven,
  };
  if (isGroups) {
    if (!(await followGroup(draft, authentic))) await buffer(draft, authentic);
    return;
  }
  // Whoever is to go, or to be let in again, stands back for others (H-23).
  const provenRemovals = proven.map(({ change }) => change.memberId).filter((memberId) => memberId !== committer);
  if (!leadership(draft, provenRemovals).mayCommit(committer)) {
    // Nobody is scored: the proof of its right may have been stripped on the way, or an approval that makes it a stand-in be
    // still on its way to us.
    count(draft, 'CommitterNotAuthorised');
    stash(draft, committer, packet, hash);
    return;
  }
  // Before the sync we know no approvals: the member that let us in vouches for them (H-17).
  const isVouched = draft.state.sync.awaiting !== undefined;
  const { queues, round } = draft.state;
  const approved = [...queues.approved, ...(round?.approvedAtStart ?? []), ...(queues.lapsed ?? []), ...proven];
  const verdict = judgeActions(
    actions,
    approved.map(({ change }) => change),
  );
  if (verdict.kind === 'broken') {
    blame(draft, committer, hash, 'BrokenMlsProposal', verdict.reason);
    return;
  }
  if (verdict.kind === 'unknown' && !isVouched) {
    count(draft, verdict.reason);
    stash(draft, committer, packet, hash);
    return;
  }
  if (omitsUrgent(draft, actions, proven)) {
    count(draft, 'UrgentRemovalMissing');
    return;
  }
  // An approval may grow stale in our queue, by a reset of the link for example, while the commit that relies on it is chosen.
  const justified = { ...authentic, proven: entriesFor(actions, approved) };
  if (isOverElsewhere(draft, hash) && (await followGroup(draft, justified))) return;
  await buffer(draft, justified);
}

/**
 * Whether a commit lets us in again, as we asked. Perhaps by a key package that we have replaced or forgotten since: nobody voted us out,
 * and only our device can have made it.
 */
const readmitsUs = (draft: Draft, actions: readonly CommitAction[]): boolean =>
  actions.some(({ kind, memberId }) => kind === 'add' && memberId === draft.self);

/** H-26: while a removal is urgent and approved here, a commit without it, or another that is as urgent, does not count. */
function omitsUrgent(draft: Draft, actions: readonly CommitAction[], proven: readonly ApprovedEntry[]): boolean {
  const { emergencies, queues } = draft.state;
  const removes = (entry: ApprovedEntry): boolean =>
    actions.some(({ kind, memberId }) => kind === 'remove' && memberId === entry.change.memberId);
  const isApproved = queues.approved.some(
    ({ change }) => change.kind === 'remove' && change.memberId === emergencies.urgent,
  );
  return (
    isApproved && ![...queues.approved, ...proven].some((entry) => isUrgentRemoval(draft, entry) && removes(entry))
  );
}

/** Scores an authenticated fault, once for each commit, however often somebody repeats the packet. */
function blame(draft: Draft, committer: MemberId, hash: string, event: ScoreEventKind, reason: NoOpReason): void {
  count(draft, reason);
  const { phase } = draft.state;
  if (phase.blamed.includes(hash)) return;
  draft.state.phase = { ...phase, blamed: [...phase.blamed, hash].slice(-MAX_BLAMED) };
  observe(draft, [{ memberId: committer, event }]);
}

/** A second, different candidate of one committer: both go, and the round takes no third (H-7). */
function dropEquivocation(draft: Draft, committer: MemberId, hash: string): boolean {
  const { round, stash: stashed } = draft.state;
  if (round === undefined) return false;
  if (round.equivocators.includes(committer)) {
    count(draft, 'EquivocatingCandidate');
    return true;
  }
  if (!round.candidates.some((other) => other.committer === committer && other.hash !== hash)) return false;
  draft.state.round = {
    ...round,
    candidates: round.candidates.filter((other) => other.committer !== committer),
    equivocators: [...round.equivocators, committer],
  };
  draft.state.stash = stashed.filter((other) => other.committer !== committer);
  blame(draft, committer, hash, 'MisbehavingCommit', 'EquivocatingCandidate');
  return true;
}

/** It may be approved a moment later: the commit overtook the votes. One of each member, of this epoch only. */
function stash(draft: Draft, committer: MemberId, packet: Uint8Array, hash: string): void {
  const others = draft.state.stash.filter((other) => other.committer !== committer).slice(1 - MAX_MEMBERS);
  draft.state.stash = [...others, { epoch: epochOf(draft.state), committer, packet: packet.slice(), hash }];
}

/** Rows 8, 22, 23. */
async function buffer(draft: Draft, candidate: RemoteRoundCandidate): Promise<void> {
  const { phase } = draft.state.phase;
  if (phase === 'working') await enterFreezing(draft, 'candidateArrived');
  else if (phase === 'reelection') await enterFreezing(draft, 'candidateInReelection');
  const { round } = draft.state;
  if (round === undefined) return;
  draft.state.round = { ...round, candidates: [...round.candidates, candidate] };
  emitProgress(draft);
}

/** The same, once enough members say that they applied one of them. */
export async function replayAttested(draft: Draft): Promise<void> {
  if (draft.state.stash.some(({ hash }) => groupApplied(draft, hash))) await replayStash(draft);
}

/** Tries the stashed candidates of this epoch again, after an outcome. */
export async function replayStash(draft: Draft): Promise<void> {
  const { stash: stashed } = draft.state;
  if (stashed.length === 0) return;
  draft.state.stash = [];
  for (const { epoch, packet } of stashed) {
    if (epoch !== epochOf(draft.state)) continue;
    const { payload } = decodeAppMessage(packet);
    if (payload.case === 'commitCandidate') await receiveCandidate(draft, payload.value, packet);
  }
}
