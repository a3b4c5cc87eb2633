/**
 * `npm run conformance`: every item of the conformance list and every weakness of the reference, with the tests that
 * carry its number. Knows the list (test/conformance/items.json) and titles of tests; what a test proves is for its
 * readers to judge.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { testsOf } from './testTitles.mjs';

/** @typedef {import('./testTitles.mjs').NumberedTest} NumberedTest */
/** @typedef {{ number: string, mark: string, sentence: string, source: string }} Item */
/** @typedef {{ sections: { title: string, items: Item[] }[],
 *   leftOut: { number: string, mark: string, sentence: string, reason: string }[] }} ConformanceList */
/** @typedef {{ item: Item, tests: NumberedTest[] }} Covered */
/** @typedef {{ sections: { title: string, items: Covered[] }[], missing: Item[],
 *   unknown: NumberedTest[], leftOut: ConformanceList['leftOut'] }} Report */

/**
 * @param {string} root
 * @returns {ConformanceList}
 */
export function conformanceList(root) {
  /** @type {ConformanceList} */
  const list = JSON.parse(readFileSync(join(root, 'test', 'conformance', 'items.json'), 'utf8'));
  return list;
}

/**
 * Which tests carry which number. `unknown` are tests whose titles carry a number that the list does not have.
 * @param {ConformanceList} list
 * @param {readonly NumberedTest[]} tests
 * @returns {Report}
 */
export function compare(list, tests) {
  const sections = list.sections.map(({ title, items }) => ({
    title,
    items: items.map((item) => ({ item, tests: tests.filter(({ numbers }) => numbers.includes(item.number)) })),
  }));
  const known = new Set([...list.sections.flatMap(({ items }) => items), ...list.leftOut].map(({ number }) => number));
  return {
    sections,
    missing: sections.flatMap(({ items }) => items.filter((each) => each.tests.length === 0).map(({ item }) => item)),
    unknown: tests.filter(({ numbers }) => numbers.some((number) => !known.has(number))),
    leftOut: list.leftOut,
  };
}

/**
 * The report as text, the verdict last.
 * @param {Report} report
 * @returns {string}
 */
export function describe({ sections, missing, unknown, leftOut }) {
  const all = sections.flatMap(({ items }) => items).length;
  return [
    ...sections.flatMap(({ title, items }) => [
      title,
      ...items.flatMap(({ item, tests }) => [
        `  ${item.number} ${item.sentence} [${item.source}]`,
        ...(tests.length === 0 ? ['    MISSING: no test carries this number'] : []),
        ...tests.map((test) => `    ${test.file}: ${test.title}`),
      ]),
      '',
    ]),
    'Left out',
    ...leftOut.map(({ number, sentence, reason }) => `  ${number} ${sentence} ${reason}`),
    '',
    ...unknown.map(({ file, title }) => `UNKNOWN NUMBER ${file}: ${title}`),
    ...(missing.length === 0 ? [] : [`Missing: ${missing.map(({ number }) => number).join(', ')}`]),
    `${all - missing.length} of ${all}`,
  ].join('\n');
}

/**
 * @param {string} root
 * @returns {number} exit code: 1 when an item has no test, or a test an unknown number
 */
export function conformance(root) {
  const report = compare(conformanceList(root), testsOf(root));
  process.stdout.write(`${describe(report)}\n`);
  return report.missing.length === 0 && report.unknown.length === 0 ? 0 : 1;
}
