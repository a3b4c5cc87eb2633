/** The dependency rule of the architecture holds in the tree, and each of its parts catches a tree that breaks it. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { cruise } from 'dependency-cruiser';
import type { ICruiseResult } from 'dependency-cruiser';
import { describe, it, expect } from 'vitest';
import { DEPENDENCY_RULES } from './dependency-rules.ts';

const ROOT = join(import.meta.dirname, '../..');
const FIXTURES = join(import.meta.dirname, 'fixtures');
const WORLDS = ['main', 'preload', 'renderer', 'shared'];

async function cruiseTree(baseDir: string): Promise<ICruiseResult> {
  const present = WORLDS.filter((world) => existsSync(join(baseDir, world)));
  const { output } = await cruise(
    present,
    {
      baseDir,
      validate: true,
      ruleSet: { forbidden: DEPENDENCY_RULES },
      tsPreCompilationDeps: true,
      doNotFollow: { path: 'node_modules' },
      includeOnly: { path: '.*' },
    },
    {
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.json', '.d.ts'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types', 'default'],
    },
  );
  if (typeof output === 'string') throw new TypeError('dependency-cruiser gave a report instead of a result');
  return output;
}

describe('the dependency rule', () => {
  it('holds in the whole tree', async () => {
    const { summary, modules } = await cruiseTree(ROOT);
    const found = summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`);
    expect(found).toEqual([]);
    for (const world of WORLDS.filter((name) => existsSync(join(ROOT, name)))) {
      expect(modules.some(({ source }) => source.startsWith(`${world}/`))).toBe(true);
    }
    const unresolved = modules
      .flatMap(({ source, dependencies }) => dependencies.map((dependency) => ({ source, ...dependency })))
      .filter(({ couldNotResolve }) => couldNotResolve)
      .map(({ source, module }) => `${source} -> ${module}`);
    expect(unresolved).toEqual([]);
  }, 60_000);

  it.each(DEPENDENCY_RULES.map(({ name }) => name ?? ''))('%s bites', async (name) => {
    const { summary } = await cruiseTree(join(FIXTURES, name));
    expect(summary.violations.map(({ rule }) => rule.name)).toContain(name);
  });

  it('lets the allowed imports pass', async () => {
    const { summary, modules } = await cruiseTree(join(FIXTURES, 'allowed'));
    expect(summary.violations).toEqual([]);
    expect(modules.length).toBeGreaterThan(8);
  });

  it('has no fixture without a rule', () => {
    expect(readdirSync(FIXTURES).sort()).toEqual(['allowed', ...DEPENDENCY_RULES.map(({ name }) => name)].sort());
  });
});
