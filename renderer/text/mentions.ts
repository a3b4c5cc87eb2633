/**
 * Names of people in a text: an @ and the name as the group knows it. What stands in a message is plain text; whom it means is found out
 * by whoever reads it. Pure; knows no view.
 */
import type { Member } from '../../shared/api/model.ts';
import type { MemberId } from '../../shared/model/ids.ts';
import { indexText } from '../../shared/model/searchText.ts';
import { MAX_DISPLAY_NAME_LENGTH } from '../../shared/limits.ts';

type Named = Pick<Member, 'memberId' | 'displayName'>;

/** A stretch of a text that names somebody, in UTF-16 units. */
export interface Mention {
  readonly start: number;
  readonly end: number;
  /** More than one when several people have that name. */
  readonly memberIds: readonly MemberId[];
}

const ENDS_IN_WORD = /[\p{L}\p{N}_]$/u;
const BEGINS_WITH_WORD = /^[\p{L}\p{N}_]/u;
/** Written without spaces: a name is not parted from what follows. */
const ENDS_UNSPACED = /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmr}\p{sc=Mymr}]$/u;

/** An @ in the middle of a word is part of an address. */
const beginsMention = (text: string, at: number): boolean => !ENDS_IN_WORD.test(text.slice(0, at));

/** Who is named where, in the order of the text; of several names that fit, the longest. */
export function findMentions(text: string, people: readonly Named[]): readonly Mention[] {
  const found: Mention[] = [];
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
    if (!beginsMention(text, at)) continue;
    const rest = text.slice(at + 1, at + 1 + 2 * MAX_DISPLAY_NAME_LENGTH);
    const named = people.filter(({ displayName }) => isAtStart(rest, displayName));
    const length = Math.max(0, ...named.map(({ displayName }) => displayName.length));
    if (length === 0) continue;
    const memberIds = named.filter(({ displayName }) => displayName.length === length).map(({ memberId }) => memberId);
    found.push({ start: at, end: at + 1 + length, memberIds });
  }
  return found;
}

function isAtStart(rest: string, name: string): boolean {
  if (name === '' || rest.slice(0, name.length).toLowerCase() !== name.toLowerCase()) return false;
  return ENDS_UNSPACED.test(name) || !BEGINS_WITH_WORD.test(rest.slice(name.length));
}

/** The name that is being typed before the caret: where its @ stands, and what there is of it. */
export function mentionBefore(
  text: string,
  caret: number,
): { readonly start: number; readonly typed: string } | undefined {
  const start = text.lastIndexOf('@', caret - 1);
  if (caret < 1 || start < 0 || !beginsMention(text, start)) return undefined;
  const typed = text.slice(start + 1, caret);
  return typed.length > 2 * MAX_DISPLAY_NAME_LENGTH || /^\s|\s$|\n/u.test(typed) ? undefined : { start, typed };
}

/**
 * Whose name begins with what was typed, or has a word that does, in the order of the members. Nobody when the name is there already.
 */
export function candidatesFor<Person extends Named>(typed: string, people: readonly Person[]): readonly Person[] {
  const wanted = indexText(typed);
  if (wanted === '' && typed !== '') return [];
  const found = people.filter(({ displayName }) => {
    const name = indexText(displayName);
    return name.startsWith(wanted) || name.includes(` ${wanted}`);
  });
  return found.length === 1 && found[0]?.displayName === typed ? [] : found;
}
