/**
 * The part of a conversation's messages that the page holds: a bounded, gapless stretch, oldest first. Pages are added
 * above and given up below while a person scrolls back, and the other way round; a late message is put where it belongs. Pure;
 * knows no store and no bridge.
 */
import type { Message } from '../../shared/api/model.ts';
import { compareMessages } from '../../shared/model/messageOrder.ts';

/** Messages read at a time: two screens. */
export const PAGE_SIZE = 50;
/** Messages kept when some are given up: enough for smooth scrolling, few enough for steady memory. */
export const WINDOW_SIZE = 300;
/** Messages held at most. */
export const MOST_HELD = 2 * WINDOW_SIZE;
/** Where the list's numbering begins: it counts down as older messages are put above. */
const FIRST_INDEX = 1_000_000_000;

export interface MessageWindow {
  readonly messages: readonly Message[];
  /** The list's number of `messages[0]`; stays with its message when others are put above or given up. */
  readonly firstIndex: number;
  /** Nothing older exists. */
  readonly reachedStart: boolean;
  /** Nothing newer exists: the newest message is in the window. */
  readonly reachedEnd: boolean;
  /** Messages that came in while the newest was not in the window, and are not in it. */
  readonly arrivedBelow: number;
  /** When the first of them came in; of no meaning when there is none. */
  readonly arrivedFrom: number;
}

/** A window on the newest page; `page` is newest first, as the API lists it. */
export function openWindow(page: readonly Message[]): MessageWindow {
  return {
    messages: [...page].reverse(),
    firstIndex: FIRST_INDEX,
    reachedStart: page.length < PAGE_SIZE,
    reachedEnd: true,
    arrivedBelow: 0,
    arrivedFrom: 0,
  };
}

/** A window on the messages around one of them. What lies beyond is found out by reading on. */
export function openAround(page: readonly Message[]): MessageWindow {
  return { ...openWindow(page), reachedStart: false, reachedEnd: false };
}

/** Puts an older page above; what no longer fits is given up below. */
export function putAbove(window: MessageWindow, page: readonly Message[]): MessageWindow {
  const known = new Set(window.messages.map((message) => message.messageId));
  const older = [...page].reverse().filter((message) => !known.has(message.messageId));
  const messages = [...older, ...window.messages];
  const isTooMuch = messages.length > MOST_HELD;
  return {
    ...window,
    messages: isTooMuch ? messages.slice(0, WINDOW_SIZE) : messages,
    firstIndex: window.firstIndex - older.length,
    reachedStart: page.length < PAGE_SIZE,
    reachedEnd: window.reachedEnd && !isTooMuch,
  };
}

/** Puts the page right after the last message below; what no longer fits is given up above. */
export function putBelow(window: MessageWindow, page: readonly Message[]): MessageWindow {
  const known = new Set(window.messages.map((message) => message.messageId));
  const newer = [...page].reverse().filter((message) => !known.has(message.messageId));
  const reachedEnd = page.length < PAGE_SIZE;
  // What lay below before they came does not make them fewer.
  const arrived = newer.filter(({ receivedAt }) => receivedAt >= window.arrivedFrom).length;
  return cutAbove({
    ...window,
    messages: [...window.messages, ...newer],
    reachedEnd,
    arrivedBelow: reachedEnd ? 0 : Math.max(0, window.arrivedBelow - arrived),
  });
}

/** Seldom and much at once: a list that loses a line above for each that comes below never finds its place. */
function cutAbove(window: MessageWindow): MessageWindow {
  if (window.messages.length <= MOST_HELD) return window;
  const over = window.messages.length - WINDOW_SIZE;
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
  if (!window.reachedEnd || (!following && window.messages.length >= MOST_HELD)) return countBelow(window, message);
  return cutAbove({ ...window, messages: [...window.messages, message] });
}

const countBelow = (window: MessageWindow, { receivedAt }: Message): MessageWindow => ({
  ...window,
  reachedEnd: false,
  arrivedBelow: window.arrivedBelow + 1,
  arrivedFrom: window.arrivedBelow === 0 ? receivedAt : Math.min(window.arrivedFrom, receivedAt),
});

/** A late message among those held; what stands below it keeps its number, as people read from the newest up. */
function insert(window: MessageWindow, message: Message): MessageWindow {
  const index = window.messages.findIndex((held) => compareMessages(message, held) < 0);
  // It comes with the page that it belongs to.
  if (index === 0 && !window.reachedStart) return window;
  const messages = window.messages.toSpliced(index, 0, message);
  return cutAbove({ ...window, messages, firstIndex: window.firstIndex - 1 });
}

/** A message changed its state; one that is not held is none of our business. */
export function changeMessage(window: MessageWindow, message: Message): MessageWindow {
  const index = window.messages.findIndex((held) => held.messageId === message.messageId);
  return index < 0 ? window : { ...window, messages: window.messages.with(index, message) };
}

/** What is kept of a conversation that is no longer looked at: its newest page, or nothing when that is not held. */
export function shrink(window: MessageWindow): MessageWindow | undefined {
  if (!window.reachedEnd) return undefined;
  const over = Math.max(0, window.messages.length - PAGE_SIZE);
  return {
    ...window,
    messages: window.messages.slice(over),
    firstIndex: window.firstIndex + over,
    reachedStart: window.reachedStart && over === 0,
  };
}
