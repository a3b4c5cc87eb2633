/**
 * What goes wrong on the way: copies that are lost, doubled, late or damaged, people who are cut off or slow. Knows packets as
 * bytes and devices as numbers.
 */
import type { Dice } from './chance.ts';

export type Storm = 'drop' | 'duplicate' | 'reorder' | 'delay' | 'corrupt';

/** A copy of a packet on its way to one receiver. */
export interface Copy {
  readonly delayMs: number;
  readonly payload: Uint8Array;
  /** Made by a storm: no gossip layer knows that it came before. */
  readonly isFault: boolean;
}

const JITTER_MS = 25;
const REORDER_MS = 2_000;
const DUPLICATE_AFTER_MS = 8_000;
const DELAY_MS = { least: 3_000, most: 30_000 };

export class Weather {
  readonly #dice: Dice;
  /** Share of the copies that each storm hits now. */
  readonly #storms = new Map<Storm, number>();
  /** The part of the network that somebody is in; nobody named is in part 0. */
  #parts: readonly (readonly number[])[] = [];
  readonly #slow = new Map<number, number>();
  readonly counts: Record<string, number> = {};

  constructor(dice: Dice) {
    this.#dice = dice;
  }

  set(storm: Storm, share: number): void {
    if (share === 0) this.#storms.delete(storm);
    else this.#storms.set(storm, share);
  }

  /** Extra ms of every packet that this device sends or gets. */
  slow(index: number, delayMs: number): void {
    if (delayMs === 0) this.#slow.delete(index);
    else this.#slow.set(index, delayMs);
  }

  partition(parts: readonly (readonly number[])[]): void {
    this.#parts = parts;
  }

  clear(): void {
    this.#storms.clear();
    this.#slow.clear();
    this.#parts = [];
  }

  together(left: number, right: number): boolean {
    const partOf = (index: number): number => this.#parts.findIndex((part) => part.includes(index));
    return this.#parts.length === 0 || partOf(left) === partOf(right);
  }

  #hits(storm: Storm): boolean {
    const share = this.#storms.get(storm);
    if (share === undefined || !this.#dice.chance(share)) return false;
    this.counts[storm] = (this.counts[storm] ?? 0) + 1;
    return true;
  }

  copies(from: number, to: number, payload: Uint8Array): readonly Copy[] {
    const base = this.#dice.whole(0, JITTER_MS) + (this.#slow.get(from) ?? 0) + (this.#slow.get(to) ?? 0);
    const copies: Copy[] = [];
    if (!this.#hits('drop')) {
      const reordered = this.#hits('reorder') ? this.#dice.whole(0, REORDER_MS) : 0;
      const delayed = this.#hits('delay') ? this.#dice.whole(DELAY_MS.least, DELAY_MS.most) : 0;
      copies.push({ delayMs: base + reordered + delayed, payload, isFault: false });
    }
    if (this.#hits('duplicate'))
      copies.push({ delayMs: base + this.#dice.whole(0, DUPLICATE_AFTER_MS), payload, isFault: true });
    if (this.#hits('corrupt'))
      copies.push({ delayMs: base + this.#dice.whole(0, REORDER_MS), payload: this.#damaged(payload), isFault: true });
    return copies;
  }

  #damaged(payload: Uint8Array): Uint8Array {
    const bytes = payload.slice(0, this.#dice.chance(0.2) ? this.#dice.whole(0, payload.length) : payload.length);
    const at = this.#dice.whole(0, bytes.length - 1);
    if (bytes.length > 0) bytes[at] = (bytes[at] ?? 0) ^ (1 << this.#dice.whole(0, 7));
    return bytes;
  }
}
