/**
 * Profiles that cannot be opened as they are: a damaged file, a keychain that has nothing or something else. Nothing is
 * overwritten, each is told apart, and each has a way on.
 */
import { chmodSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pass } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { HeadlessClient } from './client.ts';
import {
  acquaint,
  agree,
  chatGoesOn,
  connected,
  errorOf,
  groupOf,
  hears,
  say,
  texts,
  useHouse,
  type Person,
} from './support.ts';

const house = useHouse();

const filesOf = ({ profile }: Person): Map<string, string> =>
  new Map(
    readdirSync(profile)
      .filter((name) => !/^lock|-(wal|shm)$/.test(name))
      .map((name) => [name, readFileSync(join(profile, name)).toString('base64')]),
  );

const copiesOf = ({ profile }: Person): string[] =>
  readdirSync(profile).filter((name) => /^conclave\.db\.copy-\d+$/.test(name));

/** Waits until there is a copy of the store. */
async function copied(person: Person): Promise<void> {
  while (copiesOf(person).length === 0) await pass(100);
}

/** Stops a person, whose store has no copy afterwards. */
async function endWithoutCopies(person: Person): Promise<void> {
  await person.node.end();
  for (const name of copiesOf(person)) rmSync(join(person.profile, name));
}

/** Everywhere but at its beginning: what the log has of some pages does not hide it. */
function damage({ profile }: Person): void {
  const file = join(profile, 'conclave.db');
  const bytes = readFileSync(file);
  writeFileSync(file, bytes.fill(0x5a, 10_000));
}

const problemOf = async (node: HeadlessClient) => (await node.call('identity.status', {})).problem;

describe('a damaged file', () => {
  it('is set aside for the last good copy, from which the groups let the person in again', async () => {
    const [ana, bo, cy] = await house.persons('Ana', 'Bo', 'Cy');
    const people = [ana, bo, cy];
    const conversationId = await groupOf([ana, bo, cy]);
    await acquaint(people);
    await connected(people, conversationId);
    await chatGoesOn(people, conversationId, 'before the copy');
    await endWithoutCopies(bo);
    await house.restart(bo);
    await copied(bo);
    for (const name of copiesOf(bo)) expect(statSync(join(bo.profile, name)).mode & 0o777).toBe(0o600);
    await connected(people, conversationId);
    const known = await texts(bo, conversationId);
    await chatGoesOn(people, conversationId, 'after the copy');
    await bo.node.kill();
    damage(bo);
    const before = filesOf(bo);

    const node = await house.restart(bo);
    const problem = await problemOf(node);
    expect(problem).toMatchObject({ code: 'STORAGE', cause: 'damaged', directory: bo.profile });
    expect((await errorOf(node.call('conversation.list', {}))).code).toBe('STORAGE');
    expect(filesOf(bo)).toEqual(before);
    const { takenAt, setAside } = await node.call('identity.restoreCopy', {});
    expect(takenAt).toBe(problem?.copy?.takenAt);
    expect(filesOf(bo).get(setAside ?? '')).toBe(before.get('conclave.db'));
    expect(await node.call('identity.status', {})).toMatchObject({ exists: true, memberId: bo.memberId });
    expect(await texts(bo, conversationId)).toEqual(known);

    await say(bo, conversationId, 'written before I was in again');
    await hears(ana, 'written before I was in again');
    await hears(cy, 'written before I was in again');
    await agree(people, conversationId);
    await connected(people, conversationId);
    await chatGoesOn(people, conversationId, 'all together');
    const { entries } = await ana.node.call('governance.log', { conversationId, limit: 200 });
    expect(entries.filter(({ kind, target }) => kind === 'joined' && target === bo.memberId)).toHaveLength(2);
    expect((await errorOf(node.call('identity.restoreCopy', {}))).code).toBe('NOT_FOUND');
  });

  it('is told from one that was deleted, which a copy replaces as well', async () => {
    const ana = await house.person('Ana');
    await copied(ana);
    await ana.node.end();
    rmSync(join(ana.profile, 'conclave.db'));
    const node = await house.restart(ana);
    expect(await problemOf(node)).toMatchObject({ code: 'STORAGE', cause: 'damaged' });
    expect((await errorOf(node.call('identity.create', { displayName: 'Ana' }))).code).toBe('STORAGE');
    await node.call('identity.restoreCopy', {});
    expect(await node.call('identity.status', {})).toMatchObject({ exists: true, memberId: ana.memberId });
  });

  it('without a good copy stays as it is and says so', async () => {
    const ana = await house.person('Ana');
    await endWithoutCopies(ana);
    damage(ana);
    const before = filesOf(ana);
    const node = await house.restart(ana);
    const problem = await problemOf(node);
    expect(problem).toMatchObject({ code: 'STORAGE', cause: 'damaged' });
    expect(problem?.copy).toBeUndefined();
    expect((await errorOf(node.call('identity.restoreCopy', {}))).code).toBe('NOT_FOUND');
    expect(await node.end()).toEqual({ code: 0, signal: null });
    expect(filesOf(ana)).toEqual(before);
  });
});

describe('a keychain', () => {
  it('that has the secret of somebody else overwrites nothing, and takes the right words', async () => {
    const [ana, bo] = await house.persons('Ana', 'Bo');
    await copied(ana);
    await Promise.all([ana.node.end(), bo.node.end()]);
    const secretFile = join(ana.profile, 'root-secret.json');
    writeFileSync(secretFile, readFileSync(join(bo.profile, 'root-secret.json')), { mode: 0o600 });
    const before = filesOf(ana);
    const node = await house.restart(ana);
    const problem = await problemOf(node);
    expect(problem).toMatchObject({ code: 'STORAGE', cause: 'otherKey' });
    expect(problem?.copy).toBeUndefined();
    expect((await errorOf(node.call('identity.create', { displayName: 'Ana' }))).code).toBe('STORAGE');
    const wrong = { displayName: 'Ana', recoveryPhrase: bo.recoveryPhrase };
    expect((await errorOf(node.call('identity.restore', wrong))).code).toBe('STORAGE');
    expect(filesOf(ana)).toEqual(before);
    const right = { displayName: 'Ana', recoveryPhrase: ana.recoveryPhrase };
    expect(await node.call('identity.restore', right)).toEqual({ memberId: ana.memberId });
    await node.end();
    await house.restart(ana);
    expect(await ana.node.call('identity.status', {})).toMatchObject({ exists: true, memberId: ana.memberId });
  });

  it('whose entry is gone, with a damaged file, leads by the right words to the last good copy', async () => {
    const ana = await house.person('Ana');
    await copied(ana);
    await ana.node.end();
    rmSync(join(ana.profile, 'root-secret.json'));
    damage(ana);
    const node = await house.restart(ana);
    expect(await node.call('identity.status', {})).toMatchObject({ exists: false, needsRestore: true });
    const right = { displayName: 'Ana', recoveryPhrase: ana.recoveryPhrase };
    expect((await errorOf(node.call('identity.restore', right))).code).toBe('STORAGE');
    expect(await problemOf(node)).toMatchObject({ cause: 'damaged', copy: {} });
    await node.call('identity.restoreCopy', {});
    await node.end();
    await house.restart(ana);
    expect(await ana.node.call('identity.status', {})).toMatchObject({ exists: true, memberId: ana.memberId });
  });

  it.each([
    ['keychainUnreadable', 'words', 'not a secret'],
    ['keychainUnreadable', 'open to others', undefined],
  ] as const)('that cannot be read is left as it is, and opens when it can again (%s: %s)', async (cause, _, words) => {
    const ana = await house.person('Ana');
    await ana.node.end();
    const secretFile = join(ana.profile, 'root-secret.json');
    const secret = readFileSync(secretFile);
    if (words === undefined) chmodSync(secretFile, 0o644);
    else writeFileSync(secretFile, words);
    const before = filesOf(ana);
    const node = await house.restart(ana);
    expect(await problemOf(node)).toMatchObject({ code: 'KEYCHAIN_UNAVAILABLE', cause });
    for (const call of [node.call('conversation.list', {}), node.call('identity.create', { displayName: 'Ana' })])
      expect((await errorOf(call)).code).toBe('KEYCHAIN_UNAVAILABLE');
    expect(filesOf(ana)).toEqual(before);
    writeFileSync(`${secretFile}.right`, secret, { mode: 0o600 });
    renameSync(`${secretFile}.right`, secretFile);
    expect(await node.call('identity.status', {})).toMatchObject({ exists: true, memberId: ana.memberId });
  });
});
