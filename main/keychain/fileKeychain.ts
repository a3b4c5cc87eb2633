/**
 * The root secret in a file of the profile, for servers that have no keychain. Readable by its owner alone, replaced
 * whole or not at all; refuses a file that others could have read or put there.
 */
import { constants } from 'node:fs';
import { lstat, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { MAX_SECRET_FILE_BYTES } from '../../shared/limits.ts';
import type { Keychain, RootSecret } from '../messenger/ports/keychain.ts';
import { KeychainError } from './errors.ts';
import { decodeSecret, encodeSecret } from './secretFormat.ts';

const OWNER_ONLY = 0o600;
const isWindows = process.platform === 'win32';

export function fileKeychain(file: string): Keychain {
  return {
    kind: 'file',
    read: () => withFileErrors(file, () => read(file)),
    write: (secret) => withFileErrors(file, () => write(file, encodeSecret(secret))),
    remove: () =>
      withFileErrors(file, async () => {
        await rm(file, { force: true });
        await syncDirectory(file);
      }),
  };
}

async function read(file: string): Promise<RootSecret | undefined> {
  if (!(await requirePlainFile(file))) return undefined;
  // A link that takes the file's place in between is refused here; Windows needs a privilege to make one.
  const handle = await open(file, constants.O_RDONLY | (isWindows ? 0 : constants.O_NOFOLLOW));
  try {
    const { mode, uid, size } = await handle.stat();
    if (!isWindows && ((mode & 0o077) !== 0 || uid !== process.getuid?.()))
      throw new KeychainError(
        'unsafe',
        `The file ${file} holds the secret of this profile and is open to other users. Make it private (chmod 600) and its own.`,
      );
    if (size > MAX_SECRET_FILE_BYTES) throw damaged(file);
    const secret = decodeSecret(await handle.readFile('utf8'));
    if (secret === undefined) throw damaged(file);
    return secret;
  } finally {
    await handle.close();
  }
}

async function write(file: string, content: string): Promise<void> {
  await requirePlainFile(file);
  const draft = `${file}.new`;
  await rm(draft, { force: true });
  const handle = await open(draft, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, OWNER_ONLY);
  try {
    await fill(handle, content);
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
  await syncDirectory(file);
}

async function fill(handle: FileHandle, content: string): Promise<void> {
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Whether the file exists; throws when the name belongs to a link or to anything else that is not a file. */
async function requirePlainFile(file: string): Promise<boolean> {
  try {
    if ((await lstat(file)).isFile()) return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
  throw new KeychainError('unsafe', `${file} should be the file of this profile’s secret, but is a link or no file.`);
}

/** Makes a new or removed name durable. Windows has no handle on a directory; its renames are journalled. */
async function syncDirectory(file: string): Promise<void> {
  if (isWindows) return;
  const directory = await open(dirname(file), 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

const damaged = (file: string): KeychainError =>
  new KeychainError(
    'damaged',
    `The file ${file} does not hold a secret that this version of Conclave can read. It was left as it is.`,
  );

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);

async function withFileErrors<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof KeychainError) throw error;
    if (codeOf(error) === 'ELOOP')
      throw new KeychainError('unsafe', `${file} should be the file of this profile’s secret, but is a link.`, {
        cause: error,
      });
    throw new KeychainError('io', `The file ${file} cannot be read or written.`, { cause: error });
  }
}
