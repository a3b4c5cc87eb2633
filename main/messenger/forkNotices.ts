/**
 * What a person reads when members see different groups, and when that is over. Words only; must not know how a fork is healed.
 */
import type { MemberId } from '../../shared/model/ids.ts';
import { shortMemberId, type NameOf } from './names.ts';

/** Names in one notice; a longer list says nothing more. */
const MAX_NAMES = 3;

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });

export function forkNotice(members: readonly MemberId[], since: number, nameOf: NameOf): string {
  const names = members.slice(0, MAX_NAMES).map((memberId) => nameOf(memberId) ?? shortMemberId(memberId));
  const others = members.length - names.length;
  const all = others > 0 ? [...names, `${others} more`] : names;
  const last = all.at(-1) ?? 'others';
  const first = ['You', ...all.slice(0, -1)].join(', ');
  return `${first} and ${last} do not see the same group since ${clock.format(since)}. Repairing.`;
}

export const healedNotice = 'Repaired. Nothing was lost.';

export const rejoiningNotice = 'The group went on without you. Conclave asks to come in again.';

export const rejoinedNotice = 'You are in the group again. What was written in the meantime did not reach you.';
