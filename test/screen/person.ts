/**
 * A person at a real Electron window: starts the app on a profile of its own, and ends it. What it clicks and sees goes
 * through roles and names, as a screen reader would.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const asRoot = process.getuid?.() === 0;

export interface Person {
  readonly name: string;
  readonly app: ElectronApplication;
  readonly page: Page;
  readonly profile: string;
  /** What the page wrote to its console as a warning or an error, and uncaught errors. */
  readonly complaints: readonly string[];
  /** Ends the app; the profile stays until `forgetProfiles`. */
  quit(): Promise<void>;
}

export interface StartOptions {
  /** An earlier profile to open again. */
  readonly profile?: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const profiles = new Set<string>();
const running = new Set<Person>();

/** The environment of a person's app: this test's desktop session, without what makes Electron a plain Node. */
function environment(extra: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !entry[0].startsWith('VITEST'),
  );
  const { ELECTRON_RUN_AS_NODE: _asNode, NODE_OPTIONS: _options, ...rest } = Object.fromEntries(entries);
  return { ...rest, ...extra };
}

/** Opens the built app in a window of its own. */
export async function startApp(name: string, options: StartOptions = {}): Promise<Person> {
  const profile = options.profile ?? mkdtempSync(join(tmpdir(), `conclave-screen-${name.toLowerCase()}-`));
  profiles.add(profile);
  const executablePath = process.env['ELECTRON_EXEC_PATH'] ?? process.execPath;
  const app = await _electron.launch({
    executablePath,
    args: [...(asRoot ? ['--no-sandbox'] : []), '.', '--profile-directory', profile, ...(options.args ?? [])],
    cwd: root,
    env: environment(options.env ?? {}),
  });
  const page = await app.firstWindow();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  const person: Person = {
    name,
    app,
    page,
    profile,
    complaints,
    async quit() {
      running.delete(person);
      await app.close();
    },
  };
  running.add(person);
  return person;
}

/** Ends every app that a test left running and deletes the profiles. */
export async function forgetProfiles(): Promise<void> {
  for (const person of [...running]) await person.quit();
  for (const profile of profiles) rmSync(profile, { recursive: true, force: true });
  profiles.clear();
}

/** Kept for the README when CONCLAVE_PICTURES is set; otherwise with this run's results, which are not kept. */
const pictures = process.env['CONCLAVE_PICTURES'] === undefined ? 'test-results/pictures' : 'test/screen/pictures';

/** A screenshot under the name that the README and people know it by. */
export async function takePicture(person: Person, name: string): Promise<void> {
  const folder = join(root, pictures);
  mkdirSync(folder, { recursive: true });
  await person.page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled' });
}
