/**
 * A person at a real Electron window: starts the app on a profile of its own, and ends it. What it clicks and sees goes
 * through roles and names, as a screen reader would.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeEach, expect } from 'vitest';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const PATIENCE_MS = 30_000;
const asRoot = process.getuid?.() === 0;

export interface Person {
  readonly name: string;
  readonly app: ElectronApplication;
  readonly page: Page;
  readonly profile: string;
  /** What the page wrote to its console as a warning or an error, and uncaught errors. */
  readonly complaints: readonly string[];
  /** Takes the complaints away that a test provoked. */
  forgive(pattern: RegExp): readonly string[];
  /** Ends the app as a person would; the profile stays. */
  quit(): Promise<void>;
  /** Ends the app's main process at once, without a chance to write anything. */
  kill(): Promise<void>;
}

export interface StartOptions {
  /** An earlier profile to open again. */
  readonly profile?: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** For whoever meets nobody: no packet leaves this computer, and nobody is found. */
export const alone: readonly string[] = ['--no-mdns', '--listen', '/ip4/127.0.0.1/tcp/0'];

/** The environment of a person's app: this test's desktop session, without what makes Electron a plain Node. */
export function environment(extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  const entries = Object.entries(process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !entry[0].startsWith('VITEST'),
  );
  const { ELECTRON_RUN_AS_NODE: _asNode, NODE_OPTIONS: _options, ...rest } = Object.fromEntries(entries);
  return { ...rest, ...extra };
}

/** How the app is launched on a profile. */
export const launch = (profile: string, args: readonly string[] = []) => ({
  executable: process.env['ELECTRON_EXEC_PATH'] ?? process.execPath,
  args: [...(asRoot ? ['--no-sandbox'] : []), '.', '--profile-directory', profile, ...args],
  cwd: root,
});

async function start(name: string, profile: string, options: StartOptions): Promise<Person> {
  const { args, cwd } = launch(profile, options.args);
  // No path of the program is given: only then does the tool hold the app until it listens. The runtime that the tests
  // run in is named by ELECTRON_OVERRIDE_DIST_PATH.
  const app = await _electron.launch({
    args,
    cwd,
    env: environment(options.env),
    // The app itself decides about its theme.
    colorScheme: null,
    timeout: PATIENCE_MS,
  });
  const page = await app.firstWindow();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  return {
    name,
    app,
    page,
    profile,
    complaints,
    forgive(pattern) {
      const provoked = complaints.filter((text) => pattern.test(text));
      complaints.splice(0, complaints.length, ...complaints.filter((text) => !pattern.test(text)));
      return provoked;
    },
    quit: () => app.close(),
    async kill() {
      const { pid } = app.process();
      if (pid === undefined) throw new Error(`${name} has no process`);
      const gone = app.waitForEvent('close');
      process.kill(pid, 'SIGKILL');
      await gone;
    },
  };
}

export interface People {
  start(name: string, options?: StartOptions): Promise<Person>;
  /** Ends whoever is still there and deletes the profiles. */
  leave(): Promise<void>;
}

/**
 * Call it at the top of a file. Everybody leaves at the end of the file, and no test may leave a complaint in the
 * console of anybody's page.
 */
export function usePeople(): People {
  const here = new Map<Person, () => Promise<void>>();
  const everybody: Person[] = [];
  const profiles = new Set<string>();

  const people: People = {
    async start(name, options = {}) {
      const profile = options.profile ?? mkdtempSync(join(tmpdir(), `conclave-screen-${name.toLowerCase()}-`));
      profiles.add(profile);
      const started = await start(name, profile, options);
      const person: Person = {
        ...started,
        async quit() {
          here.delete(person);
          await started.quit();
        },
        async kill() {
          here.delete(person);
          await started.kill();
        },
      };
      here.set(person, started.quit);
      everybody.push(person);
      return person;
    },
    async leave() {
      const ends = [...here.values()];
      here.clear();
      await Promise.all(ends.map((end) => end()));
      for (const profile of profiles) rmSync(profile, { recursive: true, force: true });
      profiles.clear();
    },
  };
  beforeEach(({ onTestFailed }) => {
    // What everybody saw when it went wrong.
    onTestFailed(async ({ task }) => {
      const picture = ({ name, page }: Person): Promise<unknown> =>
        page.screenshot({
          path: join(root, 'test-results/failures', `${task.name.slice(0, 60)} (${name}).png`),
          timeout: 5_000,
        });
      await Promise.all([...here.keys()].map(picture));
    });
  });
  afterEach(() => {
    expect(everybody.flatMap((person) => person.forgive(/(?:)/u).map((text) => `${person.name}: ${text}`))).toEqual([]);
  });
  afterAll(() => people.leave());
  return people;
}

/** Those that README.md shows, kept beside the tests when CONCLAVE_PICTURES is set. */
const README_PICTURES: readonly string[] = [
  'conversation-light',
  'conversation-dark',
  'checked-light',
  'search-dark',
  'invite-light',
  'vote-dark',
];
export const themes = ['light', 'dark'] as const;

const folderOf = (picture: string): string =>
  join(
    root,
    process.env['CONCLAVE_PICTURES'] !== undefined && README_PICTURES.includes(picture)
      ? 'test/screen/pictures'
      : 'test-results/pictures',
  );

/**
 * The view as it is, in both themes, without motion. `look` sees the page in each theme after its picture was taken.
 */
export async function takePictures(
  person: Person,
  name: string,
  look: (theme: (typeof themes)[number]) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const { page } = person;
  // Nothing is pointed at.
  await page.mouse.move(1, 1);
  for (const theme of themes) {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
    const picture = `${name}-${theme}`;
    mkdirSync(folderOf(picture), { recursive: true });
    await page.screenshot({ path: join(folderOf(picture), `${picture}.png`), animations: 'disabled', caret: 'hide' });
    await look(theme);
  }
  await page.emulateMedia({ colorScheme: null, reducedMotion: null });
}
