/**
 * Our own messages, from when they are written until everybody who was there when they were said, and still is, has them
 * (architecture 5). They wait as plain text until it makes sense to encrypt them. Knows who lacks what, not how it is said.
 */
import { MAX_OWN_KEPT, MAX_OWN_KEPT_BYTES, MAX_QUEUED_MESSAGES, RUN_BYTES } from '../../../../shared/limits.ts';
import { utf8Length } from '../../../../shared/api/common.ts';
import type { MemberId, MessageId } from '../../../../shared/model/ids.ts';
import { hexOf, type Draft } from '../draft.ts';
import { ProtocolError } from '../errors.ts';
import { members } from '../roster.ts';
import { stamp } from './clock.ts';
import type { ChatPart, OwnMessage } from './state.ts';

export interface Written {
  readonly messageId: MessageId;
  readonly text: string;
  readonly replyTo: MessageId | undefined;
}

export const wasSaid = ({ said }: OwnMessage): boolean => said.times > 0;

/** A message that was just written. Throws ProtocolError TooMuchQueued. */
export function writeOwn(draft: Draft, written: Written): OwnMessage {
  const { own } = draft.state;
  if (own.filter((message) => !wasSaid(message)).length >= MAX_QUEUED_MESSAGES)
    throw new ProtocolError('TooMuchQueued');
  const sentAt = stamp(draft);
  const { chat } = draft.state;
  const number = chat.sequence + 1;
  const run = chat.run === '' ? hexOf(draft.context.random(RUN_BYTES)) : chat.run;
  draft.state.chat = { ...chat, run, sequence: number };
  const message: OwnMessage = {
    ...written,
    number,
    sentAt,
    waiting: true,
    said: { epoch: 0, at: 0, times: 0 },
    outstanding: [],
    deliveredTo: [],
    expected: members(draft).length - 1,
    lacking: [],
    lackingSince: 0,
  };
  draft.state.own = [...own, message];
  return message;
}

/** Where the numbers of an epoch begin: whoever comes in at it is not told of those before. */
export function baseAt({ state }: Draft, epoch: number): ChatPart['base'] {
  const { base, said } = state.chat;
  return base.epoch === epoch ? base : { epoch, number: said };
}

/** Changes some of our messages: those that nobody is waited for any more are done. */
export function changeOwn(draft: Draft, change: (message: OwnMessage) => OwnMessage): void {
  const changed = draft.state.own.map((before) => {
    const after = change(before);
    return after === before ? before : told(draft, before, after);
  });
  if (changed.every((message, index) => message === draft.state.own[index])) return;
  draft.state.own = withinBounds(changed.filter((message) => !isDone(message)));
}

const isDone = (message: OwnMessage): boolean => wasSaid(message) && message.outstanding.length === 0;

/** Tells people who has a message when that changed. */
function told(draft: Draft, before: OwnMessage, after: OwnMessage): OwnMessage {
  if (!wasSaid(after)) return after;
  const { messageId, deliveredTo, outstanding } = after;
  const expected = deliveredTo.length + outstanding.length;
  if (expected === before.expected && deliveredTo === before.deliveredTo) return after;
  draft.effects.push({ kind: 'delivery', messageId, deliveredTo, expected });
  return { ...after, expected };
}

/** The oldest that were said give way: they stay sent, and are not followed any more. */
function withinBounds(own: readonly OwnMessage[]): readonly OwnMessage[] {
  let number = own.length;
  let bytes = own.reduce((sum, { text }) => sum + utf8Length(text), 0);
  if (number <= MAX_OWN_KEPT && bytes <= MAX_OWN_KEPT_BYTES) return own;
  return own.filter((message) => {
    const fits = number <= MAX_OWN_KEPT && bytes <= MAX_OWN_KEPT_BYTES;
    if (fits || !wasSaid(message)) return true;
    number -= 1;
    bytes -= utf8Length(message.text);
    return false;
  });
}

/** Nobody waits for who is no member any more. */
export function forgetGoneMembers(draft: Draft): void {
  const present = new Set(members(draft));
  changeOwn(draft, (message) => {
    if (message.outstanding.every((memberId) => present.has(memberId))) return message;
    const there = (memberId: MemberId): boolean => present.has(memberId);
    const lacking = message.lacking.filter(there);
    return { ...message, outstanding: message.outstanding.filter(there), lacking };
  });
}

/** What was said in an epoch after `epoch`, which was given up, is said again in the one that came instead (H-27). */
export function sayAgainSince(draft: Draft, epoch: number): void {
  changeOwn(draft, (message) =>
    wasSaid(message) && message.said.epoch > epoch ? { ...message, waiting: true } : message,
  );
}

/** We came in again: what anybody may lack is said in the new epoch. H-17 */
export function sayAllAgain(draft: Draft): void {
  changeOwn(draft, (message) => (message.waiting ? message : { ...message, waiting: true }));
}
