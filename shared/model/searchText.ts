/**
 * How words are found in texts of any language: what counts as a word, when two are the same, and where they stand. The index and
 * the window use the same rules. Pure; knows no store and no message.
 */

/** Written without spaces between words: every character is found by itself, and several by standing side by side. */
const UNSPACED =
  '(?=[\\p{L}\\p{N}])[\\p{sc=Han}\\p{sc=Hira}\\p{sc=Kana}\\p{sc=Thai}\\p{sc=Lao}\\p{sc=Khmr}\\p{sc=Mymr}]\\p{M}*';
const WORD = new RegExp(`${UNSPACED}|\\p{Extended_Pictographic}|(?:(?!${UNSPACED})[\\p{L}\\p{N}\\p{M}])+`, 'gu');
/** Accents make no difference where people often leave them out; elsewhere a mark is a vowel. */
const ACCENT = /(?<=[\p{sc=Latn}\p{sc=Grek}\p{sc=Cyrl}]\p{M}*)\p{M}/gu;

const fold = (word: string): string =>
  word.normalize('NFKD').toLowerCase().replace(ACCENT, '').normalize('NFC').replace(/ß/gu, 'ss').replace(/ς/gu, 'σ');

/** A word of a text: as it is compared, and where it stands, in UTF-16 units. */
interface Word {
  readonly folded: string;
  readonly start: number;
  readonly end: number;
}

function wordsOf(text: string): readonly Word[] {
  return [...text.matchAll(WORD)].flatMap(({ 0: word, index }) => {
    // Folding may take a character apart into a word and something else.
    const folded = [...fold(word).matchAll(WORD)].map(([part]) => part).join('');
    return folded === '' ? [] : [{ folded, start: index, end: index + word.length }];
  });
}

/** The words of a text, folded, with single spaces between them: what an index takes in. */
export const indexText = (text: string): string =>
  wordsOf(text)
    .map(({ folded }) => folded)
    .join(' ');

/**
 * What a person looks for: each element a row of words that have to stand side by side, the last of them as a beginning. Between
 * spaces is one element. Empty when the query has no words.
 */
export const searchTerms = (query: string): readonly (readonly string[])[] =>
  query
    .split(/\s+/u)
    .map((part) => wordsOf(part).map(({ folded }) => folded))
    .filter((words) => words.length > 0);

/** A stretch of a text, in UTF-16 units. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** Where a text has what is looked for, in its order; none overlaps another. */
export function findMatches(text: string, query: string): readonly Stretch[] {
  const terms = searchTerms(query);
  const words = wordsOf(text);
  const found: Stretch[] = [];
  let taken = 0;
  for (const [index, { start }] of words.entries()) {
    if (index < taken) continue;
    const length = Math.max(0, ...terms.filter((term) => isAt(words, index, term)).map((term) => term.length));
    const last = length === 0 ? undefined : words[index + length - 1];
    if (last === undefined) continue;
    found.push({ start, end: last.end });
    taken = index + length;
  }
  return found;
}

function isAt(words: readonly Word[], index: number, term: readonly string[]): boolean {
  return term.every((folded, offset) => {
    const word = words[index + offset]?.folded;
    return offset === term.length - 1 ? word?.startsWith(folded) === true : word === folded;
  });
}

/** Characters of a snippet before its first match, and at most in all. */
const BEFORE = 32;
const LENGTH = 160;

/** The part of a text around the first match, on one line; an ellipsis stands where something was left out. */
export function snippetOf(text: string, query: string): string {
  const first = findMatches(text, query)[0]?.start ?? 0;
  const start = first <= BEFORE ? 0 : boundaryAfter(text, first - BEFORE);
  const end = text.length - start <= LENGTH ? text.length : boundaryBefore(text, start + LENGTH);
  const part = text.slice(start, end).replace(/\s+/gu, ' ').trim();
  return `${start > 0 ? '…' : ''}${part}${end < text.length ? '…' : ''}`;
}

/** The next place at which no surrogate pair, and no word if one ends before long, is cut apart. */
function boundaryAfter(text: string, index: number): number {
  const space = text.slice(index, index + BEFORE).search(/\s/u);
  if (space >= 0) return index + space + 1;
  return isInsidePair(text, index) ? index + 1 : index;
}

const boundaryBefore = (text: string, index: number): number => (isInsidePair(text, index) ? index - 1 : index);

const isInsidePair = (text: string, index: number): boolean => /^[\uDC00-\uDFFF]/u.test(text.slice(index, index + 1));
