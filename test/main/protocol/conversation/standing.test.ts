/** Where a member stands among the others: which side moves when a group went two ways for good, and that it hears of it at all. */
import { describe, expect, it } from 'vitest';
import { isCandidate } from '../support/hostile.ts';
import { expectVerified } from '../support/journal.ts';
import { agreed, texts, World, type Node, type WorldOptions } from '../support/world.ts';

const inTwo =
  (few: readonly Node[]) =>
  ({ from }: { readonly from: string }, to: string): readonly number[] =>
    few.some(({ name }) => name === from) === few.some(({ name }) => name === to) ? [5] : [];

/** Two of six let Frank in by the silence of the four, who were never asked. */
async function minorityDecides(options: WorldOptions = {}) {
  const world = new World(options);
  const names = ['Alice', 'Bob', 'Carol', 'Dave', 'Erin', 'Grace'];
  const nodes = await world.group(names, { consensusTimeoutMs: 10_000 });
  await world.run(15_000);
  const byRank = world.view(nodes[0]!).stewards.map((id) => nodes.find(({ memberId }) => memberId === id)!);
  const few = byRank.slice(0, 2);
  const many = nodes.filter((node) => !few.includes(node));
  const frank = world.node('Frank');
  world.delivery = inTwo([...few, frank]);
  await world.join(frank, world.invite(few[0]!));
  await world.run(60_000);
  expect(world.view(frank).phase).toBe('working');
  expect(world.view(few[1]!).epoch).toBe(world.view(few[0]!).epoch);
  return { world, few, many, frank };
}

describe('a commit that rests on the silence of those who were not asked', () => {
  for (const restartAlways of [false, true]) {
    it(`H-28 is given up by the fewer who followed it, and everybody agrees again${restartAlways ? ', across restarts' : ''}`, async () => {
      const { world, few, many, frank } = await minorityDecides({ restartAlways });
      await world.say(few[0]!, 'said among the few');
      world.delivery = () => [5];
      await world.say(many[0]!, 'said among the many');
      const all = [...few, ...many, frank];
      for (const node of all) await world.input(node, { kind: 'reachable' });
      await world.run(120_000);
      // Whom the few let in learns at the next meeting that they are gone.
      for (const node of all) await world.input(node, { kind: 'reachable' });
      await world.run(140_000);
      for (const node of all) expect(agreed(world.view(node)), node.name).toEqual(agreed(world.view(many[0]!)));
      for (const node of few) expect(node.events).toContainEqual({ kind: 'Rejoining', cause: 'otherBranch' });
      expect(many.flatMap(({ events }) => events).filter(({ kind }) => kind === 'Rejoining')).toEqual([]);
      for (const node of all) await expectVerified(world, node);
      await world.say(few[1]!, 'together');
      await world.run(1_000);
      for (const node of all) expect(texts(node)).toContain('together');
    }, 40_000);
  }
});

describe('a joiner that was let in by a commit which its group took back', () => {
  it('H-27 H-28 is told that the others are in another state, and comes over to them', async () => {
    const world = new World();
    const nodes = await world.group(['Alice', 'Bob', 'Carol', 'Dave', 'Erin']);
    await world.run(15_000);
    const byRank = world.view(nodes[0]!).stewards.map((id) => nodes.find(({ memberId }) => memberId === id)!);
    const [first, second] = byRank as [Node, Node];
    const frank = world.node('Frank');
    // The second steward hears of no better candidate, and Frank of no welcome but the second steward's.
    world.delivery = (packet, to) => {
      if (isCandidate(packet) && (packet.from === second.name) !== (to === second.name)) return [];
      return packet.subtopic === 'welcome' && packet.from === first.name && to === 'Frank' ? [] : [5];
    };
    await world.join(frank, world.invite(nodes[4]!));
    for (let waited = 0; world.view(frank).phase === 'pendingJoin' && waited < 30_000; waited += 100)
      await world.run(100);
    expect(world.view(frank).phase).toBe('working');
    world.delivery = (packet, to) =>
      packet.subtopic === 'welcome' && packet.from === first.name && to === 'Frank' ? [] : [5];
    await world.run(10_000);
    expect(world.view(second).counters.RolledBack).toBe(1);
    expect(world.view(frank).epochAuthenticator).not.toBe(world.view(first).epochAuthenticator);
    world.delivery = () => [5];
    await world.input(frank, { kind: 'reachable' });
    await world.run(150_000);
    for (const node of [...nodes, frank])
      expect(agreed(world.view(node)), node.name).toEqual(agreed(world.view(first)));
    expect(frank.events).toContainEqual({ kind: 'Rejoining', cause: 'otherBranch' });
    expect(nodes.flatMap(({ events }) => events).filter(({ kind }) => kind === 'Rejoining')).toEqual([]);
  });
});
