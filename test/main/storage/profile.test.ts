/** A profile's directory belongs to one person and one process, and what is in it is never overwritten. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../main/clock.ts';
import { openProfile, ProfileError, ProfileLockedError, type Profile } from '../../../main/storage/index.ts';
import { temporaryDirectory, thrownBy } from './support.ts';

const profiles: Profile[] = [];
afterEach(() => {
  for (const profile of profiles.splice(0)) profile.close();
});

function open(directory: string): Profile {
  const profile = openProfile(directory, (length) => systemClock.random(length));
  profiles.push(profile);
  return profile;
}

const newDirectory = (): string => join(temporaryDirectory(), 'some', 'profile');

describe('openProfile', () => {
  it('makes the directory for its owner alone, and a small plain description', () => {
    const directory = newDirectory();
    const profile = open(directory);
    expect(profile).toMatchObject({
      directory,
      keychain: undefined,
      databaseFile: join(directory, 'conclave.db'),
      keychainFile: join(directory, 'root-secret.json'),
    });
    expect(profile.databaseExists()).toBe(false);
    expect(JSON.parse(readFileSync(join(directory, 'profile.json'), 'utf8'))).toEqual({
      version: 1,
      profileId: profile.profileId,
    });
    if (process.platform === 'win32') return;
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(directory)) expect(statSync(join(directory, name)).mode & 0o777).toBe(0o600);
  });

  it('gives the same profile each time, another for another directory, and remembers the keychain', () => {
    const directory = newDirectory();
    const first = open(directory);
    first.setKeychain('file');
    expect(first.keychain).toBe('file');
    writeFileSync(first.databaseFile, 'x');
    expect(first.databaseExists()).toBe(true);
    first.close();
    const again = open(directory);
    expect(again.profileId).toBe(first.profileId);
    expect(again.profileId).toMatch(/^[0-9a-f]{32}$/);
    expect(again.keychain).toBe('file');
    expect(open(newDirectory()).profileId).not.toBe(first.profileId);
    expect(readdirSync(directory).sort()).toEqual(['conclave.db', 'lock', 'profile.json']);
  });

  it('refuses a second opening of a profile that is in use, and names the profile', () => {
    const directory = newDirectory();
    const first = open(directory);
    const error = thrownBy(() => open(directory));
    expect(error).toBeInstanceOf(ProfileLockedError);
    expect((error as ProfileLockedError).message).toContain(directory);
    first.close();
    expect(open(directory).profileId).toBe(first.profileId);
  });

  it('refuses a second process, and is free at once when the first is killed', { timeout: 20_000 }, async () => {
    const directory = newDirectory();
    const program = fileURLToPath(new URL('./profileHolder.ts', import.meta.url));
    const child = spawn(process.execPath, [program, directory], {
      env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const [told] = (await once(child.stdout, 'data')) as [Buffer];
    expect(thrownBy(() => open(directory))).toBeInstanceOf(ProfileLockedError);
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
    expect(open(directory).profileId).toBe(told.toString());
  });

  it.skipIf(process.platform === 'win32')('closes an empty directory and a profile of its own to others', () => {
    const directory = newDirectory();
    mkdirSync(directory, { recursive: true, mode: 0o755 });
    open(directory).close();
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    chmodSync(directory, 0o755);
    open(directory);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
  });

  it.skipIf(process.platform === 'win32')('does not move into an open directory full of other things', () => {
    const directory = newDirectory();
    mkdirSync(directory, { recursive: true, mode: 0o755 });
    writeFileSync(join(directory, 'thesis.txt'), 'x');
    expect(thrownBy(() => open(directory))).toMatchObject({ code: 'STORAGE', problem: 'unsafe' });
    expect(readdirSync(directory)).toEqual(['thesis.txt']);
    expect(statSync(directory).mode & 0o777).toBe(0o755);
  });

  it.runIf(process.platform === 'linux')('refuses a place where nothing can be made, at once', () => {
    expect(thrownBy(() => open('/proc/conclave/profile'))).toBeInstanceOf(ProfileError);
  });

  it('refuses a path that is a file', () => {
    const file = join(temporaryDirectory(), 'file');
    writeFileSync(file, 'x');
    expect(thrownBy(() => open(file))).toMatchObject({ code: 'STORAGE', problem: 'io' });
    expect(readFileSync(file, 'utf8')).toBe('x');
  });

  it.each([
    ['nothing', '', 'damaged'],
    ['half of it', '{"version": 1, "profileId"', 'damaged'],
    ['no id', '{"version":1}', 'damaged'],
    ['a bad id', '{"version":1,"profileId":"../../etc"}', 'damaged'],
    ['another keychain', `{"version":1,"profileId":"${'a'.repeat(32)}","keychain":"none"}`, 'damaged'],
    ['a field too many', `{"version":1,"profileId":"${'a'.repeat(32)}","extra":1}`, 'damaged'],
    ['version 0', `{"version":0,"profileId":"${'a'.repeat(32)}"}`, 'damaged'],
    ['far too much', ' '.repeat(100_000), 'damaged'],
    ['a newer version', '{"version":2,"anything":true}', 'fromTheFuture'],
  ])('refuses a description that holds %s, leaves it, and lets go of the lock', (_, content, problem) => {
    const directory = newDirectory();
    const file = join(directory, 'profile.json');
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    writeFileSync(file, content);
    const error = thrownBy(() => open(directory));
    expect(error).toBeInstanceOf(ProfileError);
    expect(error).toMatchObject({ code: 'STORAGE', problem });
    expect(readFileSync(file, 'utf8')).toBe(content);
    expect(existsSync(join(directory, 'conclave.db'))).toBe(false);
    expect(thrownBy(() => open(directory))).not.toBeInstanceOf(ProfileLockedError);
  });

  it('takes a description that a crash left half written for none', () => {
    const directory = newDirectory();
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    writeFileSync(join(directory, 'profile.json.new'), '{"ver');
    open(directory);
    expect(readdirSync(directory).sort()).toEqual(['lock', 'profile.json']);
  });
});
