/**
 * Lint rules: type-aware TypeScript for every world, hooks for the renderer, and the bans that keep the protocol
 * free of time and randomness. Formatting is prettier's business, the direction of imports is test/rules' business.
 */
import { defineConfig } from 'eslint/config';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

const root = import.meta.dirname;

/** Each world is linted with the compiler settings it is checked with. */
const WORLDS = ['shared', 'main', 'preload', 'renderer', 'test'];

/** Globals that read the clock, wait, or invent bytes: main/clock.ts is their only door. */
const AMBIENT_GLOBALS = [
  'setTimeout',
  'setInterval',
  'setImmediate',
  'clearTimeout',
  'clearInterval',
  'clearImmediate',
  'queueMicrotask',
  'performance',
];
const AMBIENT_PROPERTIES = [
  ['Date', 'now'],
  ['Math', 'random'],
  ['crypto', 'getRandomValues'],
  ['crypto', 'randomUUID'],
  ['process', 'hrtime'],
  ['globalThis', 'crypto'],
  ['globalThis', 'setTimeout'],
  ['globalThis', 'setInterval'],
  ['globalThis', 'setImmediate'],
  ['globalThis', 'queueMicrotask'],
  ['globalThis', 'performance'],
  ['AbortSignal', 'timeout'],
];
const CLOCK_ONLY = 'Time, timers and randomness come through main/clock.ts and are handed in.';

const RANDOM_IMPORTS = [
  {
    name: 'node:crypto',
    importNames: [
      'randomBytes',
      'randomInt',
      'randomUUID',
      'randomFill',
      'randomFillSync',
      'getRandomValues',
      'webcrypto',
      'generateKeyPairSync',
      'generateKeyPair',
      'generateKeySync',
    ],
    message: CLOCK_ONLY,
  },
  { name: '@noble/hashes/utils.js', importNames: ['randomBytes'], message: CLOCK_ONLY },
  { name: '@noble/ciphers/utils.js', importNames: ['randomBytes'], message: CLOCK_ONLY },
];

/** Syntax that type stripping cannot erase, and a clock read in disguise. */
const NOT_ERASABLE = [
  {
    selector: 'TSEnumDeclaration',
    message: 'No enum: use a union of literals (and a frozen list where it is iterated).',
  },
  { selector: 'TSModuleDeclaration[declare!=true]', message: 'No namespace: use a module.' },
  { selector: 'TSParameterProperty', message: 'No parameter property: declare the field.' },
];
const CLOCK_READS = [
  { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: CLOCK_ONLY },
  { selector: "CallExpression[callee.name='Date']", message: CLOCK_ONLY },
];

export default defineConfig(
  {
    ignores: [
      'node_modules/**',
      'out/**',
      'dist/**',
      'coverage/**',
      'test-results/**',
      'main/protocol/wire/generated/**',
      'test/rules/fixtures/**',
    ],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  ...WORLDS.map((world) => ({
    files: [`${world}/**/*.{ts,tsx}`],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { project: `tsconfig.${world}.json`, tsconfigRootDir: root } },
  })),
  {
    files: ['build/**/*.mjs', '*.config.{mjs,ts}'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { project: 'tsconfig.build.json', tsconfigRootDir: root } },
  },
  {
    files: ['**/*.{ts,tsx,mjs}'],
    rules: {
      eqeqeq: 'error',
      'max-lines': ['error', { max: 450 }],
      'no-console': 'error',
      'no-restricted-syntax': ['error', ...NOT_ERASABLE],
      'prefer-const': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
      '@typescript-eslint/consistent-type-exports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true, requireDefaultForNonUnion: true },
      ],
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // Interfaces of ports are async although one implementation may not wait.
      '@typescript-eslint/require-await': 'off',
      // `() => setOpen(false)` is how React handlers read.
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { attributes: false } }],
      '@typescript-eslint/no-empty-function': ['error', { allow: ['arrowFunctions'] }],
    },
  },
  {
    files: ['shared/**/*.ts', 'main/**/*.ts'],
    ignores: ['main/clock.ts', 'main/desktop/**', 'main/index.ts'],
    rules: {
      'no-restricted-globals': ['error', ...AMBIENT_GLOBALS.map((name) => ({ name, message: CLOCK_ONLY }))],
      'no-restricted-properties': [
        'error',
        ...AMBIENT_PROPERTIES.map(([object, property]) => ({ object, property, message: CLOCK_ONLY })),
      ],
      'no-restricted-syntax': ['error', ...NOT_ERASABLE, ...CLOCK_READS],
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          paths: RANDOM_IMPORTS,
          patterns: [{ group: ['timers', 'node:timers', 'node:timers/*', 'node:perf_hooks'], message: CLOCK_ONLY }],
        },
      ],
    },
  },
  {
    files: ['renderer/**/*.{ts,tsx}'],
    extends: [reactHooks.configs.flat.recommended],
  },
  {
    // Tests look at what they were given and poke at edges on purpose; promises and types stay strict.
    files: ['test/**/*.{ts,tsx}'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unnecessary-condition': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    // A benchmark's result is what it prints.
    files: ['test/bench/**/*.ts'],
    rules: { 'no-console': 'off' },
  },
  {
    // A JSDoc cast is invisible to these rules, and plain JavaScript has no other.
    files: ['**/*.mjs'],
    rules: { '@typescript-eslint/no-unsafe-assignment': 'off', '@typescript-eslint/no-unsafe-member-access': 'off' },
  },
);
