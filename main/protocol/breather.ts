/**
 * How long work lets the event loop turn in between. A group of a hundred people means hundreds of signatures in one step, and
 * nothing else may stand still for as long as they take. It changes when things happen, never what: whoever calls serialises.
 */

/**
 * Asked between two costly operations. A promise to wait for when the loop was held for long enough, nothing otherwise. Handed in;
 * absent where time must not matter, so that a simulation replays.
 */
export type Breather = () => Promise<void> | undefined;

/** Never waits. */
export const NO_BREATHER: Breather = () => undefined;
