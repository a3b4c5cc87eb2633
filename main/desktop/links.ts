/**
 * `conclave:` links from the command line, another launch or the operating system. Here they are only bounded and
 * checked for their shape; what an invite holds is decoded behind the App API.
 */
import { MAX_INVITE_LENGTH } from '../../shared/limits.ts';

/** Launchers write `conclave:x` as `conclave://x`, end it with a slash, or capitalise it. */
const LINK = /^conclave:\/*(?:join\/+)?([A-Za-z0-9_-]+)\/*$/i;

/** The link in its plain form, if it can be one. */
export function readInviteLink(text: unknown): string | undefined {
  if (typeof text !== 'string' || text.length > MAX_INVITE_LENGTH) return undefined;
  const body = LINK.exec(text)?.[1];
  return body === undefined ? undefined : `conclave:${body}`;
}

/** The first link among the words of a command line. */
export function findInviteLink(words: readonly string[]): string | undefined {
  for (const word of words) {
    const link = readInviteLink(word);
    if (link !== undefined) return link;
  }
  return undefined;
}
