/** Scores of members: who is scored, and every change with a line in the journal (§15.3, §15.4). Knows no reason for an event. */
import type { ScoreOp } from '../peer-scoring/contract.ts';
import { plugins, type Draft } from './draft.ts';
import { note } from './records.ts';
import { members } from './roster.ts';

/** Applies observed events in order. */
export function applyScores(draft: Draft, ops: readonly ScoreOp[]): void {
  const { scoring } = plugins(draft);
  for (const op of ops) {
    const before = scoring.scoreFor(op.memberId);
    scoring.applyOp(op);
    const after = scoring.scoreFor(op.memberId);
    if (before === undefined || after === undefined || before === after) continue;
    note(draft, {
      kind: 'scored',
      target: op.memberId,
      score: Number(after),
      delta: Number(after - before),
      scoreEvent: op.event,
    });
  }
}

/** New members get the default score, departed ones are forgotten. §15.3 */
export function syncScoredMembers(draft: Draft): void {
  const { scoring } = plugins(draft);
  const present = members(draft);
  for (const memberId of present) if (scoring.scoreFor(memberId) === undefined) scoring.addMember(memberId);
  for (const [memberId] of scoring.allMembersWithScores()) {
    if (!present.includes(memberId)) scoring.removeMember(memberId);
  }
}
