/**
 * An author whose messages somebody does not acknowledge asks for it: the acknowledgement may be lost, or the message, and
 * nothing after it shows the gap. Knows when and whom, not how.
 */
import { ASK_AFTER_MS, ASK_PAUSE_MS, ASK_SOON_MS, MAX_ASKED_MEMBERS, MAX_ASKS } from '../../../../shared/limits.ts';
import type { MemberId } from '../../../../shared/model/ids.ts';
import type { Draft } from '../draft.ts';
import { epochOf } from '../roster.ts';
import { wasSaid } from './own.ts';
import type { ChatPart, OwnMessage } from './state.ts';

/** Whose acknowledgement a message waits for, those excepted who said that they lack it. */
const silentOn = ({ outstanding, lacking }: OwnMessage): readonly MemberId[] =>
  outstanding.filter((memberId) => !lacking.includes(memberId));

function note(draft: Draft, asked: ChatPart['asked']): void {
  draft.state.chat = { ...draft.state.chat, asked };
}

/** When we ask; undefined when there is nothing to ask, or it was asked often enough. */
export function askDueAt(draft: Draft): number | undefined {
  const { asked } = draft.state.chat;
  if (asked.times >= MAX_ASKS) return undefined;
  const oldest = draft.state.own.find(
    (message) => wasSaid(message) && !message.waiting && silentOn(message).length > 0,
  );
  if (oldest === undefined) return undefined;
  return Math.max(oldest.said.at + ASK_AFTER_MS, asked.nextAt);
}

/** Whom we ask now; asking is noted. */
export function askedNow(draft: Draft): readonly MemberId[] {
  const dueAt = askDueAt(draft);
  if (dueAt === undefined || dueAt > draft.now) return [];
  const { asked } = draft.state.chat;
  const times = asked.times + 1;
  note(draft, { times, nextAt: draft.now + ASK_AFTER_MS * 4 ** times });
  const silent = new Set(draft.state.own.filter(wasSaid).flatMap(silentOn));
  return [...silent].slice(0, MAX_ASKED_MEMBERS);
}

/** Somebody came back and caught up: what it acknowledges now may answer much. */
export function askSoon(draft: Draft): void {
  const { times, nextAt } = draft.state.chat.asked;
  const isScheduled = times === 0 && nextAt > draft.now;
  if (isScheduled || !draft.state.own.some(wasSaid)) return;
  const last = times === 0 ? 0 : nextAt - ASK_AFTER_MS * 4 ** times;
  note(draft, { times: 0, nextAt: Math.max(draft.now + ASK_SOON_MS, last + ASK_PAUSE_MS) });
}

/** After a commit: somebody came in again who has not acknowledged something, and does not even know that it was said. */
export function askWhoCameAgain(draft: Draft): void {
  const { own, roster } = draft.state;
  const epoch = epochOf(draft.state);
  const came = roster.joins.filter((join) => join.epoch === epoch).map(({ memberId }) => memberId);
  if (own.some((message) => wasSaid(message) && silentOn(message).some((memberId) => came.includes(memberId))))
    askSoon(draft);
}

/** Everybody has everything: the next silence is a new one. */
export function stopAsking(draft: Draft): void {
  const { times } = draft.state.chat.asked;
  if (times > 0 && !draft.state.own.some(wasSaid)) note(draft, { times: 0, nextAt: 0 });
}
