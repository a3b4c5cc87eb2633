/** The stored form: survives, is split by how often it changes, and does not accept what is damaged or foreign. */
import { describe, expect, it } from 'vitest';
import {
  createMlsService,
  decodeDeviceSignatureKey,
  encodeDeviceSignatureKey,
  type MlsGroupPart,
  type MlsGroupParts,
} from '../../../../main/protocol/mls/index.ts';
import { at, expectAgreement, groupOf, letIn, NOW, person, receive, send, type Member } from './support.ts';

const PARTS: readonly MlsGroupPart[] = ['tree', 'epoch', 'ratchets', 'history'];

function restore(member: Member, parts: MlsGroupParts): Member {
  return { ...member, group: member.service.decodeParts(parts) };
}

function changed(before: MlsGroupParts, after: MlsGroupParts): readonly MlsGroupPart[] {
  return PARTS.filter((part) => before[part] !== after[part]);
}

describe('a stored group', () => {
  it('goes on where it was, after chat, commits and late messages, with a key that was stored too', async () => {
    let members = await groupOf([person('ada'), person('bob'), person('cyd')]);
    const [, late] = await send(at(members, 2), 'late');
    ({ members } = await letIn(members, 0, [person('dan')]));
    const stored = members.map((member) => {
      const signatureKey = decodeDeviceSignatureKey(encodeDeviceSignatureKey(member.signatureKey));
      const service = createMlsService({ identity: member.identity, signatureKey, random: member.random });
      const copied = Object.fromEntries(
        Object.entries(member.service.encodeParts(member.group)).map(([part, bytes]) => [part, bytes.slice()]),
      );
      return {
        ...member,
        service,
        group: service.decodeParts({
          tree: partOf(copied, 'tree'),
          epoch: partOf(copied, 'epoch'),
          ratchets: partOf(copied, 'ratchets'),
          history: partOf(copied, 'history'),
        }),
      };
    });
    await expectAgreement(stored);
    expect(await receive(at(stored, 1), late)).toMatchObject({ payload: 'late', epoch: 1n });
    const { members: grown } = await letIn(stored, 3, [person('eve')]);
    await expectAgreement(grown);
  });

  it('keeps skipped messages and refuses used ones after a restart', async () => {
    const [ada, bob] = await groupOf([person('ada'), person('bob')]).then(
      (members) => [at(members, 0), at(members, 1)] as const,
    );
    const [next, first] = await send(ada, 'first');
    const [, second] = await send(next, 'second');
    const { receiver } = await receive(bob, second);
    const restarted = restore(receiver, bob.service.encodeParts(receiver.group));
    expect(await bob.service.decrypt(restarted.group, second, NOW)).toEqual({ kind: 'ignored', reason: 'replay' });
    expect((await receive(restarted, first)).payload).toBe('first');
  });

  it('gives the identical array for each part that did not change', async () => {
    const members = await groupOf([person('ada'), person('bob'), person('cyd')]);
    const [ada, bob] = [at(members, 0), at(members, 1)];
    const before = bob.service.encodeParts(bob.group);
    expect(changed(before, bob.service.encodeParts(bob.group))).toEqual([]);
    const [, ciphertext] = await send(ada, 'hello');
    const { receiver } = await receive(bob, ciphertext);
    expect(changed(before, bob.service.encodeParts(receiver.group))).toEqual(['ratchets']);
    const [sent] = await send(bob, 'hello');
    expect(changed(before, bob.service.encodeParts(sent.group))).toEqual(['ratchets']);
    const candidate = await bob.service.createCandidate(
      bob.group,
      [{ kind: 'remove', memberId: ada.identity.memberId }],
      NOW,
    );
    expect(changed(before, bob.service.encodeParts(candidate.base))).toEqual(['epoch']);
    const restarted = restore(bob, before);
    expect(changed(before, bob.service.encodeParts(restarted.group))).toEqual([]);
    const { members: after } = await letIn(members, 0, [person('dan')]);
    const merged = at(after, 1);
    const parts = merged.service.encodeParts(merged.group);
    expect(changed(before, parts)).toEqual([...PARTS]);
    const { receiver: late } = await receive(merged, ciphertext);
    expect(changed(parts, merged.service.encodeParts(late.group))).toEqual(['history']);
  });

  it('that is damaged, of another version, cut, mixed with another epoch or of another device is refused', async () => {
    const members = await groupOf([person('ada'), person('bob')]);
    const bob = at(members, 1);
    const parts = bob.service.encodeParts(bob.group);
    const { members: after } = await letIn(members, 0, [person('cyd')]);
    const later = bob.service.encodeParts(at(after, 1).group);
    const refused = (damaged: MlsGroupParts, code = 'DamagedState') =>
      expect(() => bob.service.decodeParts(damaged)).toThrow(expect.objectContaining({ code }));
    for (const part of PARTS) {
      refused({ ...later, [part]: new Uint8Array() });
      refused({ ...later, [part]: later[part].subarray(0, -1) });
      refused({ ...later, [part]: later[part].with(0, 2) });
    }
    for (const part of ['tree', 'epoch', 'ratchets'] as const) refused({ ...later, [part]: parts[part] });
    refused({ ...parts, history: later.history });
    expect(() => person('bob', 'another device').service.decodeParts(parts)).toThrow(
      expect.objectContaining({ code: 'OtherDevice' }),
    );
    expect(() => decodeDeviceSignatureKey(new Uint8Array(31))).toThrow(
      expect.objectContaining({ code: 'DamagedState' }),
    );
  });

  it.each([
    [2, 100],
    [16, 650],
    [64, 2600],
  ])('of %i members rewrites fewer than %i bytes for a chat message', async (count, limit) => {
    const members = await groupOf(Array.from({ length: Math.min(count, 51) }, (_, index) => person(`p${index}`)));
    const rest = Array.from({ length: count - members.length }, (_, index) => person(`q${index}`));
    const all = rest.length === 0 ? members : (await letIn(members.slice(0, 2), 0, rest)).members;
    const ada = at(all, 0);
    const before = ada.service.encodeParts(ada.group);
    const [after] = await send(ada, 'hello');
    const parts = ada.service.encodeParts(after.group);
    const written = changed(before, parts).reduce((bytes, part) => bytes + parts[part].length, 0);
    expect(ada.service.members(ada.group)).toHaveLength(count);
    expect(written).toBeLessThan(limit);
    expect(written).toBeGreaterThan(32);
  });
});

function partOf(parts: Readonly<Record<string, Uint8Array>>, part: MlsGroupPart): Uint8Array {
  const bytes = parts[part];
  if (bytes === undefined) throw new Error(`no part ${part}`);
  return bytes;
}
