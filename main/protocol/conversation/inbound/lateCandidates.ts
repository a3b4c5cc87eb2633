/**
 * Candidates for the epoch that we just left (H-27): judged by the state from before our commit, and followed when they rank
 * strictly before what we applied. Until they are approved there they wait, as they do in their own time.
 */
import { ranksBefore } from '../../freeze/ranking.ts';
import { openRound } from '../../freeze/round.ts';
import { decodeAppMessage, type CommitCandidate } from '../../wire/index.ts';
import { appliedAt, noteOutranked } from '../appliedCommits.ts';
import { learnAttestations } from '../attestations.ts';
import { beginDraft, count, hashOf, savedState, type Draft } from '../draft.ts';
import { rotation } from '../leadership.ts';
import { compareWithEarlier } from '../forks.ts';
import { noteAnswer } from '../rebroadcast.ts';
import { epochOf, members } from '../roster.ts';
import { rollBack } from '../rollback.ts';
import type { ActiveState, ForkGrace } from '../state.ts';
import { receiveCandidate } from './candidate.ts';
import { claimedEpoch } from './peek.ts';

/** A candidate for whichever epoch it claims. */
export async function receiveOffered(draft: Draft, candidate: CommitCandidate, packet: Uint8Array): Promise<void> {
  const { grace } = draft.state;
  const epoch = claimedEpoch(candidate.commitMessage);
  if (epoch !== undefined && epoch <= draft.state.group.epoch) noteRepeated(draft, Number(epoch) + 1, candidate);
  if (grace !== undefined && epoch === BigInt(grace.epoch)) await receiveLate(draft, grace, candidate, packet);
  else await receiveCandidate(draft, candidate, packet);
}

/** The word of those who applied a commit; one that we applied ourselves is an answer to somebody. */
function noteRepeated(draft: Draft, epoch: number, candidate: CommitCandidate): void {
  const applied = appliedAt(draft, epoch);
  const roster = epoch > epochOf(draft.state) ? members(draft) : applied?.roster;
  if (roster === undefined) return;
  const hash = hashOf(candidate.commitMessage);
  learnAttestations(draft, epoch, hash, candidate.attestations, roster);
  if (applied === undefined) return;
  compareWithEarlier(draft, epoch);
  if (hash === applied.hash) noteAnswer(draft, epoch, candidate);
}

async function receiveLate(
  draft: Draft,
  grace: ForkGrace,
  candidate: CommitCandidate,
  packet: Uint8Array,
): Promise<void> {
  const hash = hashOf(candidate.commitMessage);
  const applied = appliedAt(draft, grace.epoch + 1);
  if (applied === undefined || applied.hash === hash) {
    count(draft, 'AlreadyCommitted');
    return;
  }
  if (grace.abandoned !== undefined) {
    count(draft, 'RollbackSpent');
    return;
  }
  const past = beginDraft(draft.context, asOfNow(grace.before, draft.state), draft.now);
  await receiveCandidate(past, candidate, packet);
  const judged = past.state.round?.candidates.find((other) => other.hash === hash);
  if (judged?.kind !== 'remote') {
    // Not approved there yet, or refused.
    draft.state.grace = { ...grace, before: { ...grace.before, stash: past.state.stash } };
    count(draft, 'LateCandidateRefused');
    return;
  }
  if (!ranksBefore(judged, applied, rotation(past))) {
    count(draft, 'CandidateRanksBehind');
    noteOutranked(draft, applied.epoch, hash);
    return;
  }
  // With what its certificates proved about who may commit.
  draft.effects.push(...past.effects.filter(({ kind }) => kind === 'journal'));
  const before = { ...savedState(past), round: grace.before.round, volatile: grace.before.volatile };
  await rollBack(draft, { ...grace, before }, judged);
}

/**
 * The state before, knowing what was approved since: a vote may have ended a moment after the commit. One that began after it asked
 * the members of the epoch that is given up.
 */
function asOfNow(before: ActiveState, now: ActiveState): ActiveState {
  const { approved } = before.queues;
  const since = now.queues.approved.filter(
    (entry) => entry.votedIn <= epochOf(before) && !approved.some(({ proposalId }) => proposalId === entry.proposalId),
  );
  const { attested } = now;
  const queues = { ...before.queues, approved: [...approved, ...since] };
  // A commit that we followed because the group had chosen it left no round behind in which others could be weighed against it.
  const round = before.round ?? openRound(epochOf(before), queues.approved);
  return { ...before, attested, queues, round };
}

/** Tries those again that wait, after an outcome. */
export async function replayLate(draft: Draft): Promise<void> {
  const { grace } = draft.state;
  if (grace === undefined || grace.before.stash.length === 0) return;
  const waiting = grace.before.stash;
  draft.state.grace = { ...grace, before: { ...grace.before, stash: [] } };
  for (const { packet } of waiting) {
    const { payload } = decodeAppMessage(packet);
    if (payload.case === 'commitCandidate') await receiveOffered(draft, payload.value, packet);
  }
}
