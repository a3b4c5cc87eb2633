/** Nobody below the doors reads the clock, waits, or invents bytes by himself: the lint rules for it hold and bite. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Linter } from 'eslint';
import tseslint from 'typescript-eslint';
import { describe, it, expect } from 'vitest';
import configuration from '../../eslint.config.mjs';

const ROOT = join(import.meta.dirname, '../..');
const RULES = ['no-restricted-globals', 'no-restricted-properties', 'no-restricted-syntax'];

/** The one block of the configuration that bans them, with its own idea of which files it is for. */
const block = configuration.find(({ rules }) => rules !== undefined && 'no-restricted-globals' in rules);

function complaints(path: string, code: string): string[] {
  if (block === undefined) throw new Error('the configuration bans no globals');
  const messages = new Linter({ cwd: ROOT }).verify(
    code,
    [
      {
        files: ['**/*.ts'],
        languageOptions: { parser: tseslint.parser },
        plugins: { '@typescript-eslint': tseslint.plugin },
      },
      block,
    ] as Linter.Config[],
    { filename: join(ROOT, path) },
  );
  return messages.map(({ ruleId, message, line }) => `${path}:${String(line)} ${ruleId ?? 'parse'} ${message}`);
}

const AMBIENT = [
  'export const a = Date.now();',
  'export const a = new Date();',
  'export const a = Date();',
  'export const a = Math.random();',
  'export const a = performance.now();',
  'setTimeout(() => 1, 1);',
  'globalThis.setInterval(() => 1, 1);',
  'queueMicrotask(() => 1);',
  'export const a = crypto.getRandomValues(new Uint8Array(1));',
  'export const a = crypto.randomUUID();',
  'export const a = AbortSignal.timeout(1);',
  'export const a = process.hrtime.bigint();',
  "import { randomBytes } from 'node:crypto';\nexport const a = randomBytes(1);",
  "import { setTimeout as wait } from 'node:timers/promises';\nexport const a = wait(1);",
  "import { performance as p } from 'node:perf_hooks';\nexport const a = p;",
  "import { randomBytes } from '@noble/hashes/utils.js';\nexport const a = randomBytes(1);",
];

describe('time, timers and randomness', () => {
  it.each(AMBIENT)('are refused in the protocol: %s', (code) => {
    expect(complaints('main/protocol/sample.ts', code)).not.toEqual([]);
    expect(complaints('main/messenger/sample.ts', code)).not.toEqual([]);
  });

  it('are let through in main/clock.ts and at the window only', () => {
    const code = 'setTimeout(() => Date.now(), 1);';
    expect(complaints('main/clock.ts', code)).toEqual([]);
    expect(complaints('main/desktop/window.ts', code)).toEqual([]);
    expect(complaints('main/network/node.ts', code)).not.toEqual([]);
  });

  it('may be handed in, and times may be converted', () => {
    const code =
      'export const later = (now: number, random: (n: number) => Uint8Array) => [new Date(now), random(2), now + 1];';
    expect(complaints('main/protocol/sample.ts', code)).toEqual([]);
  });

  it('are nowhere in shared and main, except behind those doors', () => {
    const files = ['shared', 'main'].flatMap((world) =>
      readdirSync(join(ROOT, world), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.d.ts'))
        .map((entry) => relative(ROOT, join(entry.parentPath, entry.name))),
    );
    expect(files).toContain('shared/limits.ts');
    const found = files
      .flatMap((file) => complaints(file, readFileSync(join(ROOT, file), 'utf8')))
      .filter(
        (complaint) => RULES.some((rule) => complaint.includes(rule)) || complaint.includes('restricted-imports'),
      );
    expect(found).toEqual([]);
  });
});
