/**
 * `npm run check`: types of every world, lint, format, dead code and the rules of the tree. Tools run in
 * Electron's Node, so that a result does not depend on the host's; knip runs in the host's, see there.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, freemem } from 'node:os';
import { dirname, join } from 'node:path';
import { fingerprint, readMarker } from './fingerprint.mjs';
import { collect } from './processes.mjs';
import { nodeEnvironment } from './runtime.mjs';
import { CommandError, say, secondsSince } from './terminal.mjs';

const WORLDS = ['shared', 'main', 'preload', 'renderer', 'build', 'test'];
/** A type-aware lint of the whole tree needs about this much. */
const BYTES_PER_TOOL = 1.5 * 1024 ** 3;

/** What a result depends on. */
const CHECKED = [
  ...['shared', 'main', 'preload', 'renderer', 'build', 'test'],
  ...WORLDS.map((world) => `tsconfig.${world}.json`),
  ...['tsconfig.base.json', 'tsconfig.json', 'package.json', 'package-lock.json', 'knip.json', '.prettierignore'],
  ...[
    'eslint.config.mjs',
    'prettier.config.mjs',
    'vitest.config.ts',
    'electron.vite.config.ts',
    'electron-builder.yml',
  ],
];

/** @typedef {{ name: string, script: string, args: string[], inHostNode?: boolean }} Tool */

/**
 * The tools, the slowest first.
 * @param {{ rules: boolean }} options whether the rules of test/rules run too
 * @returns {Tool[]}
 */
export function tools({ rules }) {
  const cache = 'node_modules/.cache';
  return [
    { name: 'lint', script: 'eslint/bin/eslint.js', args: ['.', '--max-warnings', '0'] },
    ...(rules
      ? [{ name: 'rules', script: 'vitest/vitest.mjs', args: ['run', '--project', 'node', 'test/rules'] }]
      : []),
    ...['test', 'main', 'renderer', 'preload', 'shared', 'build'].map((world) => ({
      name: `types ${world}`,
      script: 'typescript/bin/tsc',
      args: ['--project', `tsconfig.${world}.json`],
    })),
    {
      name: 'format',
      script: 'prettier/bin/prettier.cjs',
      args: [
        '--check',
        '--log-level',
        'warn',
        '--cache',
        '--cache-strategy',
        'content',
        '--cache-location',
        `${cache}/prettier-check`,
        '.',
      ],
    },
    {
      // Its parser reserves more address space than Electron's V8 sandbox grants.
      name: 'dead code',
      script: 'knip/bin/knip.js',
      // Without its cache, which outlives a change of knip.json.
      args: [],
      inHostNode: true,
    },
  ];
}

/**
 * Runs everything and tells all that is wrong, not only the first.
 * @param {string} root
 * @param {import('./runtime.mjs').Runtime} runtime
 * @param {{ rules: boolean }} options
 */
export async function check(root, runtime, options) {
  const marker = join(root, 'node_modules', '.cache', 'conclave', options.rules ? 'checked-with-rules' : 'checked');
  const state = fingerprint(root, CHECKED);
  if (readMarker(marker) === state) {
    say('check: nothing has changed since it last passed');
    return;
  }
  const env = nodeEnvironment(runtime);
  const waiting = tools(options);
  /** @type {string[]} */
  const failed = [];
  const worker = async () => {
    for (let tool = waiting.shift(); tool !== undefined; tool = waiting.shift()) {
      const startedAt = performance.now();
      const node = tool.inHostNode === true ? process.execPath : runtime.executable;
      const done = await collect(node, [join(root, 'node_modules', tool.script), ...tool.args], {
        cwd: root,
        env,
      });
      say(`check: ${tool.name} ${done.code === 0 ? 'ok' : 'FAILED'} (${secondsSince(startedAt)} s)`);
      if (done.code === 0) continue;
      failed.push(tool.name);
      process.stderr.write(`${done.output.trim()}\n`);
    }
  };
  const parallel = Math.max(1, Math.min(availableParallelism(), 4, Math.floor(freemem() / BYTES_PER_TOOL)));
  await Promise.all(Array.from({ length: parallel }, worker));
  if (failed.length > 0) throw new CommandError(`check failed: ${failed.join(', ')}`);
  mkdirSync(dirname(marker), { recursive: true });
  writeFileSync(marker, `${state}\n`);
}
