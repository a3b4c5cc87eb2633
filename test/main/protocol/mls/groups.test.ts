/** Groups as people live through them: create, let in, chat, remove, come back. */
import { describe, expect, it } from 'vitest';
import { contentOf } from '../../../../main/protocol/mls/group.ts';
import {
  at,
  commit,
  CONVERSATION,
  expectAgreement,
  groupOf,
  letIn,
  NOW,
  person,
  receive,
  send,
  text,
} from './support.ts';

const names = ['ada', 'bob', 'cyd', 'dan', 'eve', 'fay', 'gus', 'hal', 'ivy'];
const people = (count: number) => names.slice(0, count).map((name) => person(name));

describe('a group', () => {
  it('R-020 has the group id utf8(conversation id), cipher suite 1 and epoch 0; its Welcome carries the tree', async () => {
    const [ada] = await groupOf([person('ada')]);
    const alone = at([ada], 0);
    expect(alone?.group).toMatchObject({ conversationId: CONVERSATION, epoch: 0n });
    const tree = alone?.service.encodeParts(alone.group).tree ?? new Uint8Array();
    expect(
      Buffer.from(tree).includes(Buffer.concat([Uint8Array.of(0, 1, 0, 1, CONVERSATION.length), text(CONVERSATION)])),
    ).toBe(true);
    // groupOf joins from the Welcome alone, with no tree handed over.
    await expectAgreement(await groupOf(people(2)));
  });

  it.each([2, 3, 4, 5, 8, 9])('of %i members agrees after one commit let all in', async (count) => {
    await expectAgreement(await groupOf(people(count)));
  });

  it('grows one by one, each let in by the newest member', async () => {
    let members = await groupOf(people(1));
    for (const name of names.slice(1, 6)) ({ members } = await letIn(members, members.length - 1, [person(name)]));
    expect(at(members, 0).group.epoch).toBe(5n);
    await expectAgreement(members);
  });

  it('removes members from every place, down to one, and takes them back', async () => {
    let members = await groupOf(people(8));
    for (const [by, target] of [
      [0, 3],
      [5, 0],
      [5, 1],
      [0, 1],
    ] as const) {
      const memberId = at(members, target).identity.memberId;
      ({ members } = await commit(members, by, [{ kind: 'remove', memberId }]));
      expect(members.some(({ identity }) => identity.memberId === memberId)).toBe(false);
      await expectAgreement(members);
    }
    const last = members.length - 1;
    const others = members
      .slice(0, last)
      .map(({ identity }): { kind: 'remove'; memberId: typeof identity.memberId } => ({
        kind: 'remove',
        memberId: identity.memberId,
      }));
    ({ members } = await commit(members, last, others));
    expect(members).toHaveLength(1);
    ({ members } = await letIn(members, 0, [person('ada', 'new phone'), person('bob', 'new phone'), person('zoe')]));
    await expectAgreement(members);
  });

  it('takes members into subtrees whose keys they do not know yet, and lets them follow from there', async () => {
    let members = await groupOf(people(8));
    const removal = (index: number) => ({ kind: 'remove' as const, memberId: at(members, index).identity.memberId });
    ({ members } = await commit(members, 0, [removal(6)])); // Leaf 6 is blank,
    ({ members } = await commit(members, 6, [removal(1)])); // leaf 7 puts a key above it,
    ({ members } = await letIn(members, 0, [person('kim'), person('lea')])); // and leaf 0 puts Lea below that key.
    const unmerged = contentOf(at(members, 7).group).public.ratchetTree.some(
      (node) => node?.nodeType === 'parent' && node.parent.unmergedLeaves.includes(6),
    );
    expect(unmerged).toBe(true);
    await expectAgreement(members);
    ({ members } = await commit(members, 3, [removal(1)]));
    ({ members } = await commit(members, members.length - 1, [removal(1)]));
    await expectAgreement(members);
  });

  it('goes on when the whole left half of the tree is blank', async () => {
    let members = await groupOf(people(4));
    const gone = [0, 1].map((index) => ({ kind: 'remove' as const, memberId: at(members, index).identity.memberId }));
    ({ members } = await commit(members, 2, gone));
    await expectAgreement(members);
    ({ members } = await commit(members, 1, [
      { kind: 'add', keyPackage: (await person('kim').service.generateKeyPackage(NOW)).keyPackage },
    ]));
    expect(members).toHaveLength(2);
  });

  it('removes a member and adds the same identity with a new device in one commit (H-17)', async () => {
    const members = await groupOf(people(3));
    const back = person('bob', 'new phone');
    const keyPackage = await back.service.generateKeyPackage(NOW);
    const { members: after, candidate } = await commit(members, 0, [
      { kind: 'remove', memberId: back.identity.memberId },
      { kind: 'add', keyPackage: keyPackage.keyPackage },
    ]);
    const joined = await back.service.join({
      conversationId: CONVERSATION,
      welcome: candidate.welcome ?? new Uint8Array(),
      keyPackage,
      now: NOW,
    });
    if (joined.kind !== 'joined') throw new Error('not joined');
    expect(joined.welcomeSigner).toBe(at(members, 0).identity.memberId);
    await expectAgreement([...after, { ...back, group: joined.group }]);
  });

  it('lets the same device come back after it lost its state', async () => {
    const members = await groupOf(people(3));
    const bob = at(members, 1);
    const keyPackage = await bob.service.generateKeyPackage(NOW);
    const { members: after, candidate } = await commit(members, 2, [
      { kind: 'remove', memberId: bob.identity.memberId },
      { kind: 'add', keyPackage: keyPackage.keyPackage },
    ]);
    const joined = await bob.service.join({
      conversationId: CONVERSATION,
      welcome: candidate.welcome ?? new Uint8Array(),
      keyPackage,
      now: NOW,
    });
    if (joined.kind !== 'joined') throw new Error('not joined');
    await expectAgreement([...after, { ...bob, group: joined.group }]);
  });

  it('chats in both directions and keeps its order and texts', async () => {
    let [ada, bob] = await groupOf(people(2)).then((members) => [at(members, 0), at(members, 1)] as const);
    for (let round = 0; round < 20; round++) {
      const [sender, ciphertext] = await send(ada, `to bob ${round}`);
      const read = await receive(bob, ciphertext);
      expect(read).toMatchObject({ payload: `to bob ${round}`, sender: sender.identity.memberId });
      [ada, bob] = [read.receiver, sender];
    }
  });

  it('exports the same secret for everybody, another one per label, context and epoch', async () => {
    const members = await groupOf(people(3));
    const secrets = await Promise.all(
      members.map(({ service, group }) => service.exportSecret(group, 'invite', text('x'), 32)),
    );
    expect(new Set(secrets.map((secret) => Buffer.from(secret).toString('hex'))).size).toBe(1);
    const { service, group } = at(members, 0);
    expect(await service.exportSecret(group, 'invite', text('y'), 32)).not.toEqual(secrets[0]);
    expect(await service.exportSecret(group, 'other', text('x'), 32)).not.toEqual(secrets[0]);
    const { members: later } = await letIn(members, 0, [person('new')]);
    expect(await service.exportSecret(at(later, 0).group, 'invite', text('x'), 32)).not.toEqual(secrets[0]);
  });

  it('replays exactly from the same seeds', async () => {
    const run = async (): Promise<unknown> => {
      const members = await groupOf(people(3));
      const [, ciphertext] = await send(at(members, 1), 'hello');
      return [ciphertext, members.map(({ service, group }) => service.encodeParts(group))];
    };
    expect(await run()).toEqual(await run());
  });

  it('shows no secret when it is printed', async () => {
    const [ada] = await groupOf([person('ada')]);
    expect(
      JSON.stringify(ada?.group, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value)),
    ).toBe(JSON.stringify({ conversationId: CONVERSATION, epoch: '0' }));
  });
});
