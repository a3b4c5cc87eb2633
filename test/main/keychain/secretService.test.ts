/** The keychain of the system against a real Secret Service (gnome-keyring), locked, unlocked and absent. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AsyncEntry } from 'keytar';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../main/clock.ts';
import { createKeychain } from '../../../main/keychain/index.ts';
import type { RootSecret } from '../../../main/messenger/ports/keychain.ts';

const phrase: RootSecret = { kind: 'phrase', entropy: new Uint8Array(16).map((_, index) => 255 - index) };
const raw: RootSecret = { kind: 'privateKey', privateKey: new Uint8Array(32).fill(0x31) };

describe.runIf(process.platform === 'linux')('a real Secret Service', () => {
  const account = `test-${Buffer.from(systemClock.random(8)).toString('hex')}`;
  const keychain = createKeychain({ kind: 'os', account }, systemClock);
  const entry = (): AsyncEntry => new AsyncEntry('Conclave', account, { linux: { store: 'secret-service' } });

  beforeAll(() => {
    if (process.env['DBUS_SESSION_BUS_ADDRESS'] === undefined)
      throw new Error(
        'These tests need a D-Bus session with an unlocked gnome-keyring. `npm test` starts one; by hand: ' +
          `dbus-run-session -- bash -c 'eval "$(printf %s test | gnome-keyring-daemon --unlock --components=secrets)"; …'`,
      );
  });
  afterEach(async () => {
    await entry().deletePassword();
  });

  it('keeps either kind of secret, replaces it and removes it', async () => {
    expect(keychain.kind).toBe('os');
    expect(await keychain.read()).toBeUndefined();
    for (const secret of [phrase, raw]) {
      await keychain.write(secret);
      expect(await keychain.read()).toEqual(secret);
      expect(await createKeychain({ kind: 'os', account }, systemClock).read()).toEqual(secret);
    }
    await keychain.remove();
    await keychain.remove();
    expect(await keychain.read()).toBeUndefined();
  });

  it('keeps the secrets of profiles apart', async () => {
    await keychain.write(phrase);
    expect(await createKeychain({ kind: 'os', account: `${account}-other` }, systemClock).read()).toBeUndefined();
  });

  it('gives the secret to another process of the same person', async () => {
    await keychain.write(phrase);
    // The child writes its own secret, reads it and removes it.
    const [written, read, removed] = runChild({});
    expect([written, removed]).toEqual([{ value: null }, { value: null }]);
    expect(read).toMatchObject({ value: { kind: 'phrase' } });
    expect(await keychain.read()).toBeUndefined();
  });

  it('refuses an entry that another program wrote under our name, and leaves it', async () => {
    await entry().setPassword('something else');
    await expect(keychain.read()).rejects.toMatchObject({ code: 'KEYCHAIN_UNAVAILABLE', problem: 'damaged' });
    expect(await entry().getPassword()).toBe('something else');
  });

  it('is not replaced by anything when there is no bus: every operation says what to do, nothing is written', () => {
    const home = mkdtempSync(join(tmpdir(), 'conclave-home-'));
    try {
      const outcomes = runChild({ DBUS_SESSION_BUS_ADDRESS: undefined, XDG_RUNTIME_DIR: undefined, HOME: home });
      expect(outcomes).toHaveLength(3);
      for (const outcome of outcomes) {
        expect(outcome).toMatchObject({ code: 'KEYCHAIN_UNAVAILABLE', problem: 'unavailable' });
        expect(JSON.stringify(outcome)).toMatch(/gnome-keyring.*--keychain file/);
        expect(JSON.stringify(outcome)).not.toContain('5e5e');
      }
      expect(readdirSync(home)).toEqual([]);
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  });

  it('says to unlock a locked keyring, and nothing is written', () => {
    // A session of its own: locking the one that all tests share would lock out the others.
    const home = mkdtempSync(join(tmpdir(), 'conclave-home-'));
    const program = fileURLToPath(new URL('./tryKeychain.ts', import.meta.url));
    // Without a display its prompt is dismissed at once, as if a person had refused.
    const { DISPLAY: _, WAYLAND_DISPLAY: __, XDG_RUNTIME_DIR: ___, GNOME_KEYRING_CONTROL: ____, ...bare } = process.env;
    const script = `
      printf %s test | gnome-keyring-daemon --unlock --components=secrets >/dev/null
      owner="--dest=org.freedesktop.DBus / org.freedesktop.DBus.GetNameOwner string:org.freedesktop.secrets"
      until dbus-send --session --print-reply $owner >/dev/null 2>&1; do sleep 0.02; done
      dbus-send --session --print-reply --dest=org.freedesktop.secrets /org/freedesktop/secrets \\
        org.freedesktop.Secret.Service.Lock array:objpath:/org/freedesktop/secrets/collection/login >/dev/null
      exec "$0" "$1" locked`;
    try {
      const output = execFileSync('dbus-run-session', ['--', 'bash', '-c', script, process.execPath, program], {
        env: { ...bare, ELECTRON_RUN_AS_NODE: '1', HOME: home },
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      // What the session starts may print first.
      const [written] = JSON.parse(output.slice(output.indexOf('['))) as unknown[];
      expect(written).toMatchObject({ code: 'KEYCHAIN_UNAVAILABLE', problem: 'denied' });
      expect(JSON.stringify(written)).toContain('Unlock your login keyring');
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  });

  function runChild(changes: Readonly<Record<string, string | undefined>>): readonly unknown[] {
    const env = { ...process.env, ELECTRON_RUN_AS_NODE: '1', ...changes };
    const program = fileURLToPath(new URL('./tryKeychain.ts', import.meta.url));
    return JSON.parse(execFileSync(process.execPath, [program, account], { env, encoding: 'utf8' })) as unknown[];
  }
});
