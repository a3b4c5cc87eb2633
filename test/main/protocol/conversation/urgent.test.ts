/** A removal that the rules ask for, beside other work, and who may ask for one. §14.6, §15.5, H-24, H-26 */
import { describe, expect, it } from 'vitest';
import { has } from '../support/hostile.ts';
import { agreed, CONVERSATION, World, type Node } from '../support/world.ts';

const NAMES = ['Alice', 'Bob', 'Carol', 'Dave', 'Eve', 'Frank'];

/** What this node thinks of somebody from now on. */
function opine(world: World, node: Node, of: Node, score: bigint): void {
  node.stored.get(CONVERSATION)!.scores.set(of.memberId, score);
  world.restart(node);
}

const filed = (node: Node) =>
  [...node.proposals.values()].filter(({ kind, proposer }) => kind === 'emergency' && proposer === node.memberId);

describe('an urgent removal', () => {
  it('R-250 R-255 W-25 beside another approved change is committed first and alone; the other stays queued, and nobody is blamed', async () => {
    const world = new World();
    const nodes = await world.group(NAMES, { commitInactivityMs: 5_000 });
    await world.run(60_000);
    const { stewards } = world.view(nodes[0]!);
    const [victim, leaver] = [...nodes].sort(
      (a, b) => Number(stewards.includes(a.memberId)) - Number(stewards.includes(b.memberId)),
    ) as [Node, Node];
    const rest = nodes.filter((node) => node !== victim && node !== leaver);
    for (const node of nodes) if (node !== victim) opine(world, node, victim, -5n);
    const scores = () =>
      rest.map((node) =>
        rest.map((of) => world.view(node).members.find(({ memberId }) => memberId === of.memberId)!.score),
      );
    const before = scores();
    const seen = rest.map((node) => node.events.length);
    const { epoch } = world.view(rest[0]!);
    // A join and a leave wait; the join's commit rewards its committer, and clients look at the scores.
    const joiner = world.node('Grace');
    await world.join(joiner, world.invite(rest[0]!));
    await world.run(50);
    await world.input(leaver, { kind: 'leave' });
    for (let waited = 0; world.view(rest[0]!).epoch < epoch + 2 && waited < 60_000; waited += 10) await world.run(10);
    await world.run(10);
    for (const node of rest) {
      expect(world.view(node)).toMatchObject({ epoch: epoch + 2, approvedProposals: [{ target: leaver.memberId }] });
      expect([victim, leaver].map((of) => has(world, node, of.memberId))).toEqual([false, true]);
    }
    await world.run(60_000);
    for (const [index, node] of rest.entries()) {
      const reported = node.events
        .slice(seen[index])
        .flatMap((event) => (event.kind === 'CommitApplied' ? [event.changes] : []));
      expect(reported).toEqual([
        [{ kind: 'added', memberId: joiner.memberId }],
        [{ kind: 'removed', memberId: victim.memberId }],
        [{ kind: 'removed', memberId: leaver.memberId }],
      ]);
      expect(agreed(world.view(node))).toEqual(agreed(world.view(rest[0]!)));
    }
    // Commits are rewarded; nobody who stayed lost a point.
    for (const [index, row] of scores().entries())
      for (const [of, score] of row.entries()) expect(score).toBeGreaterThanOrEqual(before[index]![of]!);
  });
});

describe('the rule that asks for a removal by score', () => {
  it('R-270 is followed by stewards alone, never about themselves, and by one of them', async () => {
    const world = new World();
    const nodes = await world.group(NAMES, { stewardsMax: 3 });
    await world.run(60_000);
    const { stewards } = world.view(nodes[0]!);
    const isListed = (node: Node) => stewards.includes(node.memberId);
    const outsiders = nodes.filter((node) => !isListed(node));
    const listed = nodes.filter(isListed);
    const [victim, ...others] = outsiders as [Node, Node, Node];
    // Those who are not listed see a low score, and every steward sees its own.
    for (const node of others) opine(world, node, victim, -5n);
    for (const node of listed) opine(world, node, node, -5n);
    for (const node of nodes) await world.input(node, { kind: 'wake' });
    await world.say(victim, 'hello');
    await world.run(120_000);
    for (const node of nodes) expect(filed(node)).toEqual([]);
    for (const node of listed) opine(world, node, node, 100n);
    // Now the stewards see it too. Scores are looked at when one changes: a commit rewards its committer.
    for (const node of listed) opine(world, node, victim, -5n);
    const joiner = world.node('Grace');
    await world.join(joiner, world.invite(listed[0]!));
    await world.run(120_000);
    expect(nodes.filter((node) => filed(node).length > 0)).toHaveLength(1);
    const asker = nodes.find((node) => filed(node).length > 0)!;
    expect(isListed(asker) || world.view(asker).stewards.includes(asker.memberId)).toBe(true);
    expect(filed(asker)).toMatchObject([{ target: victim.memberId, violation: 'SCORE_BELOW_THRESHOLD' }]);
    for (const node of listed) expect(has(world, node, victim.memberId)).toBe(false);
  });
});
