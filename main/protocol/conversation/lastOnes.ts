/**
 * When nobody is left to commit: a group whose members all leave ends for each of them by itself, and who is alone cannot be
 * voted out (H-23).
 */
import { LEAVE_PATIENCE_MS } from '../../../shared/limits.ts';
import { count, type Draft } from './draft.ts';
import { note } from './records.ts';
import { members } from './roster.ts';

/** Lifetimes of a wish to leave in which somebody must have heard it. */
const LEAVE_LIFETIMES = 2;

/** Whether nobody carried out our wish to leave in so long that nobody can be there any more. */
export function isUnheard(draft: Draft): boolean {
  const { queues, rules } = draft.state;
  const patience = Math.max(LEAVE_LIFETIMES * rules.settings.proposalExpirationMs, LEAVE_PATIENCE_MS);
  // The lifetime of a proposal is counted in whole seconds.
  return queues.leavingSince !== undefined && draft.now + 1_000 >= queues.leavingSince + patience;
}

/** Leaving has an end, also where the others are gone for good: whoever comes back later finds our wish, or votes. */
export function leaveUnheard(draft: Draft): void {
  draft.ended = 'left';
  note(draft, { kind: 'left', target: draft.self, actor: draft.self, cause: 'left', rule: 'selfLeave' });
}

/** Ends the conversation when everybody in it wants to leave; true then. */
export function endWhenAllLeave(draft: Draft): boolean {
  const { queues } = draft.state;
  if (queues.approved.length === 0) return false;
  const present = members(draft);
  const leaving = new Set(
    queues.approved.flatMap(({ change }) => (change.kind === 'remove' && change.selfLeave ? [change.memberId] : [])),
  );
  if (present.every((memberId) => leaving.has(memberId))) {
    leaveUnheard(draft);
    return true;
  }
  if (present.length === 1) {
    const approved = queues.approved.filter(({ change }) => change.kind !== 'remove');
    if (approved.length !== queues.approved.length) {
      count(draft, 'RemovalOfLastMember');
      draft.state.queues = { ...queues, approved };
    }
  }
  return false;
}
