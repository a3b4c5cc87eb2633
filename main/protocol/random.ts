/**
 * The type of the randomness that is handed in, so that a simulation replays from one seed.
 * Must not know where the bytes come from.
 */

/** Returns `length` fresh unpredictable bytes; never the same buffer twice. */
export type Random = (length: number) => Uint8Array;
