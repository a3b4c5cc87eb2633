/**
 * Small file work that storage shares: private files, and names that appear only when their content is durable.
 */
import { closeSync, constants, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { StorageError } from './errors.ts';

/** Only the owner reads and writes. */
export const PRIVATE_FILE = 0o600;
export const PRIVATE_DIRECTORY = 0o700;

/** Makes an empty file that did not exist, for the owner alone. */
export function createPrivateFile(file: string): number {
  // O_NOFOLLOW does not exist on Windows, where O_EXCL refuses links as well.
  const flags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL;
  return openSync(file, flags, PRIVATE_FILE);
}

/** Writes a small file whole: after a crash either the old content or the new one is there. */
export function writeFileDurably(file: string, content: string): void {
  const draft = `${file}.new`;
  rmSync(draft, { force: true });
  const descriptor = createPrivateFile(draft);
  try {
    writeSync(descriptor, content);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameDurably(draft, file);
}

/** Renames and makes the new name durable. */
export function renameDurably(from: string, to: string): void {
  renameSync(from, to);
  // Windows has no handle on a directory that could be flushed; its rename is journalled.
  if (process.platform === 'win32') return;
  const directory = openSync(dirname(to), 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}

/** Errors of the file system, such as a directory that may not be written, are the store's errors too. */
export function fileErrorOf(error: unknown): StorageError {
  if (error instanceof StorageError) return error;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new StorageError('full', 'The disk is full. Nothing was changed; free some space and try again.', {
      cause: error,
    });
  return new StorageError('io', 'The database file cannot be read or written.', { cause: error });
}
