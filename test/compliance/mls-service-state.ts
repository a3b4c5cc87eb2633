/** The MlsService suite: what members compare, export and store. Registered by mls-service.ts. §7.3, H-44 */
import { expect, it } from 'vitest';
import {
  decodeDeviceSignatureKey,
  encodeDeviceSignatureKey,
  type MlsGroupPart,
  type MlsGroupParts,
} from '../../main/protocol/mls/index.ts';
import { PAST_EPOCH_MS } from '../../shared/limits.ts';
import {
  at,
  CONVERSATION,
  expectAgreement,
  groupOf,
  letIn,
  NOW,
  receive,
  send,
  text,
  type Member,
} from '../main/protocol/mls/support.ts';
import {
  authenticatorOf,
  expectIgnored,
  offer,
  removalOf,
  threeOf,
  type CreateMlsService,
  type MakePerson,
} from './mls-service-world.ts';

const PARTS: readonly MlsGroupPart[] = ['tree', 'epoch', 'ratchets', 'history'];

export function stateCompliance(create: CreateMlsService, person: MakePerson): void {
  const changed = (before: MlsGroupParts, after: MlsGroupParts): readonly MlsGroupPart[] =>
    PARTS.filter((part) => before[part] !== after[part]);

  /** A new process: nothing but the stored bytes. */
  const restarted = ({ identity, signatureKey, random, service, group }: Member): Member => {
    const { tree, epoch, ratchets, history } = service.encodeParts(group);
    const key = decodeDeviceSignatureKey(encodeDeviceSignatureKey(signatureKey));
    const again = create({ identity, signatureKey: key, random });
    const parts = { tree: tree.slice(), epoch: epoch.slice(), ratchets: ratchets.slice(), history: history.slice() };
    return { identity, signatureKey: key, random, service: again, group: again.decodeParts(parts) };
  };

  it('shows a group without its secrets as it was, and neither sends nor reads with it', async () => {
    const [ada, ben] = await threeOf(person);
    const bare = { ...ada, group: ada.service.withoutSecrets(ada.group) };
    expect(ada.service.members(bare.group)).toEqual(ada.service.members(ada.group));
    expect(bare.group.epoch).toBe(ada.group.epoch);
    expect(authenticatorOf(bare)).toEqual(authenticatorOf(ada));
    expect(restarted(bare).group.epoch).toBe(ada.group.epoch);
    await expect(ada.service.encrypt(bare.group, text('hello'))).rejects.toMatchObject({ code: 'Internal' });
    const { ciphertext } = await ben.service.encrypt(ben.group, text('hello'));
    await expect(ada.service.decrypt(bare.group, ciphertext, NOW)).rejects.toMatchObject({ code: 'Tampered' });
  });

  it('exports the same secret everywhere, another one per label, context, length and epoch', async () => {
    const members = await threeOf(person);
    const exported = async ({ service, group }: Member, label = 'invite', context = 'x', length = 32) =>
      Buffer.from(await service.exportSecret(group, label, text(context), length)).toString('hex');
    const secrets = await Promise.all(members.map((member) => exported(member)));
    expect(new Set(secrets).size).toBe(1);
    const [ada] = members;
    const { members: later } = await letIn(members, 0, [person('dan')]);
    const long = await exported(ada, 'invite', 'x', 64);
    const others = [
      await exported(ada, 'invite', 'y'),
      await exported(ada, 'other', 'x'),
      await exported(at(later, 0)),
      long.slice(0, 64),
    ];
    expect(long).toHaveLength(128);
    expect(new Set([...secrets, ...others]).size).toBe(5);
    expect(await exported(at(later, 3))).toBe(await exported(at(later, 0)));
  });

  it('has an authenticator of 32 bytes that tells epochs apart and not what was read', async () => {
    const [ada, bob, cyd] = await threeOf(person);
    const [sent, ciphertext] = await send(ada, 'hello');
    const { receiver } = await receive(bob, ciphertext);
    const { candidate, won } = await offer(ada, [removalOf(cyd)]);
    const same = [ada, bob, cyd, sent, receiver, { ...ada, group: candidate.base }];
    expect(new Set(same.map(authenticatorOf)).size).toBe(1);
    expect(authenticatorOf(won)).not.toBe(authenticatorOf(ada));
    expect(ada.service.epochAuthenticator(ada.group)).toHaveLength(32);
    ada.service.epochAuthenticator(ada.group).fill(0); // A copy: whoever has it cannot hurt the group.
    expect(authenticatorOf(ada)).toBe(authenticatorOf(bob));
  });

  it('replays exactly from the same randomness', async () => {
    const run = async (): Promise<unknown> => {
      const members = await groupOf([person('ada'), person('bob'), person('cyd')]);
      const [sent, ciphertext] = await send(at(members, 1), 'hello');
      const { candidate, won } = await offer(sent, [removalOf(at(members, 2))]);
      return [
        ciphertext,
        candidate.proposals,
        candidate.commit,
        members.map(({ service, group }) => service.encodeParts(group)),
        won.service.encodeParts(won.group),
      ];
    };
    expect(await run()).toEqual(await run());
  });

  it('shows no secret when it is printed', async () => {
    const [ada] = await threeOf(person);
    const printed = JSON.stringify(ada.group, (_key, value: unknown) =>
      typeof value === 'bigint' ? String(value) : value,
    );
    expect(printed).toBe(JSON.stringify({ conversationId: CONVERSATION, epoch: '1' }));
  });

  it('goes on from its stored bytes where it was, late messages and commits included', async () => {
    const members = await threeOf(person);
    const [, late] = await send(members[2], 'late');
    const { members: grown } = await letIn(members, 0, [person('dan')]);
    const stored = grown.map(restarted);
    expect(stored.map(authenticatorOf)).toEqual(grown.map(authenticatorOf));
    await expectAgreement(stored);
    const second = at(stored, 1);
    expect(second.service.nextPruneAt(second.group)).toBe(NOW + PAST_EPOCH_MS);
    expect(await receive(second, late)).toMatchObject({ payload: 'late', epoch: 1n });
    await expectAgreement((await letIn(stored, 3, [person('eve')])).members);
  });

  it('keeps skipped messages and refuses used ones after a restart', async () => {
    const [ada, bob] = await threeOf(person);
    const [next, first] = await send(ada, 'first');
    const [, second] = await send(next, 'second');
    const again = restarted((await receive(bob, second)).receiver);
    await expectIgnored(again, second, 'replay');
    expect((await receive(again, first)).payload).toBe('first');
    await expectIgnored(restarted(next), first, 'replay');
  });

  it('makes good candidates from a base that was stored, and merges a stored one', async () => {
    const [ada, bob, cyd] = await threeOf(person);
    const { candidate } = await offer(ada, [removalOf(cyd)]);
    const base = restarted({ ...ada, group: candidate.base });
    const next = restarted({ ...ada, group: candidate.next });
    const second = await offer(base, [removalOf(cyd)]);
    for (const each of [candidate, second.candidate])
      expect((await bob.service.stageCandidate(bob.group, each, NOW)).kind).toBe('staged');
    const merged = base.service.merge(base.group, next.group, NOW);
    expect(authenticatorOf({ ...base, group: merged })).toBe(authenticatorOf({ ...ada, group: candidate.next }));
  });

  it('gives the identical array for each part that did not change', async () => {
    const members = await threeOf(person);
    const [ada, bob] = members;
    const before = bob.service.encodeParts(bob.group);
    const changedBy = (group: Member['group']) => changed(before, bob.service.encodeParts(group));
    expect(changedBy(bob.group)).toEqual([]);
    const [, ciphertext] = await send(ada, 'hello');
    expect(changedBy((await receive(bob, ciphertext)).receiver.group)).toEqual(['ratchets']);
    expect(changedBy((await send(bob, 'hello'))[0].group)).toEqual(['ratchets']);
    expect(changedBy((await offer(bob, [removalOf(ada)])).candidate.base)).toEqual(['epoch']);
    expect(changedBy(bob.service.decodeParts(before))).toEqual([]);
    const merged = at((await letIn(members, 0, [person('dan')])).members, 1);
    expect(changedBy(merged.group)).toEqual([...PARTS]);
    const parts = merged.service.encodeParts(merged.group);
    const late = (await receive(merged, ciphertext)).receiver;
    expect(changed(parts, merged.service.encodeParts(late.group))).toEqual(['history']);
    const pruned = merged.service.prune(merged.group, NOW + PAST_EPOCH_MS);
    expect(changed(parts, merged.service.encodeParts(pruned))).toEqual(['history']);
  });

  it('that is damaged, cut, of another version, mixed with another epoch or of another device is refused', async () => {
    const members = await threeOf(person);
    const [, bob] = members;
    const parts = bob.service.encodeParts(bob.group);
    const after = at((await letIn(members, 0, [person('dan')])).members, 1);
    const later = bob.service.encodeParts(after.group);
    const refused = (damaged: MlsGroupParts, code = 'DamagedState') =>
      expect(() => bob.service.decodeParts(damaged)).toThrow(expect.objectContaining({ code }));
    for (const part of PARTS) {
      refused({ ...later, [part]: new Uint8Array() });
      refused({ ...later, [part]: later[part].subarray(0, -1) });
      refused({ ...later, [part]: new Uint8Array([...later[part], 0]) });
      refused({ ...later, [part]: later[part].with(0, 2) });
    }
    for (const part of ['tree', 'epoch', 'ratchets'] as const) refused({ ...later, [part]: parts[part] });
    refused({ ...parts, history: later.history });
    const other = person('bob', 'another device').service;
    expect(() => other.decodeParts(parts)).toThrow(expect.objectContaining({ code: 'OtherDevice' }));
    expect(authenticatorOf({ ...bob, group: bob.service.decodeParts(later) })).toBe(authenticatorOf(after));
  });

  it('rewrites about 40 bytes a member for a chat message', async () => {
    const members = await groupOf(Array.from({ length: 16 }, (_, index) => person(`person ${index}`)));
    const ada = at(members, 0);
    const before = ada.service.encodeParts(ada.group);
    const parts = ada.service.encodeParts((await send(ada, 'hello'))[0].group);
    expect(changed(before, parts)).toEqual(['ratchets']);
    expect(parts.ratchets.length).toBeLessThan(700);
  });
}
