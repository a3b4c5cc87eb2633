/**
 * Looks for damage in the write-ahead log that a crash left. SQLite takes any log that stops making sense for the end
 * of what was written, and would silently forget acknowledged transactions behind a flipped bit.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { damaged } from './sqliteErrors.ts';

// Layout: https://sqlite.org/fileformat2.html#the_write_ahead_log
const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
const BIG_ENDIAN_MAGIC = 0x377f0683;
const LITTLE_ENDIAN_MAGIC = 0x377f0682;

type Checksum = readonly [number, number];
/** 'torn' frames hold no sense, as the end of a log that a crash cut off does. */
type Frame = 'torn' | 'page' | 'commit';

/**
 * Throws StorageError 'damaged' when acknowledged transactions lie behind a place that cannot be read. What cannot be
 * told from a write that a crash cut off, damage to the very last transactions, passes.
 */
export function inspectJournal(file: string): void {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'r');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return;
    throw error;
  }
  try {
    const size = fstatSync(descriptor).size;
    const header = Buffer.alloc(HEADER_BYTES);
    if (readSync(descriptor, header, 0, HEADER_BYTES, 0) < HEADER_BYTES) return;
    if (losesTransactions(descriptor, header, size)) throw damaged();
  } finally {
    closeSync(descriptor);
  }
}

function losesTransactions(descriptor: number, header: Buffer, size: number): boolean {
  const pageBytes = header.readUInt32BE(8);
  const isPlausible = pageBytes >= 512 && pageBytes <= 65_536;
  // The header is on disk before the first frame is written: with frames behind it, it must make sense.
  if (!isSound(header)) return size >= HEADER_BYTES + FRAME_HEADER_BYTES + (isPlausible ? pageBytes : 512);
  let wasTorn = false;
  let hasCommitBehind = false;
  for (const frame of frames(descriptor, header, pageBytes)) {
    // A transaction begins only when the one before is durable: a frame behind a commit vouches for that commit.
    if (hasCommitBehind && frame !== 'torn') return true;
    if (frame === 'torn') wasTorn = true;
    else if (wasTorn && frame === 'commit') hasCommitBehind = true;
  }
  return false;
}

function isSound(header: Buffer): boolean {
  const magic = header.readUInt32BE(0);
  if (magic !== BIG_ENDIAN_MAGIC && magic !== LITTLE_ENDIAN_MAGIC) return false;
  const [first, second] = checksum([0, 0], header.subarray(0, 24), magic === BIG_ENDIAN_MAGIC);
  return first === header.readUInt32BE(24) && second === header.readUInt32BE(28);
}

/** Each whole frame in turn, judged by the checksum that the frame before it carries, sound or not. */
function* frames(descriptor: number, header: Buffer, pageBytes: number): Generator<Frame> {
  const isBigEndian = header.readUInt32BE(0) === BIG_ENDIAN_MAGIC;
  const frame = Buffer.alloc(FRAME_HEADER_BYTES + pageBytes);
  let before: Checksum = [header.readUInt32BE(24), header.readUInt32BE(28)];
  for (let offset = HEADER_BYTES; ; offset += frame.length) {
    if (readSync(descriptor, frame, 0, frame.length, offset) < frame.length) return;
    const stored: Checksum = [frame.readUInt32BE(16), frame.readUInt32BE(20)];
    const ofHeader = checksum(before, frame.subarray(0, 8), isBigEndian);
    const computed = checksum(ofHeader, frame.subarray(FRAME_HEADER_BYTES), isBigEndian);
    const isOfThisLog = frame.subarray(8, 16).equals(header.subarray(16, 24));
    const isWhole = isOfThisLog && computed[0] === stored[0] && computed[1] === stored[1];
    yield !isWhole ? 'torn' : frame.readUInt32BE(4) === 0 ? 'page' : 'commit';
    before = stored;
  }
}

/** SQLite's checksum over pairs of 32-bit words. */
function checksum(start: Checksum, bytes: Buffer, isBigEndian: boolean): Checksum {
  let [first, second] = start;
  for (let offset = 0; offset < bytes.length; offset += 8) {
    const low = isBigEndian ? bytes.readUInt32BE(offset) : bytes.readUInt32LE(offset);
    const high = isBigEndian ? bytes.readUInt32BE(offset + 4) : bytes.readUInt32LE(offset + 4);
    first = (first + low + second) >>> 0;
    second = (second + high + first) >>> 0;
  }
  return [first, second];
}
