/** The smaller pure parts of the build tools. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it, expect } from 'vitest';
import { displayFor } from '../../build/steps/app.mjs';
import { fingerprint } from '../../build/steps/fingerprint.mjs';
import { withLock } from '../../build/steps/lock.mjs';
import { handOver } from '../../build/steps/processes.mjs';
import { DEBIAN_PACKAGES, missingPackages } from '../../build/steps/system.mjs';
import { authorityFile } from '../../build/session.mjs';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'conclave-steps-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe('the display', () => {
  it('is the desktop where there is one, else virtual, else none', () => {
    expect(displayFor('darwin', {}, false)).toBe('desktop');
    expect(displayFor('linux', { DISPLAY: ':0' }, true)).toBe('desktop');
    expect(displayFor('linux', { WAYLAND_DISPLAY: 'wayland-0' }, false)).toBe('desktop');
    expect(displayFor('linux', { DISPLAY: '' }, true)).toBe('virtual');
    expect(displayFor('linux', {}, false)).toBe('none');
  });

  it('is guarded by a cookie in the Xauthority format', () => {
    const file = authorityFile(new Uint8Array(16).fill(7));
    expect(file.subarray(0, 8).toString('hex')).toBe('ffff000000000012');
    expect(file.subarray(8, 26).toString()).toBe('MIT-MAGIC-COOKIE-1');
    expect(file.subarray(26).toString('hex')).toBe(`0010${'07'.repeat(16)}`);
  });
});

describe('the fingerprint of sources', () => {
  it('changes with a content, a name and a new file, and with nothing else', () => {
    mkdirSync(join(folder, 'main'));
    const put = (name: string, text: string): void => {
      writeFileSync(join(folder, 'main', name), text);
    };
    put('a.ts', 'one');
    const first = fingerprint(folder, ['main', 'absent']);
    expect(fingerprint(folder, ['main', 'absent'])).toBe(first);
    put('a.ts', 'two');
    const second = fingerprint(folder, ['main', 'absent']);
    put('b.ts', '');
    const third = fingerprint(folder, ['main', 'absent']);
    expect(new Set([first, second, third]).size).toBe(3);
  });
});

describe('the set-up lock', () => {
  it('lets one in at a time', async () => {
    const path = join(folder, 'lock');
    let inside = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      inside += 1;
      most = Math.max(most, inside);
      await new Promise((resolve) => setImmediate(resolve));
      inside -= 1;
    };
    await Promise.all(Array.from({ length: 5 }, () => withLock(path, work, { pollMs: 1 })));
    expect(most).toBe(1);
    expect(existsSync(path)).toBe(false);
  });

  it('is taken over from a process that is gone', async () => {
    const path = join(folder, 'lock');
    writeFileSync(path, '2147483646\n'); // Above the largest process id of any system.
    expect(await withLock(path, async () => readFileSync(path, 'utf8').trim(), { pollMs: 1 })).toBe(
      String(process.pid),
    );
  });

  it('is released when the work fails', async () => {
    const path = join(folder, 'lock');
    await expect(withLock(path, () => Promise.reject(new Error('broken')), { pollMs: 1 })).rejects.toThrow('broken');
    expect(existsSync(path)).toBe(false);
  });

  it('is not waited for without end', async () => {
    const path = join(folder, 'lock');
    writeFileSync(path, `${String(process.ppid)}\n`);
    await expect(withLock(path, async () => 1, { pollMs: 1, patienceMs: 20 })).rejects.toThrow(/too long/);
  });
});

describe('a program that has the terminal', () => {
  const env = { ...process.env, ELECTRON_RUN_AS_NODE: '1' };
  it('gives its exit code back', async () => {
    expect(await handOver(process.execPath, ['-e', 'process.exit(7)'], { env })).toBe(7);
  });
  it('gives 128 and the signal back when one ended it', async () => {
    expect(await handOver(process.execPath, ['-e', 'process.kill(process.pid, "SIGTERM")'], { env })).toBe(143);
  });
});

describe('system packages', () => {
  it('count as there when installed, held, or under the newer t64 name', () => {
    const listing = 'xvfb ii \nlibgtk-3-0t64 ii \nxauth hi \ndbus un \nlibnss3 rc \n';
    expect(missingPackages(['xvfb', 'libgtk-3-0', 'xauth', 'dbus', 'libnss3', 'libgbm1'], listing)).toEqual([
      'dbus',
      'libnss3',
      'libgbm1',
    ]);
  });

  it('are the same in .ci/run', () => {
    const script = readFileSync(join(import.meta.dirname, '../../.ci/run'), 'utf8');
    const listed = /packages=\(([^)]*)\)/.exec(script)?.[1]?.trim().split(/\s+/);
    expect(listed).toEqual(DEBIAN_PACKAGES);
  });
});
