/**
 * Applying the candidate that won, and everything that follows a commit (§14.6): scores, roster, welcome with sync, list,
 * buffer, invite secret, and the lines that people read. Knows no ranking.
 */
import { MAX_COMMITTED_HASHES } from '../../../shared/limits.ts';
import type { GovernanceEntry } from '../../../shared/api/model.ts';
import type { MemberId } from '../../../shared/model/ids.ts';
import { entriesFor } from '../freeze/actions.ts';
import { ranksBefore } from '../freeze/ranking.ts';
import type { RoundCandidate } from '../freeze/round.ts';
import type { CommitAction, MlsGroup } from '../mls/contract.ts';
import type { ScoreOp } from '../peer-scoring/contract.ts';
import { rememberApplied } from './appliedCommits.ts';
import { attest, isAttested, isWidelyFollowed } from './attestations.ts';
import { scheduleBeacon } from './beacons.ts';
import { isOutlived, isSatisfied, noteProvenDecision, rememberVotedOut } from './decisions.ts';
import { count, emit, encryptMessage, governance, hexOf, plugins, publish, type Draft } from './draft.ts';
import { showElection } from './decisionNotices.ts';
import { extendJournal } from './groupJournal.ts';
import { compareWithEarlier, settleFork } from './forks.ts';
import { graceFor } from './forkGrace.ts';
import { adoptInvite, deriveInviteSecret } from './invite.ts';
import { rotation } from './leadership.ts';
import { logCommit, logEpoch, logHeardWelcomes } from './packetLog.ts';
import { sweepPendingUpdates } from './pendingUpdates.ts';
import { mandatesFor } from './mandates.ts';
import { isCensoring, wasDue } from './omissions.ts';
import { decidingRule, detailsOfVote, note, systemMessage } from './records.ts';
import { epochOf, learnName, members, rememberKeyPackage, rememberPastRoster } from './roster.ts';
import { closeRecovery } from './recovery.ts';
import { observe, syncScoredMembers } from './scores.ts';
import type { ApprovedEntry } from './state.ts';
import { renewStewards } from './stewards.ts';
import { buildSync } from './sync.ts';
import { transition } from './transitions.ts';
import { publishWelcome } from './welcomes.ts';

const MINUTE_MS = 60_000;
/** Departures that are remembered: as many as a full group has members. */
const MAX_DEPARTURES = 256;

/** Applies a candidate; false when it does not apply after all, and the next one may try. */
export async function applyCandidate(
  draft: Draft,
  candidate: RoundCandidate,
  ranked: readonly RoundCandidate[],
  epochSteward: MemberId | undefined,
): Promise<boolean> {
  const entries = entriesOf(draft, candidate);
  if (candidate.kind === 'remote' && candidate.selfRemoved) {
    leaveByCommit(draft, candidate, entries);
    return true;
  }
  const next = candidate.kind === 'own' ? candidate.next : await nextOf(draft, candidate);
  if (next === undefined) {
    count(draft, 'CandidateNotApplied');
    return false;
  }
  const before = members(draft);
  const grace = graceFor(draft);
  const mandates = mandatesFor(draft);
  const outranks = outrankedBy(draft, candidate, ranked);
  rememberPastRoster(draft);
  draft.state.group = draft.context.mls.merge(draft.state.group, next, draft.now);
  draft.state.grace = grace;
  draft.state.sent = [];
  const last = draft.state.applied.at(-1);
  const applied = rememberApplied(draft, {
    candidate,
    entries,
    mandates,
    roster: before,
    // Whoever goes back does so for a better one.
    outranks: [...outranks, ...(grace?.abandoned === undefined ? [] : [grace.abandoned])],
  });
  const { epoch, hash } = applied;
  attest(draft, epoch, hash);
  // Nobody will say any more of the one before.
  if (last?.epoch === epoch - 1) logCommit(draft, last);
  logCommit(draft, applied);
  logEpoch(draft);
  scheduleBeacon(draft);
  await afterCommit(draft, { candidate, ranked, epochSteward, entries, before });
  compareWithEarlier(draft, epoch);
  settleFork(
    draft,
    (memberId) => !candidate.actions.some((action) => action.kind === 'add' && action.memberId === memberId),
  );
  return true;
}

/** The other candidates of the round that rank behind this one, whichever of them were known to be applied by others. */
function outrankedBy(draft: Draft, candidate: RoundCandidate, ranked: readonly RoundCandidate[]): readonly string[] {
  const turns = rotation(draft);
  return ranked.flatMap((other) => (other !== candidate && ranksBefore(candidate, other, turns) ? [other.hash] : []));
}

async function nextOf(draft: Draft, candidate: RoundCandidate & { kind: 'remote' }): Promise<MlsGroup | undefined> {
  if (candidate.next !== undefined) return candidate.next;
  const staged = await draft.context.mls.stageCandidate(draft.state.group, candidate, draft.now);
  return staged.kind === 'staged' ? staged.next : undefined;
}

/** What we know of the votes behind each action. */
function entriesOf(draft: Draft, candidate: RoundCandidate): readonly ApprovedEntry[] {
  const proven = candidate.kind === 'remote' ? candidate.proven : [];
  const atStart = draft.state.round?.approvedAtStart ?? [];
  const known = [...draft.state.queues.approved, ...atStart, ...proven];
  return entriesFor(candidate.actions, known);
}

/** The commit removes us: we end, and say so last (§8.5). */
function leaveByCommit(draft: Draft, candidate: RoundCandidate, entries: readonly ApprovedEntry[]): void {
  const entry = entries.find(({ change }) => change.kind === 'remove' && change.memberId === draft.self);
  const isOwnWish = entry?.change.kind === 'remove' && entry.change.selfLeave;
  draft.ended = isOwnWish ? 'left' : 'removed';
  const line = note(draft, {
    kind: 'left',
    ...(entry === undefined ? {} : { ...detailsOfVote(entry.record), outcome: 'accepted', rule: decidingRule(entry) }),
    target: draft.self,
    actor: candidate.committer,
    cause: draft.ended,
    commitHash: candidate.hash,
  });
  systemMessage(draft, candidate.committer, line);
}

interface Applied {
  readonly candidate: RoundCandidate;
  readonly ranked: readonly RoundCandidate[];
  /** Live epoch steward of the epoch that ended. */
  readonly epochSteward: MemberId | undefined;
  readonly entries: readonly ApprovedEntry[];
  /** Members before the commit. */
  readonly before: readonly MemberId[];
}

async function afterCommit(draft: Draft, applied: Applied): Promise<void> {
  const { candidate, entries } = applied;
  const present = members(draft);
  const added = candidate.actions.filter((action) => action.kind === 'add');
  const removed = candidate.actions.filter(({ kind, memberId }) => kind === 'remove' && !present.includes(memberId));
  extendJournal(draft, candidate, entries, applied.before);
  settleQueues(draft, candidate, entries);
  const ops = scoreOps(draft, applied);
  draft.state.round = undefined;
  draft.state.stash = [];
  observe(draft, ops);
  const recovered = closeRecovery(draft);
  draft.state.phase = { ...draft.state.phase, censured: [], blamed: [], stalls: 0, forced: false };
  draft.state.mandate = {
    election: draft.state.mandate.election,
    deadlock: undefined,
    // 13.3: those who should have committed did not; the group chooses again.
    recoveredIn: recovered ? epochOf(draft.state) : undefined,
  };
  admitMembers(draft, applied, added);
  logHeardWelcomes(draft);
  forgetMembers(
    draft,
    removed.map(({ memberId }) => memberId),
    entries,
  );
  noteCommit(
    draft,
    applied,
    added.map(({ memberId }) => memberId),
    removed.map(({ memberId }) => memberId),
  );
  syncScoredMembers(draft);
  if (removed.length > 0) adoptInvite(draft, await deriveInviteSecret(draft.context, draft.state));
  sweepPendingUpdates(draft);
  dropDoneWork(draft);
  plugins(draft).stewardList.resetRetry();
  renewStewards(draft);
  if (candidate.kind === 'own') await welcomeJoiners(draft, candidate, added, entries);
  // Whoever let them in may not have known who was elected meanwhile, and told them of the list before.
  else if (added.length > 0) showElection(draft);
  transition(draft, 'candidateApplied');
}

/** The winner's entries are done, its hash is remembered; what it left out stays queued (H-26). */
function settleQueues(draft: Draft, candidate: RoundCandidate, entries: readonly ApprovedEntry[]): void {
  const { queues } = draft.state;
  const done = new Set(entries.map(({ proposalId }) => proposalId));
  draft.state.queues = {
    ...queues,
    committed: [...queues.committed, candidate.hash].slice(-MAX_COMMITTED_HASHES),
    lapsed: undefined,
    approved: queues.approved.filter(({ proposalId }) => !done.has(proposalId)),
  };
  // A decision that only its certificate told us is decided for us too, once.
  const proven = candidate.kind === 'remote' ? candidate.proven.filter(({ proposalId }) => done.has(proposalId)) : [];
  for (const entry of proven) {
    if (!draft.state.queues.resolved.includes(entry.proposalId)) noteProvenDecision(draft, entry);
  }
}

/** Work that the new epoch made pointless (H-25). */
function dropDoneWork(draft: Draft): void {
  const { queues } = draft.state;
  const approved = queues.approved.filter(
    ({ change, votedIn }) => !isSatisfied(draft, change) && !isOutlived(draft, change, votedIn),
  );
  if (approved.length !== queues.approved.length) draft.state.queues = { ...queues, approved };
}

/**
 * §14.6.2; the epoch steward is blamed for silence only when it offered nothing, and the committer when it left out the same twice
 * (H-26).
 */
function scoreOps(draft: Draft, { candidate, ranked, epochSteward, entries }: Applied): readonly ScoreOp[] {
  const ops: ScoreOp[] = [{ memberId: candidate.committer, event: 'SuccessfulCommit' }];
  const offered = new Set(ranked.map(({ committer }) => committer));
  const { censured } = draft.state.phase;
  const isSilent = epochSteward !== undefined && epochSteward !== draft.self && !offered.has(epochSteward);
  if (isSilent && !censured.includes(epochSteward) && wasItsTurn(draft, epochSteward, entries)) {
    ops.push({ memberId: epochSteward, event: 'CensorshipInactivity' });
  }
  if (isCensoring(draft, candidate, entries) && !censured.includes(candidate.committer)) {
    ops.push({ memberId: candidate.committer, event: 'CensorshipInactivity' });
  }
  for (const other of ranked) {
    if (other !== candidate) ops.push({ memberId: other.committer, event: 'HonestCommitAttempt' });
  }
  return ops;
}

/**
 * Whether the epoch steward had its time for one of these changes: whoever commits at once, with votes that have not reached it, does
 * not cost it anything. Nobody carries out its own re-join.
 */
function wasItsTurn(draft: Draft, epochSteward: MemberId, entries: readonly ApprovedEntry[]): boolean {
  const isRecovery = draft.state.phase.mode === 'recovery' || plugins(draft).stewardList.retryCounter() > 0;
  return entries.some((entry) => entry.change.memberId !== epochSteward && (isRecovery || wasDue(draft, entry)));
}

function admitMembers(draft: Draft, { candidate, entries, before }: Applied, added: readonly CommitAction[]): void {
  for (const action of added) {
    if (action.kind !== 'add') continue;
    const { memberId } = action;
    rememberKeyPackage(draft, hexOf(action.keyPackageReference));
    const { roster } = draft.state;
    const epoch = epochOf(draft.state);
    const memberSince = before.includes(memberId)
      ? (roster.joins.find((other) => other.memberId === memberId)?.memberSince ?? 0)
      : epoch;
    const join = {
      memberId,
      epoch,
      memberSince,
      keyPackageFrom: action.notBeforeSeconds,
      at: draft.now,
      committer: candidate.committer,
    };
    draft.state.roster = { ...roster, joins: [...roster.joins.filter((other) => other.memberId !== memberId), join] };
    const entry = entries.find(({ change }) => change.kind === 'add' && change.memberId === memberId);
    if (entry?.change.kind === 'add') learnName(draft, memberId, entry.change.displayName);
  }
}

function forgetMembers(draft: Draft, removed: readonly MemberId[], entries: readonly ApprovedEntry[]): void {
  for (const memberId of removed) {
    // H-20: its self-leave id becomes usable again.
    plugins(draft).consensus.forgetMember(memberId);
    const entry = entries.find(({ change }) => change.kind === 'remove' && change.memberId === memberId);
    const isOwnWish = entry?.change.kind === 'remove' && entry.change.selfLeave;
    if (!isOwnWish) rememberVotedOut(draft, memberId);
    const { queues, roster } = draft.state;
    draft.state.queues = {
      ...queues,
      resolved: isOwnWish ? queues.resolved.filter((proposalId) => proposalId !== entry.proposalId) : queues.resolved,
    };
    const departure = { memberId, epoch: epochOf(draft.state) };
    draft.state.roster = {
      ...roster,
      joins: roster.joins.filter((join) => join.memberId !== memberId),
      names: roster.names.filter(([named]) => named !== memberId),
      departures: [...roster.departures.filter((other) => other.memberId !== memberId), departure].slice(
        -MAX_DEPARTURES,
      ),
    };
  }
}

/** The journal, the lines in the chat and the event of a commit. */
function noteCommit(draft: Draft, applied: Applied, added: readonly MemberId[], removed: readonly MemberId[]): void {
  const { candidate, entries } = applied;
  const epoch = epochOf(draft.state);
  note(draft, { kind: 'committed', actor: candidate.committer, commitHash: candidate.hash });
  const isGroups =
    isAttested(draft, epoch, candidate.hash, applied.before) ||
    isWidelyFollowed(draft, epoch, candidate.hash, applied.before);
  const unprovenRule: Partial<GovernanceEntry> = isGroups ? { rule: 'attested', evidence: false } : {};
  const tell = (kind: 'joined' | 'left', memberId: MemberId): void => {
    const entry = entries.find(
      ({ change }) => change.memberId === memberId && change.kind === (kind === 'joined' ? 'add' : 'remove'),
    );
    const line: Omit<GovernanceEntry, 'at' | 'epoch'> = {
      kind,
      ...(entry === undefined
        ? unprovenRule
        : {
            ...detailsOfVote(entry.record),
            outcome: 'accepted',
            rule: decidingRule(entry),
            evidence: draft.state.journal.head !== undefined,
          }),
      target: memberId,
      actor: candidate.committer,
      commitHash: candidate.hash,
      ...(kind === 'left'
        ? { cause: entry?.change.kind === 'remove' && entry.change.selfLeave ? 'left' : 'removed' }
        : {}),
    };
    systemMessage(draft, candidate.committer, note(draft, line));
  };
  for (const memberId of removed) tell('left', memberId);
  for (const memberId of added) tell('joined', memberId);
  emit(draft, {
    kind: 'CommitApplied',
    epoch,
    changes: [
      ...removed.map((memberId) => ({ kind: 'removed' as const, memberId })),
      ...added.map((memberId) => ({ kind: 'added' as const, memberId })),
    ],
  });
}

/** Only now, and only by the winner: the welcome with the sync inside, then the sync for everybody (§14.6.4). */
async function welcomeJoiners(
  draft: Draft,
  candidate: RoundCandidate & { kind: 'own' },
  added: readonly CommitAction[],
  entries: readonly ApprovedEntry[],
): Promise<void> {
  const message = buildSync(draft, entries);
  if (candidate.welcome === undefined || message === undefined) return;
  const sync = await encryptMessage(draft, message);
  const references = added.flatMap((action) => (action.kind === 'add' ? [hexOf(action.keyPackageReference)] : []));
  publishWelcome(draft, candidate.welcome, sync, references);
  publish(draft, { subtopic: 'app_msg', payload: sync, subject: governance, expiresAt: draft.now + MINUTE_MS });
}
