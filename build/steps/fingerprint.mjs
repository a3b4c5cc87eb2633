/**
 * Content hashes of files and folders: whether something has changed since it was last built, installed or checked.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/**
 * @param {string} path
 * @returns {string[]} the files under `path` (or itself), sorted
 */
function filesUnder(path) {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return [];
  if (!found.isDirectory()) return [path];
  return readdirSync(path)
    .sort()
    .filter((name) => name !== 'node_modules' && !name.startsWith('.'))
    .flatMap((name) => filesUnder(join(path, name)));
}

/**
 * SHA-256 over the names and contents of everything under `paths`. A missing path counts as empty.
 * @param {string} root
 * @param {readonly string[]} paths relative to `root`
 */
export function fingerprint(root, paths) {
  const hash = createHash('sha256');
  for (const path of paths) {
    for (const file of filesUnder(join(root, path))) {
      const content = readFileSync(file);
      hash.update(`${relative(root, file).split(sep).join('/')}\0${String(content.length)}\0`);
      hash.update(content);
    }
  }
  return hash.digest('hex');
}

/**
 * The text of a small marker file, or undefined where there is none.
 * @param {string} path
 */
export function readMarker(path) {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') return undefined;
    throw error;
  }
}
