/** Whom a text names, and whose name is being typed. */
import { describe, expect, it } from 'vitest';
import { candidatesFor, findMentions, mentionBefore } from '../../../renderer/text/mentions.ts';
import type { MemberId } from '../../../shared/model/ids.ts';
import { member, memberId } from '../support/samples.ts';

const named = (number: number, displayName: string) => member(memberId(number), { displayName });
const people = [
  named(1, 'Ana'),
  named(2, 'Ana Maria'),
  named(3, 'Bo'),
  named(4, '田中'),
  named(5, 'Élodie'),
  named(6, 'Bo'),
];

/** What of a text names whom, by number. */
const found = (text: string): [string, number[]][] =>
  findMentions(text, people).map(({ start, end, memberIds }) => [
    text.slice(start, end),
    memberIds.map((id: MemberId) => Number.parseInt(id.slice(2, 4), 16)),
  ]);

describe('a mention', () => {
  it('is an @ and a name, whatever its case, up to the end of the word', () => {
    expect(found('@Ana, ask @bo')).toEqual([
      ['@Ana', [1]],
      ['@bo', [3, 6]],
    ]);
    expect(found('(@Élodie)')).toEqual([['@Élodie', [5]]]);
    expect(found('@Anatol and @Bob')).toEqual([]);
  });

  it('is of the longest name that fits', () => {
    expect(found('@Ana Maria and @Ana Mariam')).toEqual([
      ['@Ana Maria', [2]],
      ['@Ana', [1]],
    ]);
  });

  it('needs no space behind a name of a script without spaces', () => {
    expect(found('@田中さん、明日')).toEqual([['@田中', [4]]]);
  });

  it('is no part of an address, and none is found where there is nobody', () => {
    expect(found('write to me@Ana.example')).toEqual([]);
    expect(found('@ @@ @Zoe')).toEqual([]);
    expect(findMentions('@', [named(7, '')])).toEqual([]);
  });
});

describe('a name that is being typed', () => {
  it('is what stands between an @ and the caret', () => {
    expect(mentionBefore('Hello @an', 9)).toEqual({ start: 6, typed: 'an' });
    expect(mentionBefore('Hello @an', 7)).toEqual({ start: 6, typed: '' });
    expect(mentionBefore('@Ana Ma', 7)).toEqual({ start: 0, typed: 'Ana Ma' });
  });

  it('ends with a space or a line, and does not begin inside a word or behind the caret', () => {
    expect(mentionBefore('@Ana ', 5)).toBeUndefined();
    expect(mentionBefore('@Ana\nx', 6)).toBeUndefined();
    expect(mentionBefore('me@an', 5)).toBeUndefined();
    expect(mentionBefore('x @an', 2)).toBeUndefined();
    expect(mentionBefore('', 0)).toBeUndefined();
  });

  it('finds people by the beginning of any word of their name, accents or not', () => {
    const names = (typed: string): string[] => candidatesFor(typed, people).map(({ displayName }) => displayName);
    expect(names('')).toHaveLength(people.length);
    expect(names('mar')).toEqual(['Ana Maria']);
    expect(names('elo')).toEqual(['Élodie']);
    expect(names('田')).toEqual(['田中']);
    expect(names('Ana')).toEqual(['Ana', 'Ana Maria']);
    expect(names('!')).toEqual([]);
  });

  it('offers nobody when the name is there already', () => {
    expect(candidatesFor('Ana Maria', people)).toEqual([]);
  });
});
