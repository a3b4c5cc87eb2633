/**
 * Sending a commit again that we applied, with everything that justifies it, for whoever missed it or follows another (H-28).
 * One answer for all: members wait by rank and are silent when somebody else was quicker. Knows nothing of who asked.
 */
import { MAX_CANDIDATE_PROPOSALS, REBROADCAST_PAUSE_MS, REBROADCAST_STEP_MS } from '../../../shared/limits.ts';
import type { CommitCandidate } from '../wire/index.ts';
import { appliedAt } from './appliedCommits.ts';
import { attestationsOf } from './attestations.ts';
import { encodeCandidate } from './candidatePacket.ts';
import { governance, publish, type Draft } from './draft.ts';
import { members } from './roster.ts';
import type { ForksPart } from './forkState.ts';
import type { AppliedCommit } from './state.ts';

const MINUTE_MS = 60_000;
/** Later ranks wait no longer than this many steps: in a large group the first few are enough. */
const LONGEST_RANK = 20;

type Answer = ForksPart['answers'][number];

/** Somebody needs the commit that led to `epoch`. */
export function scheduleAnswer(draft: Draft, epoch: number): void {
  const applied = appliedAt(draft, epoch);
  if (applied === undefined) return;
  const { forks } = draft.state;
  const known = forks.answers.find((answer) => answer.epoch === epoch);
  if (known !== undefined && (known.dueAt !== undefined || draft.now < known.answeredAt + REBROADCAST_PAUSE_MS)) return;
  const answer: Answer = {
    epoch,
    dueAt: draft.now + rankFor(draft, applied) * REBROADCAST_STEP_MS,
    answeredAt: known?.answeredAt ?? 0,
    // Asked again although somebody answered: that was no help, or no answer at all.
    insists: known?.byOther === true,
    byOther: false,
  };
  setAnswer(draft, answer);
}

function setAnswer(draft: Draft, answer: Answer): void {
  const { forks } = draft.state;
  const others = forks.answers.filter(({ epoch }) => epoch !== answer.epoch && appliedAt(draft, epoch) !== undefined);
  draft.state.forks = { ...forks, answers: [...others, answer] };
}

/** The committer first, then the others as they follow it in the tree. */
function rankFor(draft: Draft, { committer }: AppliedCommit): number {
  const present = members(draft);
  const start = Math.max(0, present.indexOf(committer));
  const own = present.indexOf(draft.self);
  return Math.min(LONGEST_RANK, (own - start + present.length) % present.length);
}

export function nextAnswerAt(draft: Draft): number | undefined {
  const due = draft.state.forks.answers.flatMap(({ dueAt }) => dueAt ?? []);
  return due.length === 0 ? undefined : Math.min(...due);
}

export async function answerDue(draft: Draft): Promise<void> {
  for (const answer of draft.state.forks.answers) {
    if (answer.dueAt === undefined || answer.dueAt > draft.now) continue;
    setAnswer(draft, { ...answer, dueAt: undefined, answeredAt: draft.now, byOther: false });
    const applied = appliedAt(draft, answer.epoch);
    if (applied === undefined) continue;
    publish(draft, {
      subtopic: 'app_msg',
      payload: commitPacketOf(draft, applied),
      subject: governance,
      expiresAt: draft.now + MINUTE_MS,
    });
  }
}

/** As it travelled, with certificates and attestations as far as they fit. */
export const commitPacketOf = (draft: Draft, applied: AppliedCommit): Uint8Array =>
  encodeCandidate(draft, {
    ...applied,
    attestations: attestationsOf(draft, applied.epoch).filter(({ hash }) => hash === applied.hash),
  });

/** Somebody sent a commit that was asked for: when it says as much as we would, we need not. */
export function noteAnswer(draft: Draft, epoch: number, candidate: CommitCandidate): void {
  const applied = appliedAt(draft, epoch);
  const known = draft.state.forks.answers.find((answer) => answer.epoch === epoch);
  if (applied === undefined || known === undefined || known.insists || !isComplete(draft, applied, candidate)) return;
  setAnswer(draft, { epoch, dueAt: undefined, answeredAt: draft.now, insists: false, byOther: true });
}

/** Signatures of one wallet over one text are equal bytes, so that looking is enough. */
function isComplete(draft: Draft, applied: AppliedCommit, { certificates, attestations }: CommitCandidate): boolean {
  const ours = attestationsOf(draft, applied.epoch).filter(({ hash }) => hash === applied.hash);
  const theirs = new Set(attestations.map(({ signature }) => Buffer.from(signature).toString('hex')));
  const missing = ours.filter(({ signature }) => !theirs.has(Buffer.from(signature).toString('hex')));
  // Ours is among them once somebody heard our beacon; one or two that only we heard make no difference.
  return missing.length <= 1 && certificates.length >= Math.min(MAX_CANDIDATE_PROPOSALS, applied.certificates.length);
}
