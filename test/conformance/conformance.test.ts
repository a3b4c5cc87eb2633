/** The conformance list against the tests that exist: an item without a test fails here. */
import { fileURLToPath } from 'node:url';
import { describe, it, expect } from 'vitest';
import { compare, conformanceList, describe as reportText } from '../../build/steps/conformance.mjs';
import { numbersIn, testsIn, testsOf } from '../../build/steps/testTitles.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const list = conformanceList(root);
const tests = testsOf(root);
const items = list.sections.flatMap((section) => section.items);

describe('the conformance list', () => {
  it('has every number once, in order, and a reason for each that is left out', () => {
    for (const letter of ['R', 'W']) {
      const numbers = items.map(({ number }) => number).filter((number) => number.startsWith(letter));
      const order = numbers.map((number) => Number(number.slice(2)));
      expect(order).toEqual([...new Set(order)].sort((a, b) => a - b));
    }
    expect(items.filter(({ number }) => number.startsWith('W'))).toHaveLength(51);
    expect(items.filter(({ number }) => number.startsWith('R'))).toHaveLength(252);
    for (const item of items) expect(item.sentence, item.number).toMatch(/\S/);
    for (const left of list.leftOut) {
      expect(left.mark).toBe('C');
      expect(left.reason, left.number).toMatch(/\S/);
      expect(items.map(({ number }) => number)).not.toContain(left.number);
    }
  });

  it('has a test for every item', () => {
    expect(compare(list, tests).missing.map(({ number }) => number)).toEqual([]);
  });

  it('knows every number that a test carries', () => {
    expect(compare(list, tests).unknown).toEqual([]);
  });
});

describe('numbers of tests', () => {
  it('are read from titles: one, several, and ranges', () => {
    expect(numbersIn('R-006 W-32 an echo')).toEqual(['R-006', 'W-32']);
    expect(numbersIn('R-130, R-131 and R-271..273, W-1–3')).toEqual([
      ...['R-130', 'R-131', 'R-271', 'R-272', 'R-273', 'W-1', 'W-2', 'W-3'],
    ]);
    expect(numbersIn('R-161 to R-163')).toEqual(['R-161', 'R-162', 'R-163']);
    expect(numbersIn('R-1234 is none, XR-001 and RW-1 neither')).toEqual([]);
  });

  const found = (source: string): string[] => testsIn('a.test.ts', source).flatMap(({ numbers }) => numbers);

  it('come from tests and the groups around them, each also from rows and templates', () => {
    expect(found("describe('R-001 a', () => { it('b', () => {}); });")).toEqual(['R-001']);
    expect(found('for (const x of y) it(`R-002 ${x} R-003`, () => {});')).toEqual(['R-002', 'R-003']);
    expect(found("it.each([[1], [2]])('R-004 %i', () => {});")).toEqual(['R-004']);
    expect(found("it.each`a\n${1}`('W-5 $a', () => {});")).toEqual(['W-5']);
    expect(found("export function suite(make) { describe('x', () => { it('R-006', async () => {}); }); }")).toEqual([
      'R-006',
    ]);
  });

  it('do not come from comments, empty groups, other calls, tests without a body, or tests that do not run', () => {
    expect(found("// it('R-001', () => {});\n/* R-002 */ it('nothing', () => {}); // R-003")).toEqual([]);
    expect(found("describe('R-004', () => {});")).toEqual([]);
    expect(found("console.log('R-005', () => {}); it('R-006');")).toEqual([]);
    for (const modifier of ['skip', 'todo', 'fails', 'skipIf(true)', 'runIf(false)', 'skip.each([1])']) {
      expect(found(`it.${modifier}('R-007', () => {});`)).toEqual([]);
      expect(found(`describe.${modifier}('R-008', () => { it('R-009', () => {}); });`)).toEqual([]);
    }
  });
});

describe('the report', () => {
  const item = (number: string) => ({ number, mark: 'B', sentence: `What ${number} asks.`, source: '1' });
  const small = {
    sections: [{ title: 'One', items: [item('R-001'), item('R-002')] }],
    leftOut: [{ number: 'R-003', mark: 'C', sentence: 'Old.', reason: 'Replaced.' }],
  };

  it('names each item with its tests, and what has none', () => {
    const report = compare(small, testsIn('test/a.test.ts', "it('R-001 holds', () => {});"));
    const text = reportText(report);
    expect(text).toContain('R-001 What R-001 asks.');
    expect(text).toContain('test/a.test.ts: R-001 holds');
    expect(text).toMatch(/R-002 What R-002 asks\..*\n.*MISSING/);
    expect(text).toContain('Missing: R-002');
    expect(text.endsWith('1 of 2')).toBe(true);
  });

  it('tells of a number that no item has, but not of one that is left out', () => {
    const wrong = testsIn('test/a.test.ts', "it('R-999 x', () => {}); it('R-003 y', () => {});");
    expect(compare(small, wrong).unknown.map(({ title }) => title)).toEqual(['R-999 x']);
  });
});
