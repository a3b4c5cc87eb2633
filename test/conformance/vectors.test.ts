/** Every key of the vectors is read by a test: nothing that the independent script computed stays uncompared. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, it, expect } from 'vitest';

const folder = fileURLToPath(new URL('..', import.meta.url));
const vectors: unknown = JSON.parse(readFileSync(join(folder, 'vectors', 'vectors.json'), 'utf8'));

/** Words for people, which no test can compare with anything. */
const PROSE = new Set(['about', 'decision_note', 'vote_chain.rule', 'vote_chain.cases.note', 'safety_break.text']);
/** Below these, keys are data, not names of fields: deltas by event, and the fields of wire messages. */
const DATA = new Set(['score_deltas_v3', 'score_deltas_v4', 'encodings.fields']);

/** Paths of all keys; elements of a list share theirs. */
function keysOf(value: unknown, path = ''): readonly string[] {
  if (Array.isArray(value)) return [...new Set(value.flatMap((element) => keysOf(element, path)))];
  if (typeof value !== 'object' || value === null || DATA.has(path)) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const own = path === '' ? key : `${path}.${key}`;
    return [own, ...keysOf(inner, own)];
  });
}

function filesBelow(path: string): readonly string[] {
  if (!statSync(path).isDirectory()) return /\.tsx?$/.test(path) ? [path] : [];
  return readdirSync(path).flatMap((name) => filesBelow(join(path, name)));
}

/** Names of fields that a source reads: `a.name`, `{ name }` taken apart; a declared type reads nothing. */
function fieldsRead(text: string): ReadonlySet<string> {
  const names = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAccessExpression(node)) names.add(node.name.text);
    if (ts.isBindingElement(node)) names.add((node.propertyName ?? node.name).getText());
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('x.ts', text, ts.ScriptTarget.Latest, true));
  return names;
}

describe('the vectors', () => {
  it('leave no key that no test reads', () => {
    const users = filesBelow(folder)
      .map((file) => readFileSync(file, 'utf8'))
      .filter((text) => /vectors(\.ts|\.json)/.test(text));
    expect(users.length).toBeGreaterThan(5);
    const read = new Set(users.flatMap((text) => [...fieldsRead(text)]));
    const keys = [...new Set(keysOf(vectors))].filter((key) => !PROSE.has(key));
    expect(keys.length).toBeGreaterThan(90);
    expect(keys.filter((key) => !read.has(key.slice(key.lastIndexOf('.') + 1)))).toEqual([]);
  });
});
