/** Identities as processes keep them: made, shown, and brought back by phrase or by raw key on this or another profile. */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { agree, chatGoesOn, errorOf, groupOf, texts, useHouse } from './support.ts';

const house = useHouse();

describe('an identity', () => {
  it('is shown by its phrase of twelve words, which makes the same member on another profile', async () => {
    const ana = await house.person('Ana');
    expect(ana.recoveryPhrase.split(' ')).toHaveLength(12);
    expect(await ana.node.call('identity.revealRecoveryPhrase', {})).toEqual({ recoveryPhrase: ana.recoveryPhrase });
    const other = await house.start({ profile: house.directory() });
    const recoveryPhrase = `  ${ana.recoveryPhrase.toUpperCase().replaceAll(' ', '\n ')} `;
    expect(await other.call('identity.restore', { displayName: 'Ana too', recoveryPhrase })).toEqual({
      memberId: ana.memberId,
    });
    expect(await other.call('identity.revealRecoveryPhrase', {})).toEqual({ recoveryPhrase: ana.recoveryPhrase });
    expect(await other.call('identity.status', {})).toEqual({
      exists: true,
      memberId: ana.memberId,
      displayName: 'Ana too',
      keychain: 'file',
      hasRecoveryPhrase: true,
    });
  });

  it('comes from a raw private key, with 0x or without, and is the address that wallets show for it', async () => {
    const privateKey = '4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318';
    for (const form of [privateKey, `0x${privateKey}`, `0x${privateKey.toUpperCase()}`]) {
      const node = await house.start({ profile: house.directory() });
      expect(await node.call('identity.restore', { displayName: 'Key', privateKey: form })).toEqual({
        memberId: '0x2c7536E3605D9C16a7a3D7b1898e529396a65c23',
      });
      expect(await node.call('identity.status', {})).toMatchObject({ hasRecoveryPhrase: false });
    }
  });

  it('is refused for a wrong phrase or key, and nothing changes', async () => {
    const profile = house.directory();
    const node = await house.start({ profile });
    const before = readdirSync(profile).sort();
    const words = 'legal winner thank year wave sausage worth useful legal winner thank yellow'.split(' ');
    for (const recoveryPhrase of [
      words.with(11, 'zoo').join(' '),
      words.slice(0, 11).join(' '),
      words.with(0, 'conclave').join(' '),
      [...words, 'legal'].join(' '),
    ]) {
      const error = await errorOf(node.call('identity.restore', { displayName: 'Ana', recoveryPhrase }));
      expect(error.data).toMatchObject({ code: 'INVALID_PARAMS', issues: [{ path: 'recoveryPhrase' }] });
      for (const word of new Set(recoveryPhrase.split(' '))) expect(JSON.stringify(error.data)).not.toContain(word);
    }
    for (const privateKey of ['0', 'ff'.repeat(32), '00'.repeat(32), `0x${'ab'.repeat(31)}`, `${'ab'.repeat(31)}xy`]) {
      const error = await errorOf(node.call('identity.restore', { displayName: 'Ana', privateKey }));
      expect(error.data).toMatchObject({ code: 'INVALID_PARAMS', issues: [{ path: 'privateKey' }] });
    }
    expect(readdirSync(profile).sort()).toEqual(before);
    expect(await node.call('identity.status', {})).toEqual({ exists: false, keychain: 'file' });
    expect(await node.call('identity.restore', { displayName: 'Ana', recoveryPhrase: words.join(' ') })).toHaveProperty(
      'memberId',
    );
  });

  it('opens the old groups again when the keychain lost it, with the right phrase alone', async () => {
    const [ana, bo] = await house.persons('Ana', 'Bo');
    const conversationId = await groupOf([ana, bo]);
    await chatGoesOn([ana, bo], conversationId, 'before');
    const before = await texts(bo, conversationId);
    expect(await bo.node.end()).toEqual({ code: 0, signal: null });
    rmSync(join(bo.profile, 'root-secret.json'));
    const database = readFileSync(join(bo.profile, 'conclave.db'));

    const node = await house.restart(bo);
    expect(await node.call('identity.status', {})).toEqual({ exists: false, keychain: 'file', needsRestore: true });
    expect((await errorOf(node.call('identity.create', { displayName: 'Bo' }))).code).toBe('ALREADY_EXISTS');
    const stranger = { displayName: 'Bo', recoveryPhrase: ana.recoveryPhrase };
    expect((await errorOf(node.call('identity.restore', stranger))).code).toBe('STORAGE');
    expect(readFileSync(join(bo.profile, 'conclave.db')).equals(database)).toBe(true);
    expect(readdirSync(bo.profile)).not.toContain('root-secret.json');

    const { recoveryPhrase, memberId } = bo;
    expect(await node.call('identity.restore', { displayName: 'Bo', recoveryPhrase })).toEqual({ memberId });
    await agree([ana, bo], conversationId);
    expect(await texts(bo, conversationId)).toEqual(before);
    await chatGoesOn([ana, bo], conversationId, 'after');
    expect(await bo.node.end()).toEqual({ code: 0, signal: null });
    await house.restart(bo);
    expect(await bo.node.call('identity.status', {})).toMatchObject({ exists: true, memberId });
  });

  it('brings no groups to another profile: those are of the device that joined them', async () => {
    const ana = await house.person('Ana');
    await ana.node.call('conversation.create', { name: 'Choir' });
    const again = await house.start({ profile: house.directory() });
    await again.call('identity.restore', { displayName: 'Ana', recoveryPhrase: ana.recoveryPhrase });
    expect((await again.call('conversation.list', {})).conversations).toEqual([]);
  });
});
