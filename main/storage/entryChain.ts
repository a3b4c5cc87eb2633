/**
 * The hash chain over the journal of one conversation in this store, so that a line that was changed, lost or put in is found.
 * Pure; knows no database and no meaning of a line.
 */
import { createHash } from 'node:crypto';

/** JSON with the names of every object in order: equal values have equal bytes. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) => {
    if (typeof member !== 'object' || member === null || Array.isArray(member)) return member;
    return Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

/** What the first line follows: no line can be moved to another conversation. */
export function chainStart(conversationId: string): Uint8Array {
  return new Uint8Array(createHash('sha256').update(`conclave log 1\n${conversationId}`).digest());
}

/** The hash of a line behind `previous`; `line` is its stored text. */
export function chainNext(previous: Uint8Array, line: string): Uint8Array {
  return new Uint8Array(createHash('sha256').update(previous).update(line).digest());
}
