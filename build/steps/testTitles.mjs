/**
 * The tests of the tree with the numbers that their titles carry, read from the source: nothing is run. Comments count
 * for nothing, nor do tests that are skipped, may be skipped or are expected to fail.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import ts from 'typescript';

const GROUPS = new Set(['describe', 'suite']);
const TESTS = new Set(['it', 'test']);
/** Modifiers after which a test does not run, or not everywhere, or proves the opposite. */
const NOT_COUNTED = new Set(['skip', 'skipIf', 'runIf', 'todo', 'fails']);
/** Folders under test/ that prove no promise. */
const OTHER_FOLDERS = new Set(['bench', 'fixtures', 'vectors']);

/** @typedef {{ file: string, title: string, numbers: string[] }} NumberedTest */

/**
 * The numbers in a title: `R-001`, `W-7`, lists of them and ranges such as `R-271..273` or `R-161 to R-164`.
 * @param {string} title
 * @returns {string[]}
 */
export function numbersIn(title) {
  return [...title.matchAll(/\b([RW])-(\d{1,3})(?:(?:\.\.|–)(?:\1-)?(\d{1,3})| to \1-(\d{1,3}))?(?!\d)/g)].flatMap(
    ([, letter, first, short, long]) => {
      const from = Number(first);
      const to = Number(short ?? long ?? first);
      return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => {
        const digits = String(from + index);
        return `${String(letter)}-${letter === 'R' ? digits.padStart(3, '0') : digits}`;
      });
    },
  );
}

/**
 * What a call's callee says: `it.skipIf(x).each(y)` is `it` with skipIf and each.
 * @param {ts.Expression} callee
 * @returns {{ name: string, modifiers: string[] } | undefined}
 */
function calleeOf(callee) {
  if (ts.isIdentifier(callee)) return { name: callee.text, modifiers: [] };
  if (ts.isCallExpression(callee)) return calleeOf(callee.expression);
  if (ts.isTaggedTemplateExpression(callee)) return calleeOf(callee.tag);
  if (!ts.isPropertyAccessExpression(callee)) return undefined;
  const inner = calleeOf(callee.expression);
  return inner === undefined ? undefined : { ...inner, modifiers: [...inner.modifiers, callee.name.text] };
}

/**
 * A title as far as it is written there; what is put in at run time is shown as `…`.
 * @param {ts.Expression | undefined} argument
 * @returns {string | undefined}
 */
function titleOf(argument) {
  if (argument === undefined) return undefined;
  if (ts.isStringLiteralLike(argument)) return argument.text;
  if (ts.isTemplateExpression(argument)) {
    return argument.head.text + argument.templateSpans.map(({ literal }) => `…${literal.text}`).join('');
  }
  return undefined;
}

/**
 * The counted tests of one source text. A test carries the numbers of its own title and of the groups around it.
 * @param {string} file as it shall be named
 * @param {string} text
 * @returns {NumberedTest[]}
 */
export function testsIn(file, text) {
  /** @type {NumberedTest[]} */
  const tests = [];
  const kind = file.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
  /**
   * @param {ts.Node} node
   * @param {readonly string[]} around
   * @returns {void}
   */
  const visit = (node, around) => {
    const call = ts.isCallExpression(node) ? calleeOf(node.expression) : undefined;
    if (!ts.isCallExpression(node) || call === undefined || !(GROUPS.has(call.name) || TESTS.has(call.name))) {
      ts.forEachChild(node, (child) => visit(child, around));
      return;
    }
    if (call.modifiers.some((modifier) => NOT_COUNTED.has(modifier))) return;
    const title = titleOf(node.arguments[0]);
    // `it.each(rows)` itself, inside of `it.each(rows)('title', …)`, has no title.
    const path = title === undefined ? around : [...around, title];
    if (TESTS.has(call.name) && title !== undefined && node.arguments.length > 1) {
      const full = path.join(' > ');
      tests.push({ file, title: full, numbers: [...new Set(numbersIn(full))] });
      return;
    }
    for (const argument of node.arguments) visit(argument, path);
  };
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest, false, kind), []);
  return tests;
}

/**
 * @param {string} folder
 * @returns {string[]} every test file below, sorted
 */
function testFiles(folder) {
  return readdirSync(folder)
    .sort()
    .flatMap((name) => {
      const path = join(folder, name);
      if (statSync(path).isDirectory()) return OTHER_FOLDERS.has(name) ? [] : testFiles(path);
      return /\.test\.tsx?$/.test(name) ? [path] : [];
    });
}

/**
 * The counted tests below `root`/test: those of the test files and of the suites under test/ that these import.
 * @param {string} root
 * @returns {NumberedTest[]}
 */
export function testsOf(root) {
  const top = join(root, 'test');
  const waiting = testFiles(top);
  const seen = new Set(waiting);
  /** @type {NumberedTest[]} */
  const tests = [];
  for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
    const text = readFileSync(file, 'utf8');
    tests.push(...testsIn(relative(root, file).split(sep).join('/'), text));
    for (const { fileName } of ts.preProcessFile(text).importedFiles) {
      const imported = resolve(dirname(file), fileName);
      if (!fileName.startsWith('.') || !imported.startsWith(top + sep) || seen.has(imported)) continue;
      if (!/\.tsx?$/.test(imported) || !existsSync(imported)) continue;
      seen.add(imported);
      waiting.push(imported);
    }
  }
  return tests;
}
