/**
 * Cuts a stream of bytes into lines of a bounded length. A line that is too long is reported once and skipped up to the
 * next line break, from where everything goes on. Knows nothing of what stands in a line.
 */
import { MAX_RPC_LINE_BYTES } from '../../shared/limits.ts';

export type Line = { readonly kind: 'line'; readonly bytes: Uint8Array } | { readonly kind: 'tooLong' };

export interface LineSplitter {
  /** The lines that end within this chunk, and the news of one that grew too long in it. */
  push(chunk: Uint8Array): Generator<Line, void, void>;
  /** What stands after the last line break, once no more will come. */
  end(): Line | undefined;
}

const NEWLINE = 0x0a;

export function createLineSplitter(limit: number = MAX_RPC_LINE_BYTES): LineSplitter {
  let parts: Uint8Array[] = [];
  let length = 0;
  let skipping = false;

  const add = (bytes: Uint8Array): void => {
    if (bytes.length === 0) return;
    parts.push(bytes);
    length += bytes.length;
  };
  const takeLine = (): Line => {
    const bytes = Buffer.concat(parts, length);
    parts = [];
    length = 0;
    return { kind: 'line', bytes };
  };
  const giveUp = (): Line => {
    parts = [];
    length = 0;
    skipping = true;
    return { kind: 'tooLong' };
  };

  return {
    *push(chunk) {
      let rest = chunk;
      while (rest.length > 0) {
        const found = rest.indexOf(NEWLINE);
        const piece = found < 0 ? rest : rest.subarray(0, found);
        rest = found < 0 ? rest.subarray(rest.length) : rest.subarray(found + 1);
        if (!skipping && length + piece.length > limit) yield giveUp();
        else if (!skipping) add(piece);
        if (found < 0) return;
        if (!skipping) yield takeLine();
        skipping = false;
      }
    },
    end() {
      return length > 0 && !skipping ? takeLine() : undefined;
    },
  };
}
