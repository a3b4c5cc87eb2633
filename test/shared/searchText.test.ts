/** What counts as a word, and which words are the same, in texts of any language. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findMatches, indexText, searchTerms, snippetOf } from '../../shared/model/searchText.ts';

const found = (text: string, query: string): readonly string[] =>
  findMatches(text, query).map(({ start, end }) => text.slice(start, end));

describe('a text', () => {
  it.each([
    ['Grüße, Zoë!', 'grusse zoe'],
    ['don’t e-mail user_1', 'don t e mail user 1'],
    ['会議は3時', '会 議 は 3 時'],
    ['สวัสดี', 'ส วั ส ดี'],
    ['회의가 있어요', '회의가 있어요'],
    ['हिन्दी', 'हिन्दी'],
    ['Ελληνικός', 'ελληνικοσ'],
    ['ﬁne Ⅳ ①', 'fine iv 1'],
    ['party 🎉🎉', 'party 🎉 🎉'],
    ['"NEAR(" * AND - :', 'near and'],
    [' \n ', ''],
  ])('%j is indexed as %j', (text, words) => {
    expect(indexText(text)).toBe(words);
  });

  it('has letters, digits, marks, pictures and single spaces in the index, whatever it was, and is the same indexed twice', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const words = indexText(text);
        expect(words).toMatch(
          /^$|^[\p{L}\p{N}\p{M}\p{Extended_Pictographic}]+(?: [\p{L}\p{N}\p{M}\p{Extended_Pictographic}]+)*$/u,
        );
        expect(words).not.toMatch(/["*():^-]/u);
      }),
      { seed: 6, numRuns: 2_000 },
    );
  });
});

describe('a search', () => {
  it('has its words between spaces as elements', () => {
    expect(searchTerms(' Zoë e-mail 会議 ')).toEqual([['zoe'], ['e', 'mail'], ['会', '議']]);
    expect(searchTerms('" * -')).toEqual([]);
  });

  it('finds beginnings of words, rows of words that stand side by side, and parts of texts without spaces', () => {
    expect(found('Meet me at the Meeting, not in a dismeet', 'meet')).toEqual(['Meet', 'Meeting']);
    expect(found('An e-mail, a mail, an email', 'e-ma')).toEqual(['e-mail']);
    expect(found('明日の会議は三時です。会と議', '会議')).toEqual(['会議']);
    expect(found('nothing here', 'xyz')).toEqual([]);
  });

  it('finds every word of a text in it, and stretches that lie in the text and do not overlap', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(), (text, pick) => {
        const words = text.split(/\s+/u).filter((word) => searchTerms(word).length > 0);
        const word = words[pick % Math.max(1, words.length)];
        if (word === undefined) return;
        const matches = findMatches(text, word);
        expect(matches.length).toBeGreaterThan(0);
        let last = 0;
        for (const { start, end } of matches) {
          expect(start).toBeGreaterThanOrEqual(last);
          expect(end).toBeGreaterThan(start);
          last = end;
        }
        expect(last).toBeLessThanOrEqual(text.length);
      }),
      { seed: 7, numRuns: 2_000 },
    );
  });
});

describe('a snippet', () => {
  it('is the whole of a short text, on one line', () => {
    expect(snippetOf('one\n  two', 'two')).toBe('one two');
  });

  it('begins at a word before the first match, and says where something was left out', () => {
    const text = `${'before '.repeat(40)}needle ${'after '.repeat(60)}`;
    const snippet = snippetOf(text, 'needle');
    expect(snippet).toMatch(/^…before (before )*needle after/u);
    expect(snippet.endsWith('…')).toBe(true);
    expect(snippet.length).toBeLessThanOrEqual(162);
  });

  it('cuts no pair of surrogates apart', () => {
    fc.assert(
      fc.property(fc.nat(80), fc.nat(300), (before, after) => {
        const snippet = snippetOf(`${'🎈'.repeat(before)} x needle ${'🎈'.repeat(after)}`, 'needle');
        expect(snippet.isWellFormed()).toBe(true);
        expect(snippet).toContain('needle');
      }),
      { seed: 8, numRuns: 300 },
    );
  });
});
