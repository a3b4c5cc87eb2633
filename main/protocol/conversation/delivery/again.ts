/**
 * When an own message is said again (architecture 5): its epoch ended, or long passed, and nobody has it; or a member says that it
 * lacks it and others did not bring it. Ever less often, and a bounded number of times for who says that it lacks it.
 */
import {
  LACKING_PATIENCE_MS,
  MAX_RESAYS,
  OWN_MESSAGE_MS,
  RESAY_ENDED_MS,
  RESAY_LONGEST_MS,
  RESAY_SAME_MS,
  SAY_BATCH,
} from '../../../../shared/limits.ts';
import type { Draft } from '../draft.ts';
import { epochOf } from '../roster.ts';
import { changeOwn, wasSaid } from './own.ts';
import { isReachable } from './reach.ts';
import type { OwnMessage } from './state.ts';

/** When the next message is to be said again. */
export function againDueAt(draft: Draft): number | undefined {
  if (!isReachable(draft)) return undefined;
  const times = draft.state.own.flatMap((message) => dueAt(draft, message) ?? []);
  return times.length === 0 ? undefined : Math.min(...times);
}

function dueAt(draft: Draft, message: OwnMessage): number | undefined {
  const { said, waiting, deliveredTo, lacking, lackingSince } = message;
  if (waiting || !wasSaid(message)) return undefined;
  const pause = (first: number): number => Math.min(RESAY_LONGEST_MS, first * 4 ** (said.times - 1));
  if (lacking.length > 0) {
    if (said.times > MAX_RESAYS) return undefined;
    const asked = lackingSince + LACKING_PATIENCE_MS;
    // How often it was said to those who could not read it yet is no reason to wait.
    return cameSince(draft, message) ? asked : Math.max(asked, said.at + pause(RESAY_SAME_MS));
  }
  if (deliveredTo.length > 0) return undefined;
  if (said.epoch === epochOf(draft.state)) return said.at + pause(RESAY_SAME_MS);
  const ended = draft.state.roster.past.find(({ epoch }) => epoch === said.epoch)?.endedAt ?? said.at;
  return Math.max(said.at, ended) + pause(RESAY_ENDED_MS);
}

/** Whether somebody who lacks a message came in after the epoch in which it was said last. */
const cameSince = ({ state }: Draft, { lacking, said }: OwnMessage): boolean =>
  state.roster.joins.some(({ memberId, epoch }) => lacking.includes(memberId) && epoch > said.epoch);

/** What is due waits to be said; what is too old to be of use is let go. */
export async function markDue(draft: Draft): Promise<void> {
  let left = SAY_BATCH;
  const isDue = (message: OwnMessage): boolean => (dueAt(draft, message) ?? Infinity) <= draft.now;
  const isOld = ({ sentAt }: OwnMessage): boolean => sentAt + OWN_MESSAGE_MS < draft.now;
  draft.state.own = draft.state.own.filter((message) => !isDue(message) || !isOld(message));
  changeOwn(draft, (message) => {
    if (!isDue(message) || left === 0) return message;
    left -= 1;
    return { ...message, waiting: true };
  });
}
