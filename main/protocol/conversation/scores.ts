/** Scores of members: who is scored, and every change with a line in the journal (§15.3, §15.4). Knows no reason for an event. */
import { MAX_OBSERVATIONS } from '../../../shared/limits.ts';
import type { MemberId } from '../../../shared/model/ids.ts';
import type { ScoreEventKind, ScoreOp } from '../peer-scoring/contract.ts';
import { plugins, type Draft } from './draft.ts';
import { note } from './records.ts';
import type { Violation } from './requests.ts';
import { epochOf, members } from './roster.ts';

/** The accusation that a fault of our own observation supports (H-9). */
const VIOLATION_OF: Readonly<Partial<Record<ScoreEventKind, Violation>>> = {
  BrokenCommit: 'BROKEN_COMMIT',
  BrokenMlsProposal: 'BROKEN_MLS_PROPOSAL',
  CensorshipInactivity: 'CENSORSHIP_INACTIVITY',
  MisbehavingCommit: 'MISBEHAVING_COMMIT',
};

/** Applies what we saw ourselves, and remembers it as evidence. §15.4, H-9 */
export function observe(draft: Draft, ops: readonly ScoreOp[]): void {
  for (const { memberId, event } of ops) {
    const violation = VIOLATION_OF[event];
    if (violation !== undefined) rememberFault(draft, memberId, violation);
  }
  applyScores(draft, ops);
}

function rememberFault(draft: Draft, memberId: MemberId, violation: Violation): void {
  const { emergencies } = draft.state;
  const epoch = epochOf(draft.state);
  const others = emergencies.observations.filter(
    (seen) => seen.epoch >= epoch - 1 && !(seen.memberId === memberId && seen.violation === violation),
  );
  const observations = [...others, { memberId, violation, epoch }].slice(-MAX_OBSERVATIONS);
  draft.state.emergencies = { ...emergencies, observations };
}

/** Applies events in order. */
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
    if (present.includes(memberId)) continue;
    scoring.removeMember(memberId);
    const { emergencies } = draft.state;
    const isGone = (other: { readonly memberId: MemberId }): boolean => other.memberId === memberId;
    draft.state.emergencies = {
      ...emergencies,
      urgent: emergencies.urgent === memberId ? nextUrgent(draft) : emergencies.urgent,
      observations: emergencies.observations.filter((seen) => !isGone(seen)),
      declined: emergencies.declined.filter((declined) => !isGone(declined)),
    };
  }
}

/** A second removal by score that waits is as urgent as the first was. */
function nextUrgent(draft: Draft): MemberId | undefined {
  const present = members(draft);
  return draft.state.queues.approved.find(
    ({ change, record }) =>
      change.kind === 'remove' && record.violation === 'SCORE_BELOW_THRESHOLD' && present.includes(change.memberId),
  )?.change.memberId;
}
