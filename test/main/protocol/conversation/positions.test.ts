/** Who is whose turn, and what is scored: equal at those who were there and those who came later. */
import { describe, expect, it } from 'vitest';
import { rotation } from '../../../../main/protocol/conversation/leadership.ts';
import { draftOf } from '../support/drafts.ts';
import { agreed, World, type Node } from '../support/world.ts';

const positions = (world: World, node: Node) => ({
  rotation: rotation(draftOf(world, node)),
  roles: world.view(node).members.map(({ memberId, role }) => [memberId, role]),
  stewards: world.view(node).stewards,
  electionEpoch: world.view(node).electionEpoch,
});

describe('a joiner', () => {
  it("R-286 W-15 has the incumbents' positions in every epoch of the list, also after a listed steward has left", async () => {
    const world = new World();
    const nodes = await world.group(['Alice', 'Bob', 'Carol', 'Dave', 'Eve', 'Frank']);
    const listed = world.view(nodes[0]!).stewards;
    expect(listed.length).toBeGreaterThanOrEqual(4);
    const leaver = nodes.find(({ memberId }) => memberId === listed[1])!;
    await world.input(leaver, { kind: 'leave' });
    await world.run(30_000);
    const inside = nodes.filter((node) => node !== leaver);
    // The list still holds who left; the newcomers learn it unfiltered.
    expect(world.view(inside[0]!).stewards).toContain(leaver.memberId);
    for (const [index, name] of ['Grace', 'Heidi', 'Ivan'].entries()) {
      const joiner = world.node(name);
      await world.join(joiner, world.invite(inside[0]!));
      await world.run(30_000);
      inside.push(joiner);
      if (index === 0) expect(world.view(joiner).stewards).toEqual(listed);
      for (const node of inside) {
        expect(positions(world, node)).toEqual(positions(world, inside[0]!));
        expect(agreed(world.view(node))).toEqual(agreed(world.view(inside[0]!)));
      }
    }
  });
});

describe('scores', () => {
  it('R-269 follow the members: who comes starts at the default, who goes is forgotten and starts anew', async () => {
    const world = new World();
    const [alice, bob, carol] = (await world.group(['Alice', 'Bob', 'Carol'])) as [Node, Node, Node];
    const scored = (node: Node) => draftOf(world, node).state.scores;
    for (const node of [alice, bob, carol]) {
      expect([...scored(node).keys()].sort()).toEqual([alice, bob, carol].map(({ memberId }) => memberId).sort());
      expect(scored(node).get(carol.memberId)).toBe(100n);
    }
    await world.input(carol, { kind: 'leave' });
    await world.run(30_000);
    for (const node of [alice, bob]) {
      expect(scored(node).has(carol.memberId)).toBe(false);
      expect(node.stored.get(world.view(node).conversationId)!.scores.has(carol.memberId)).toBe(false);
    }
    await world.join(carol, world.invite(alice));
    await world.run(60_000);
    for (const node of [alice, bob, carol]) expect(scored(node).get(carol.memberId)).toBe(100n);
  });
});
