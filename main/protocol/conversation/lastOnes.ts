/**
 * When nobody is left to commit: a group whose members all leave ends for each of them by itself, and who is alone cannot be
 * voted out (H-23).
 */
import { LEAVE_PATIENCE_MS } from '../../../shared/limits.ts';
import { count, type Draft } from './draft.ts';
import { decidingRule, detailsOfVote, note, systemMessage } from './records.ts';
import { members } from './roster.ts';
import type { ApprovedEntry } from './state.ts';

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

/** The end of a group of which everybody goes: by its own wish, or as the group decided. */
function leaveWithAll(draft: Draft, own: ApprovedEntry | undefined): void {
  if (own?.change.kind !== 'remove' || own.change.selfLeave) {
    leaveUnheard(draft);
    return;
  }
  draft.ended = 'removed';
  const details = { ...detailsOfVote(own.record), outcome: 'accepted', rule: decidingRule(own) } as const;
  const line = note(draft, { kind: 'left', ...details, target: draft.self, actor: draft.self, cause: 'removed' });
  systemMessage(draft, draft.self, line);
}

/** Ends the conversation when everybody in it leaves or was voted out; true then. */
export function endWhenAllLeave(draft: Draft): boolean {
  const { queues } = draft.state;
  if (queues.approved.length === 0) return false;
  const present = members(draft);
  const removals = queues.approved.filter(({ change }) => change.kind === 'remove');
  // Who is voted out commits nothing either: of such a group nobody remains.
  if (present.every((memberId) => removals.some(({ change }) => change.memberId === memberId))) {
    leaveWithAll(
      draft,
      removals.find(({ change }) => change.memberId === draft.self),
    );
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
