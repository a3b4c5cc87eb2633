/**
 * When nobody is left to commit: a group whose members all leave ends for each of them by itself, and who is alone cannot be
 * voted out (H-23).
 */
import { count, type Draft } from './draft.ts';
import { note } from './records.ts';
import { members } from './roster.ts';

/** Ends the conversation when everybody in it wants to leave; true then. */
export function endWhenAllLeave(draft: Draft): boolean {
  const { queues } = draft.state;
  if (queues.approved.length === 0) return false;
  const present = members(draft);
  const leaving = new Set(
    queues.approved.flatMap(({ change }) => (change.kind === 'remove' && change.selfLeave ? [change.memberId] : [])),
  );
  if (present.every((memberId) => leaving.has(memberId))) {
    draft.ended = 'left';
    note(draft, { kind: 'left', target: draft.self, actor: draft.self, cause: 'left', rule: 'selfLeave' });
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
