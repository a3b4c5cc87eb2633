/**
 * Plain data as bytes and back: JSON with bytes and bigints, and a checksum, so that a damaged part is known before it is used.
 * Knows no part.
 */
import { createHash } from 'node:crypto';
import { ProtocolError } from './errors.ts';

/** First byte of every part; raised when the form of any part changes. */
const VERSION = 5;
const CHECKSUM_BYTES = 8;

type Encoded = null | boolean | number | string | Encoded[] | { [key: string]: Encoded };

/** Objects, arrays, strings, numbers, booleans, bigints and Uint8Arrays; members that are undefined are left out. */
export function encodePart(name: string, value: unknown): Uint8Array {
  return sealPart(name, new TextEncoder().encode(JSON.stringify(toJson(value))));
}

/** Throws ProtocolError DamagedState. The caller knows the type: the checksum says that this program wrote it. */
export function decodePart(name: string, bytes: Uint8Array): unknown {
  const body = openPart(name, bytes);
  try {
    return fromJson(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)) as Encoded);
  } catch {
    throw new ProtocolError('DamagedState', { detail: name });
  }
}

/** Version, checksum over name and body, body. */
export function sealPart(name: string, body: Uint8Array): Uint8Array {
  const sealed = new Uint8Array(1 + CHECKSUM_BYTES + body.length);
  sealed[0] = VERSION;
  sealed.set(checksum(name, body), 1);
  sealed.set(body, 1 + CHECKSUM_BYTES);
  return sealed;
}

/** The body. Throws ProtocolError DamagedState for another version, another name or a single wrong bit. */
export function openPart(name: string, bytes: Uint8Array): Uint8Array {
  const body = bytes.subarray(1 + CHECKSUM_BYTES);
  const isIntact =
    bytes[0] === VERSION && Buffer.compare(bytes.subarray(1, 1 + CHECKSUM_BYTES), checksum(name, body)) === 0;
  if (!isIntact) throw new ProtocolError('DamagedState', { detail: name });
  return body;
}

function checksum(name: string, body: Uint8Array): Uint8Array {
  return createHash('sha256').update(`${VERSION} ${name}\n`).update(body).digest().subarray(0, CHECKSUM_BYTES);
}

function toJson(value: unknown): Encoded {
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString('base64') };
  if (typeof value === 'bigint') return { $bigint: value.toString() };
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).filter(([, member]) => member !== undefined);
    return Object.fromEntries(members.map(([key, member]) => [key, toJson(member)]));
  }
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return value;
  throw new ProtocolError('DamagedState', { detail: `a ${typeof value} cannot be stored` });
}

function fromJson(value: Encoded): unknown {
  if (Array.isArray(value)) return value.map(fromJson);
  if (typeof value !== 'object' || value === null) return value;
  if (typeof value['$bytes'] === 'string') return new Uint8Array(Buffer.from(value['$bytes'], 'base64'));
  if (typeof value['$bigint'] === 'string') return BigInt(value['$bigint']);
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, fromJson(member)]));
}
