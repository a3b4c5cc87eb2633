/**
 * The stand-in's encoding: fixed-size integers, and vectors with RFC 9420's variable-size length (section 2.1.2), so that its
 * outer frames are those of MLS. One encoding per value. Must not know what is encoded.
 */
import { MlsError } from '../../../main/protocol/mls/index.ts';

export const EMPTY = new Uint8Array(0);

export class Writer {
  #buffer = Buffer.allocUnsafe(256);
  #length = 0;

  uint8(value: number): this {
    const offset = this.#room(1);
    this.#buffer[offset] = value;
    return this;
  }

  uint16(value: number): this {
    const offset = this.#room(2);
    this.#buffer.writeUInt16BE(value, offset);
    return this;
  }

  uint32(value: number): this {
    const offset = this.#room(4);
    this.#buffer.writeUInt32BE(value, offset);
    return this;
  }

  uint64(value: bigint): this {
    const offset = this.#room(8);
    this.#buffer.writeBigUInt64BE(value, offset);
    return this;
  }

  raw(bytes: Uint8Array): this {
    const offset = this.#room(bytes.length);
    this.#buffer.set(bytes, offset);
    return this;
  }

  vector(bytes: Uint8Array): this {
    if (bytes.length < 0x40) this.uint8(bytes.length);
    else if (bytes.length < 0x4000) this.uint16(0x4000 | bytes.length);
    else this.uint32(0x8000_0000 + bytes.length);
    return this.raw(bytes);
  }

  finish(): Uint8Array {
    return new Uint8Array(this.#buffer.subarray(0, this.#length));
  }

  /** Makes room for `size` more bytes and returns where they go. */
  #room(size: number): number {
    const offset = this.#length;
    this.#length += size;
    if (this.#length > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(2 * this.#length);
      larger.set(this.#buffer.subarray(0, offset));
      this.#buffer = larger;
    }
    return offset;
  }
}

/** Reads a private copy of what it is given. Everything throws MlsError Malformed where the bytes end too early. */
export class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = new Uint8Array(bytes);
    this.#view = new DataView(this.#bytes.buffer);
  }

  get offset(): number {
    return this.#offset;
  }

  get done(): boolean {
    return this.#offset === this.#bytes.length;
  }

  uint8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  uint16(): number {
    return this.#view.getUint16(this.#take(2));
  }

  uint32(): number {
    return this.#view.getUint32(this.#take(4));
  }

  uint64(): bigint {
    return this.#view.getBigUint64(this.#take(8));
  }

  raw(length: number): Uint8Array {
    const start = this.#take(length);
    return this.#bytes.subarray(start, start + length);
  }

  vector(): Uint8Array {
    const first = this.uint8();
    const size = 2 ** (first >> 6);
    if (size > 4) throw new MlsError('Malformed', 'length');
    let length = first & 0x3f;
    for (let index = 1; index < size; index++) length = length * 256 + this.uint8();
    if ((size === 2 && length < 0x40) || (size === 4 && length < 0x4000)) throw new MlsError('Malformed', 'length');
    return this.raw(length);
  }

  rest(): Uint8Array {
    return this.raw(this.#bytes.length - this.#offset);
  }

  /** Everything that was read since `start`. */
  since(start: number): Uint8Array {
    return this.#bytes.subarray(start, this.#offset);
  }

  /** As many items as a count in front of them says; bounded by the bytes that there are. */
  list<Item>(item: () => Item): Item[] {
    const items: Item[] = [];
    for (let count = this.uint32(); count > 0; count--) items.push(item());
    return items;
  }

  end(): void {
    if (!this.done) throw new MlsError('Malformed', 'bytes behind');
  }

  #take(length: number): number {
    const start = this.#offset;
    if (start + length > this.#bytes.length) throw new MlsError('Malformed', 'cut off');
    this.#offset = start + length;
    return start;
  }
}

export function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
  return Buffer.compare(left, right) === 0;
}

/** Bytes as a key of a map. */
export function nameOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
