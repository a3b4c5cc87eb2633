/**
 * The directory of a profile: made for its owner alone, held by one process at a time, described by a small plain file.
 * Knows nothing of what the database and the keychain hold.
 */
import { chmodSync, closeSync, lstatSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import Sqlite, { type Database } from 'better-sqlite3';
import { z } from 'zod';
import { MAX_SECRET_FILE_BYTES } from '../../shared/limits.ts';
import { finishRestoring } from './copies.ts';
import { ProfileError, ProfileLockedError } from './errors.ts';
import { fileExists } from './inspect.ts';
import { createPrivateFile, PRIVATE_DIRECTORY, writeFileDurably } from './files.ts';

const PROFILE_VERSION = 1;
const PROFILE_ID_BYTES = 16;
const keychainSchema = z.enum(['os', 'file']);
type KeychainKind = z.infer<typeof keychainSchema>;

/** Checked first and alone, so that a newer file is told from a damaged one. */
const versionSchema = z.looseObject({ version: z.int().min(1) });
const profileSchema = z.strictObject({
  version: z.literal(PROFILE_VERSION),
  /** Random; the account name of this profile in the OS keychain. */
  profileId: z.string().regex(/^[0-9a-f]{32}$/),
  /** Where the root secret is; absent until it was chosen. */
  keychain: keychainSchema.optional(),
});
type ProfileDescription = z.infer<typeof profileSchema>;

export interface Profile {
  readonly directory: string;
  readonly profileId: string;
  readonly keychain: KeychainKind | undefined;
  readonly databaseFile: string;
  readonly keychainFile: string;
  databaseExists(): boolean;
  /** Records, durably, where the root secret is kept. Throws ProfileError. */
  setKeychain(keychain: KeychainKind): void;
  /** Lets other processes have the profile. */
  close(): void;
}

/**
 * Opens the profile for this process alone, making the directory and its description when they are missing.
 * Throws ProfileLockedError when another process has it, else ProfileError; neither changes what is there.
 */
export function openProfile(path: string, random: (length: number) => Uint8Array): Profile {
  const directory = resolve(path);
  const descriptionFile = join(directory, 'profile.json');
  return withFileErrors(directory, () => {
    prepareDirectory(directory, descriptionFile);
    const lock = acquireLock(directory, join(directory, 'lock'));
    try {
      let description = readDescription(descriptionFile) ?? createDescription(descriptionFile, random);
      const databaseFile = join(directory, 'conclave.db');
      finishRestoring(databaseFile);
      return {
        directory,
        profileId: description.profileId,
        get keychain() {
          return description.keychain;
        },
        databaseFile,
        keychainFile: join(directory, 'root-secret.json'),
        databaseExists: () => fileExists(databaseFile),
        setKeychain(keychain) {
          if (description.keychain === keychain) return;
          const changed: ProfileDescription = { ...description, keychain };
          withFileErrors(directory, () => {
            writeFileDurably(descriptionFile, encode(changed));
          });
          description = changed;
        },
        close: () => lock.close(),
      };
    } catch (error) {
      lock.close();
      throw error;
    }
  });
}

/** Level by level: Node's own recursive way loops for ever where a parent refuses with "no such file", as /proc does. */
function makeDirectory(directory: string): void {
  if (fileExists(directory)) return;
  makeDirectory(dirname(directory));
  try {
    mkdirSync(directory, { mode: PRIVATE_DIRECTORY });
  } catch (error) {
    // Another process was quicker.
    if (!hasCode(error, 'EEXIST')) throw error;
  }
}

function prepareDirectory(directory: string, descriptionFile: string): void {
  makeDirectory(directory);
  if (process.platform === 'win32' || (lstatSync(directory).mode & 0o077) === 0) return;
  // Made by hand and still empty, or ours: closing it to others harms nobody.
  if (!fileExists(descriptionFile) && readdirSync(directory).length > 0)
    throw new ProfileError(
      'unsafe',
      `The directory ${directory} holds other files and is open to other users. Choose an empty directory for the profile.`,
    );
  chmodSync(directory, PRIVATE_DIRECTORY);
}

/**
 * An open write transaction on a tiny database: the kernel drops its lock when the process ends, however it ends.
 * The file itself stays empty.
 */
function acquireLock(directory: string, file: string): Database {
  if (!fileExists(file)) {
    try {
      closeSync(createPrivateFile(file));
    } catch (error) {
      // Another process was quicker; the lock itself decides who has the profile.
      if (!hasCode(error, 'EEXIST')) throw error;
    }
  }
  const lock = new Sqlite(file, { timeout: 0, fileMustExist: true });
  try {
    lock.pragma('journal_mode = MEMORY');
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock.close();
    if (error instanceof Sqlite.SqliteError && error.code.startsWith('SQLITE_BUSY'))
      throw new ProfileLockedError(directory);
    throw error;
  }
}

function readDescription(file: string): ProfileDescription | undefined {
  const stat = lstatSync(file, { throwIfNoEntry: false });
  if (stat === undefined) return undefined;
  if (!stat.isFile() || stat.size > MAX_SECRET_FILE_BYTES) throw damagedDescription(file);
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) throw damagedDescription(file);
    throw error;
  }
  const version = versionSchema.safeParse(content);
  if (version.success && version.data.version > PROFILE_VERSION)
    throw new ProfileError(
      'fromTheFuture',
      'This profile was used with a newer version of Conclave. Update Conclave to open it.',
    );
  const description = profileSchema.safeParse(content);
  if (!description.success) throw damagedDescription(file);
  return description.data;
}

function createDescription(file: string, random: (length: number) => Uint8Array): ProfileDescription {
  const profileId = Buffer.from(random(PROFILE_ID_BYTES)).toString('hex');
  const description: ProfileDescription = { version: PROFILE_VERSION, profileId };
  writeFileDurably(file, encode(description));
  return description;
}

const encode = (description: ProfileDescription): string => `${JSON.stringify(description, undefined, 2)}\n`;

const damagedDescription = (file: string): ProfileError =>
  new ProfileError('damaged', `The file ${file} is damaged. It was left as it is; restore it from a backup.`);

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;

function withFileErrors<T>(directory: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof ProfileError || error instanceof ProfileLockedError) throw error;
    throw new ProfileError('io', `The profile ${directory} cannot be read or written.`, { cause: error });
  }
}
