/**
 * The part of a conversation's messages that the page holds: a bounded, gapless stretch, oldest first. Pages are added
 * above and given up below while a person scrolls back, and the other way round; a late message is put where it belongs. Pure;
 * knows no store and no bridge.
 */
import type { Message } from '../../shared/api/model.ts';
import type { MessageId } from '../../shared/model/ids.ts';
import { compareMessages } from '../../shared/model/messageOrder.ts';

/** Messages read at a time: two screens. */
export const PAGE_SIZE = 50;
/** Messages held at most: enough for smooth scrolling, few enough for steady memory. */
export const WINDOW_SIZE = 300;
/** Where the list's numbering begins: it counts down as older messages are put above. */
const FIRST_INDEX = 1_000_000_000;

/** A stretch that was given up below the window: how to read it again. */
interface Chunk {
  readonly first: Message;
  /** The message right after the stretch; undefined when the stretch reaches to the newest. */
  readonly before: MessageId | undefined;
  readonly count: number;
}

export interface MessageWindow {
  readonly messages: readonly Message[];
  /** The list's number of `messages[0]`; stays with its message when others are put above or given up. */
  readonly firstIndex: number;
  /** Nothing older exists. */
  readonly reachedStart: boolean;
  /** What lies below, the nearest stretch last; empty when the newest message is in the window. */
  readonly below: readonly Chunk[];
  /** Messages that came in while the newest was not in the window. */
  readonly arrivedBelow: number;
}

/** A window on the newest page; `page` is newest first, as the API lists it. */
export function openWindow(page: readonly Message[]): MessageWindow {
  return {
    messages: [...page].reverse(),
    firstIndex: FIRST_INDEX,
    reachedStart: page.length < PAGE_SIZE,
    below: [],
    arrivedBelow: 0,
  };
}

export const showsNewest = (window: MessageWindow): boolean => window.below.length === 0;

/** Puts an older page above; what no longer fits is given up below. */
export function putAbove(window: MessageWindow, page: readonly Message[]): MessageWindow {
  const known = new Set(window.messages.map((message) => message.messageId));
  const older = [...page].reverse().filter((message) => !known.has(message.messageId));
  const messages = [...older, ...window.messages];
  const kept = messages.slice(0, WINDOW_SIZE);
  const given = messages.slice(WINDOW_SIZE);
  const first = given[0];
  return {
    messages: kept,
    firstIndex: window.firstIndex - older.length,
    reachedStart: page.length < PAGE_SIZE,
    below:
      first === undefined
        ? window.below
        : [...window.below, { first, before: window.below.at(-1)?.first.messageId, count: given.length }],
    arrivedBelow: window.arrivedBelow,
  };
}

/** How to read the stretch right below; undefined when there is none. */
export function nextBelow(
  window: MessageWindow,
): { readonly before: MessageId | undefined; readonly limit: number } | undefined {
  const chunk = window.below.at(-1);
  if (chunk === undefined) return undefined;
  return { before: chunk.before, limit: chunk.count + (chunk.before === undefined ? window.arrivedBelow : 0) };
}

/** Puts the stretch right below back; a page that does not join on means that the window begins anew at the newest. */
export function putBelow(window: MessageWindow, page: readonly Message[]): MessageWindow | undefined {
  const chunk = window.below.at(-1);
  const newer = [...page].reverse();
  if (chunk === undefined || newer[0]?.messageId !== chunk.first.messageId) return undefined;
  const known = new Set(newer.map((message) => message.messageId));
  const messages = [...window.messages.filter((message) => !known.has(message.messageId)), ...newer];
  return cutAbove({
    ...window,
    messages,
    below: window.below.slice(0, -1),
    arrivedBelow: chunk.before === undefined ? 0 : window.arrivedBelow,
  });
}

function cutAbove(window: MessageWindow): MessageWindow {
  const over = window.messages.length - WINDOW_SIZE;
  if (over <= 0) return window;
  return {
    ...window,
    messages: window.messages.slice(over),
    firstIndex: window.firstIndex + over,
    reachedStart: false,
  };
}

/** A message came in or was written. `following` tells that the person looks at the newest message. */
export function addMessage(window: MessageWindow, message: Message, following: boolean): MessageWindow {
  if (window.messages.some((held) => held.messageId === message.messageId)) return changeMessage(window, message);
  const last = window.messages.at(-1);
  if (last !== undefined && compareMessages(message, last) < 0) return insert(window, message);
  if (!showsNewest(window)) return countBelow(window, message);
  if (!following && window.messages.length >= WINDOW_SIZE)
    return { ...window, below: [{ first: message, before: undefined, count: 1 }] };
  return cutAbove({ ...window, messages: [...window.messages, message] });
}

/** A late message among those held; what stands below it keeps its number, as people read from the newest up. */
function insert(window: MessageWindow, message: Message): MessageWindow {
  const index = window.messages.findIndex((held) => compareMessages(message, held) < 0);
  // It comes with the page that it belongs to.
  if (index === 0 && !window.reachedStart) return window;
  const messages = window.messages.toSpliced(index, 0, message);
  return cutAbove({ ...window, messages, firstIndex: window.firstIndex - 1 });
}

/** A message that belongs to what was given up below. */
function countBelow(window: MessageWindow, message: Message): MessageWindow {
  const stretch = window.below.findIndex(({ first }) => compareMessages(message, first) > 0);
  const index = stretch < 0 ? window.below.length - 1 : stretch;
  const chunk = window.below[index];
  if (chunk === undefined) return window;
  // Before the nearest stretch: it begins with this message from now on.
  const first = stretch < 0 ? message : chunk.first;
  if (chunk.before === undefined && stretch >= 0) return { ...window, arrivedBelow: window.arrivedBelow + 1 };
  return { ...window, below: window.below.with(index, { ...chunk, first, count: chunk.count + 1 }) };
}

/** A message changed its state; one that is not held is none of our business. */
export function changeMessage(window: MessageWindow, message: Message): MessageWindow {
  const index = window.messages.findIndex((held) => held.messageId === message.messageId);
  return index < 0 ? window : { ...window, messages: window.messages.with(index, message) };
}

/** What is kept of a conversation that is no longer looked at: its newest page, or nothing when that is not held. */
export function shrink(window: MessageWindow): MessageWindow | undefined {
  if (!showsNewest(window)) return undefined;
  const over = Math.max(0, window.messages.length - PAGE_SIZE);
  return {
    ...window,
    messages: window.messages.slice(over),
    firstIndex: window.firstIndex + over,
    reachedStart: window.reachedStart && over === 0,
  };
}
