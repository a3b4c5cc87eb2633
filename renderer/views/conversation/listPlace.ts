/**
 * Where somebody is in the list of messages: at its end and wanting to stay there, at a message that they asked for, on the line that has
 * the focus. Knows the list's handle, no message but by its id.
 */
import { useCallback, useEffect, useRef, useState, type RefObject } from 'react';
import type { ListRange, VirtuosoHandle } from 'react-virtuoso';
import type { MessageId } from '../../../shared/model/ids.ts';
import type { Thread } from '../../state/messages.ts';

type ReadyThread = Extract<Thread, { kind: 'ready' }>;

/** The list moves by itself, too, when lines above are given up: only so long after a hand moved it is it somebody's doing. */
const TOUCH_MS = 400;

/** Nearer to the end than this is at the end, in CSS pixels. */
export const AT_BOTTOM_PX = 48;

/**
 * Whether the newest message is in view, and whether somebody wants it to stay there: many that come at once push the end away for a
 * moment, but only who scrolls up turns away from it.
 */
export function useBottom(initially: boolean) {
  const [atBottom, setAtBottom] = useState(initially);
  const [follows, setFollows] = useState(initially);
  const [scroller, setScroller] = useState<HTMLElement | null>(null);
  // The list asks for it again whenever it is another function.
  const onScroller = useCallback((element: HTMLElement | Window | null): void => {
    if (!(element instanceof Window)) setScroller(element);
  }, []);
  useEffect(() => {
    if (scroller === null) return;
    let before = scroller.scrollTop;
    let touchedAt = -Infinity;
    const onTouch = (event: Event): void => {
      // Lines that move under a pointer that rests are no gesture.
      if (event.type !== 'pointermove' || (event instanceof PointerEvent && event.buttons !== 0))
        touchedAt = performance.now();
    };
    const onScroll = (): void => {
      const { scrollTop, scrollHeight, clientHeight } = scroller;
      const isSomebody = performance.now() - touchedAt < TOUCH_MS;
      if (isSomebody && scrollTop < before && scrollHeight - clientHeight - scrollTop > AT_BOTTOM_PX) setFollows(false);
      before = scrollTop;
    };
    const ending = new AbortController();
    const options = { passive: true, signal: ending.signal };
    for (const touch of ['wheel', 'touchmove', 'pointerdown', 'pointermove', 'keydown'])
      scroller.addEventListener(touch, onTouch, options);
    scroller.addEventListener('scroll', onScroll, options);
    return () => ending.abort();
  }, [scroller]);
  return {
    atBottom,
    follows,
    turnAway: () => setFollows(false),
    onAtBottom: (isAtBottom: boolean): void => {
      setAtBottom(isAtBottom);
      if (isAtBottom) setFollows(true);
    },
    onScroller,
  };
}

export const idOf = (target: EventTarget): string | undefined =>
  target instanceof HTMLElement ? target.dataset['messageId'] : undefined;

/** Where Tab enters the list: at the message that one was on, or else at the lowest that is shown. */
export function tabStopOf(
  { messages, firstIndex }: ReadyThread['window'],
  active: MessageId | undefined,
  range: ListRange | undefined,
): MessageId | undefined {
  const end = range === undefined ? messages.length - 1 : Math.min(range.endIndex - firstIndex, messages.length - 1);
  const start = range === undefined ? 0 : Math.max(0, range.startIndex - firstIndex);
  const isShown = messages.slice(start, end + 1).some(({ messageId }) => messageId === active);
  return isShown ? active : messages[end]?.messageId;
}

/** How often a list that follows looks for its end until it is there, ms. */
export const FOLLOW_MS = 200;

/** A second: longer than a list takes to find its place. */
const FOCUS_FRAMES = 60;

/** How long a message that one came to is pointed at, ms. */
const FOUND_MS = 2_500;

/**
 * A list that has just begun shows its lines some frames later, and takes the first ones away again. The function that is returned gives
 * up.
 */
function focusWhenShown(messageId: MessageId): () => void {
  const from = document.activeElement;
  let frame = 0;
  let left = FOCUS_FRAMES;
  const look = (): void => {
    const { activeElement } = document;
    const line = document.querySelector<HTMLElement>(`[data-message-id="${messageId}"]`);
    const isElsewhere = activeElement !== from && activeElement !== document.body && activeElement !== line;
    left -= 1;
    if (isElsewhere || left === 0) return;
    if (line !== activeElement) line?.focus({ preventScroll: true });
    frame = requestAnimationFrame(look);
  };
  look();
  return () => cancelAnimationFrame(frame);
}

/** Brings the message that somebody asked for into view and under the focus; the one that is pointed at for a moment. */
export function useFound(
  target: ReadyThread['goTo'],
  indexOf: ReadonlyMap<MessageId, number>,
  list: RefObject<VirtuosoHandle | null>,
  onArrive: () => void,
): MessageId | undefined {
  const [found, setFound] = useState<MessageId>();
  const present = useRef({ indexOf, onArrive });
  useEffect(() => {
    present.current = { indexOf, onArrive };
  });
  useEffect(() => {
    const index = target === undefined ? undefined : present.current.indexOf.get(target.messageId);
    if (target === undefined || index === undefined) return;
    const { messageId } = target;
    setFound(messageId);
    present.current.onArrive();
    list.current?.scrollToIndex({ index, align: 'center' });
    const stop = focusWhenShown(messageId);
    const timer = setTimeout(() => setFound(undefined), FOUND_MS);
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [target, list]);
  return found;
}
