/** When packages are installed, and when an npm complaint about the lock file may be passed over. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it, expect } from 'vitest';
import { installStep, isInstalled, lockHash } from '../../build/steps/install.mjs';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'conclave-install-'));
  mkdirSync(join(root, 'node_modules'));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

const locked = { '': {}, 'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' } };
const write = (path: string, value: unknown): void => {
  writeFileSync(join(root, path), typeof value === 'string' ? value : JSON.stringify(value));
};

describe('the install step', () => {
  it('installs into an empty tree', () => {
    write('package-lock.json', { packages: locked });
    expect(installStep(root)).toBe('install');
  });

  it('does nothing while the stored hash is that of the lock file, and looks again when it changes', () => {
    write('package-lock.json', { packages: locked });
    write('node_modules/.conclave-lock-hash', `${lockHash(root)}\n`);
    expect(installStep(root)).toBe('nothing');
    write('package-lock.json', { packages: { ...locked, 'node_modules/b': { version: '2.0.0' } } });
    expect(installStep(root)).toBe('install');
  });

  it('only records the hash where npm has installed the same packages already', () => {
    write('package-lock.json', { packages: locked });
    write('node_modules/.package-lock.json', { packages: locked });
    expect(installStep(root)).toBe('record');
  });
});

describe('installed packages', () => {
  it('may lack optional ones, but none may be missing or differ', () => {
    expect(isInstalled({ ...locked, 'node_modules/b': { version: '1.0.0', optional: true } }, locked)).toBe(true);
    expect(isInstalled({ ...locked, 'node_modules/b': { version: '1.0.0' } }, locked)).toBe(false);
    expect(isInstalled(locked, { 'node_modules/a': { version: '1.0.1', integrity: 'sha512-a' } })).toBe(false);
    expect(isInstalled(locked, { 'node_modules/a': { version: '1.0.0', integrity: 'sha512-x' } })).toBe(false);
  });
});
