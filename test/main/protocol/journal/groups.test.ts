/** The journal of real groups: the same head at every member, and a copy at each that a stranger can verify. */
import { describe, expect, it } from 'vitest';
import type { GovernanceEntry } from '../../../../shared/api/model.ts';
import type { JournalVerdict } from '../../../../main/protocol/journal/index.ts';
import { expectVerified } from '../support/journal.ts';
import { agreed, World, type Node } from '../support/world.ts';

async function remove(world: World, by: Node, target: Node, voters: readonly Node[]): Promise<void> {
  const { proposalId } = (await world.input(by, { kind: 'removeMember', memberId: target.memberId, reason: 'spam' }))
    .reply;
  await world.run(1_000);
  for (const voter of voters) await world.input(voter, { kind: 'vote', proposalId: proposalId!, approve: true });
  await world.run(60_000);
}

describe('the journal of a group', () => {
  it('of five with joins, a removal, a leave and a return has one head, and each copy verifies', async () => {
    const world = new World();
    const [alice, bob, carol, dave, eve] = await world.group(['Alice', 'Bob', 'Carol', 'Dave', 'Eve']);
    await remove(world, alice!, eve!, [bob!, carol!, dave!]);
    await world.input(dave!, { kind: 'leave' });
    await world.run(60_000);
    const frank = world.node('Frank');
    await world.join(frank, world.invite(bob!));
    await world.run(60_000);
    const members = [alice!, bob!, carol!, frank];
    for (const member of members) expect(agreed(world.view(member))).toEqual(agreed(world.view(alice!)));
    const verdicts: JournalVerdict[] = [];
    for (const member of members) verdicts.push(await expectVerified(world, member));
    expect(verdicts[0]).toMatchObject({ decisions: { votes: 6, silence: 0, selfLeave: 1 } });
    expect(world.view(alice!).journalHead).toMatch(/^[0-9a-f]{64}$/);
  });

  it('says of a join that silence let somebody in that silence did', async () => {
    const world = new World();
    const [alice] = await world.group(['Alice', 'Bob', 'Carol'], { consensusTimeoutMs: 20_000 });
    // Bob and Carol are away: their clients vote on nothing.
    const away = new Set(['Bob', 'Carol']);
    const dave = world.node('Dave');
    world.delivery = (packet, to) => (away.has(to) && packet.from !== 'Alice' ? [] : away.has(packet.from) ? [] : [5]);
    await world.join(dave, world.invite(alice!));
    await world.run(120_000);
    const verdict = await expectVerified(world, alice!);
    expect(verdict.members).toContain(dave.memberId);
    expect(verdict.decisions).toEqual({ votes: 2, silence: 1, selfLeave: 0 });
  });

  it('is the same where every node is made anew from its store after each step', async () => {
    const world = new World({ restartAlways: true });
    const [alice, bob, carol] = await world.group(['Alice', 'Bob', 'Carol']);
    for (const member of [alice!, bob!, carol!]) await expectVerified(world, member);
  });

  it('tells of every change of members who proposed it and why, who voted how, what rule decided, who committed it', async () => {
    const world = new World();
    const [alice, bob, carol, dave] = await world.group(['Alice', 'Bob', 'Carol', 'Dave']);
    await remove(world, alice!, dave!, [bob!, carol!]);
    for (const member of [alice!, bob!, carol!]) {
      const left = member.journal.find((entry: GovernanceEntry) => entry.kind === 'left');
      expect(left).toMatchObject({
        proposer: alice!.memberId,
        reason: 'spam',
        target: dave!.memberId,
        rule: 'votes',
        cause: 'removed',
      });
      expect(left?.votes?.map(({ memberId }) => memberId).sort()).toEqual(
        [alice!, bob!, carol!].map(({ memberId }) => memberId).sort(),
      );
      expect([alice!, bob!, carol!].map(({ memberId }) => memberId)).toContain(left?.actor);
    }
  });
});
