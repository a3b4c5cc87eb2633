/** The MlsService suite: who goes, who comes back, and whose leaf is whose. Registered by mls-service.ts. §7.3, H-17 */
import { beforeAll, expect, it } from 'vitest';
import {
  at,
  commit,
  CONVERSATION,
  expectAgreement,
  groupOf,
  letIn,
  NOW,
  type Member,
} from '../main/protocol/mls/support.ts';
import { additionOf, follow, offer, removalOf, type MakePerson } from './mls-service-world.ts';

export function removalCompliance(person: MakePerson): void {
  let members: Member[];
  let ada: Member;
  let bob: Member;
  let cyd: Member;
  let dan: Member;
  beforeAll(async () => {
    members = await groupOf(['ada', 'bob', 'cyd', 'dan'].map((name) => person(name)));
    [ada, bob, cyd, dan] = [at(members, 0), at(members, 1), at(members, 2), at(members, 3)];
  });

  it('who is removed learns it, has no next group, and who stays reads on without it', async () => {
    const { candidate, won } = await offer(ada, [removalOf(bob)]);
    expect(await bob.service.stageCandidate(bob.group, candidate, NOW)).toEqual({
      kind: 'staged',
      next: undefined,
      committer: ada.identity.memberId,
      proposalSenders: [ada.identity.memberId],
      actions: [removalOf(bob)],
      selfRemoved: true,
    });
    const kept = await follow(cyd, candidate);
    await expectAgreement([won, kept, await follow(dan, candidate)]);
    expect(kept.service.members(kept.group).map(({ leafIndex }) => leafIndex)).toEqual([0, 2, 3]);
  });

  it('who is removed while another takes its place learns it too', async () => {
    const { candidate, won } = await offer(ada, [removalOf(bob), await additionOf(person('eve'))]);
    expect(won.service.members(won.group).find(({ leafIndex }) => leafIndex === 1)?.memberId).toBe(
      person('eve').identity.memberId,
    );
    expect(await bob.service.stageCandidate(bob.group, candidate, NOW)).toMatchObject({
      kind: 'staged',
      next: undefined,
      selfRemoved: true,
      actions: candidate.actions,
    });
  });

  it.each(['phone', 'new phone'])(
    'removes a member and adds the same identity on its %s in one commit (H-17)',
    async (device) => {
      const back = device === 'phone' ? bob : person('bob', device);
      const keyPackage = await back.service.generateKeyPackage(NOW);
      const updates = [removalOf(bob), { kind: 'add' as const, keyPackage: keyPackage.keyPackage }];
      const { candidate, won } = await offer(ada, updates);
      expect(await bob.service.stageCandidate(bob.group, candidate, NOW)).toMatchObject({
        selfRemoved: true,
        next: undefined,
      });
      const result = await back.service.join({
        conversationId: CONVERSATION,
        welcome: candidate.welcome ?? new Uint8Array(),
        keyPackage,
        now: NOW,
      });
      if (result.kind !== 'joined') throw new Error('not joined');
      await expectAgreement([
        won,
        { ...back, group: result.group },
        await follow(cyd, candidate),
        await follow(dan, candidate),
      ]);
    },
  );

  it('shrinks to one and grows again, leaves reused from the left, members in the order of leaves', async () => {
    let left = members;
    ({ members: left } = await commit(left, 3, [removalOf(ada), removalOf(cyd)]));
    ({ members: left } = await letIn(left, 0, [person('eve'), person('fay'), person('gus')]));
    const { service, group } = at(left, 0);
    expect(service.members(group).map(({ leafIndex, memberId }) => [leafIndex, memberId])).toEqual(
      ['eve', 'bob', 'fay', 'dan', 'gus'].map((name, index) => [index, person(name).identity.memberId]),
    );
    await expectAgreement(left);
    ({ members: left } = await commit(
      left,
      1,
      left.filter((_, index) => index !== 1).map((member) => removalOf(member)),
    ));
    expect(left).toHaveLength(1);
    ({ members: left } = await letIn(left, 0, [person('ada', 'new phone'), person('bob', 'new phone')]));
    await expectAgreement(left);
  });
}
