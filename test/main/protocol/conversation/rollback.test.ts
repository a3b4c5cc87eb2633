/** One deterministic rollback: who goes back, what comes along, and what is not followed. */
import { describe, expect, it } from 'vitest';
import type { ProposalId } from '../../../../shared/model/ids.ts';
import { hashOf, savedState } from '../../../../main/protocol/conversation/draft.ts';
import { receiveOffered } from '../../../../main/protocol/conversation/inbound/lateCandidates.ts';
import { rollBack } from '../../../../main/protocol/conversation/rollback.ts';
import { decodeAppMessage } from '../../../../main/protocol/wire/index.ts';
import { draftOf } from '../support/drafts.ts';
import { split, type Split } from '../support/forks.ts';
import { commitOf, isCandidate, receive } from '../support/hostile.ts';
import { expectVerified } from '../support/journal.ts';
import { agreed, texts, type Node, type Packet, type WorldOptions } from '../support/world.ts';

/** Both halves applied their own commit; no beacon was sent yet. */
async function apart(options: WorldOptions = {}): Promise<Split> {
  const group = await split(options);
  for (let step = 0; step < 200 && !isApart(group); step += 1) await group.world.run(100);
  expect(isApart(group)).toBe(true);
  return group;
}

function isApart({ world, halves: [[first], [second]] }: Split): boolean {
  const a = world.view(first);
  const b = world.view(second);
  return a.epoch === b.epoch && a.epochAuthenticator !== b.epochAuthenticator;
}

function expectOne({ world, nodes }: Split): void {
  for (const node of nodes) expect(agreed(world.view(node)), node.name).toEqual(agreed(world.view(nodes[0]!)));
}

const has = (node: Node, kind: string): boolean => node.events.some((event) => event.kind === kind);

describe('two halves that applied different valid commits', () => {
  for (const restartAlways of [false, true]) {
    it(`R-252 W-27 are one group again within the grace, and no message is lost or doubled${restartAlways ? ', across restarts' : ''}`, async () => {
      const group = await apart({ restartAlways });
      const { world, nodes } = group;
      world.delivery = () => [5];
      for (const node of nodes) await world.say(node, `from ${node.name}`);
      await world.run(8_000);
      expectOne(group);
      for (const node of nodes) await expectVerified(world, node);
      const all = nodes.map(({ name }) => `from ${name}`).sort();
      for (const node of nodes) {
        expect(texts(node).sort()).toEqual(all);
        expect(has(node, 'ForkDetected')).toBe(true);
        expect(has(node, 'ForkHealed')).toBe(true);
      }
    });
  }

  it('R-252 the half with the worse commit goes back, the other stays', async () => {
    const { world, halves } = await apart();
    const before = world.view(halves[0][0]).epochAuthenticator;
    world.delivery = () => [5];
    await world.run(8_000);
    for (const node of halves[0]) {
      expect(world.view(node).counters.RolledBack).toBeUndefined();
      expect(world.view(node).epochAuthenticator).toBe(before);
    }
    expect(halves[1].map((node) => world.view(node).counters.RolledBack ?? 0)).toEqual([1, 1]);
  });

  it('H-27 keep a vote that was opened and answered on the branch that is given up', async () => {
    const group = await apart();
    const { world, nodes, halves } = group;
    const [, [second, fourth]] = halves as unknown as [unknown, [Node, Node]];
    const target = halves[0][1];
    const { reply } = await world.input(second, { kind: 'removeMember', memberId: target.memberId, reason: 'spam' });
    await world.run(20);
    await world.input(fourth, { kind: 'vote', proposalId: reply.proposalId!, approve: false });
    world.delivery = () => [5];
    await world.run(8_000);
    expectOne(group);
    for (const node of nodes) {
      const [open, ...more] = world.view(node).openProposals;
      expect(more).toEqual([]);
      expect(open).toMatchObject({ target: target.memberId, reason: 'spam', proposer: second.memberId });
      expect(open?.votes.map(({ memberId, approve }) => [memberId, approve])).toEqual([
        [second.memberId, true],
        [fourth.memberId, false],
      ]);
    }
  });

  it('H-27 go on: the group commits the next change together', async () => {
    const group = await apart();
    const { world, nodes } = group;
    world.delivery = () => [5];
    await world.run(8_000);
    const epoch = world.view(nodes[0]!).epoch;
    await world.input(nodes[3]!, { kind: 'leave' });
    await world.run(20_000);
    for (const node of nodes.slice(0, 3))
      expect(world.view(node)).toMatchObject({ epoch: epoch + 1, phase: 'working' });
    expectOne({ ...group, nodes: nodes.slice(0, 3) });
  });
});

describe('a better commit', () => {
  it('R-252 that comes after the grace is not followed any more', async () => {
    const { world, halves } = await apart();
    const [[first], [second]] = halves as unknown as [[Node], [Node]];
    const packet = first.sent.findLast(isCandidate)!;
    world.delivery = () => [];
    const before = agreed(world.view(second));
    await world.run(13_000);
    await receive(world, second, packet.payload);
    expect(agreed(world.view(second))).toEqual(before);
    expect(world.view(second).counters.StaleEpoch).toBe(1);
  });

  it('H-27 is followed once an epoch: the second one is refused by name', async () => {
    const { world, nodes } = await split();
    const [first, second, third] = world
      .view(nodes[0]!)
      .stewards.map((memberId) => nodes.find((node) => node.memberId === memberId)!);
    world.delivery = (packet) => (isCandidate(packet) ? [] : [5]);
    await world.run(14_000);
    const candidate = (node: Node | undefined): Packet => node!.sent.findLast(isCandidate)!;
    const before = world.view(third!).epochAuthenticator;
    await receive(world, third!, candidate(second).payload);
    expect(world.view(third!).epochAuthenticator).toBe(world.view(second!).epochAuthenticator);
    expect(world.view(third!).epochAuthenticator).not.toBe(before);
    await receive(world, third!, candidate(first).payload);
    expect(world.view(third!).epochAuthenticator).toBe(world.view(second!).epochAuthenticator);
    expect(world.view(third!).counters).toMatchObject({ RolledBack: 1, RollbackSpent: 1 });
  });

  it('H-27 that does not apply after all is dropped by name, and nothing else changes', async () => {
    const { world, halves } = await apart();
    const [[first], [second]] = halves;
    const candidate = first.sent.findLast(isCandidate)!;
    const draft = draftOf(world, second);
    const { grace } = draft.state;
    const before = savedState(draft);
    const { payload } = decodeAppMessage(candidate.payload);
    if (payload.case !== 'commitCandidate') throw new Error('no candidate');
    const { commitMessage, mlsProposals } = payload.value;
    await rollBack(draft, grace!, {
      kind: 'remote',
      hash: hashOf(commitMessage),
      committer: first.memberId,
      // Staged once; a proposal is missing when its turn comes.
      proposals: mlsProposals.slice(1),
      commit: commitMessage,
      actions: [],
      selfRemoved: false,
      next: undefined,
      proven: [],
    });
    const after = savedState(draft);
    const { counters } = after.volatile;
    expect({ ...after, volatile: before.volatile }).toEqual(before);
    expect(counters).toMatchObject({ CandidateNotApplied: 1 });
    expect(counters.RolledBack).toBeUndefined();
    expect(draft.effects).toEqual([]);
  });

  it('H-26 H-27 leaves behind what only the members of the epoch that is given up approved', async () => {
    const { world, halves } = await apart();
    const [[first, third], [second]] = halves;
    const packet = first.sent.findLast(isCandidate)!.payload;
    const draft = draftOf(world, second);
    const { grace, queues, group } = draft.state;
    const [known] = grace?.before.queues.approved ?? [];
    const foreign = {
      ...known!,
      proposalId: (known!.proposalId + 1) as ProposalId,
      change: { kind: 'remove', memberId: third.memberId, selfLeave: false } as const,
      votedIn: Number(group.epoch),
    };
    draft.state.queues = { ...queues, approved: [...queues.approved, foreign] };
    const { payload } = decodeAppMessage(packet);
    if (payload.case !== 'commitCandidate') throw new Error('no candidate');
    await receiveOffered(draft, payload.value, packet);
    expect(savedState(draft).volatile.counters.RolledBack).toBe(1);
    expect(draft.state.queues.approved).toEqual([]);
  });

  it('H-27 of which nothing was approved is not followed, however much it does', async () => {
    const group = await split();
    const { world, halves } = group;
    const [[first, third], [second, fourth]] = halves as unknown as [[Node, Node], [Node, Node]];
    const updates = [third, fourth].map(({ memberId }) => ({ kind: 'remove' as const, memberId }));
    const greedy = await commitOf(world, second, updates);
    for (let step = 0; step < 100 && !isApart(group); step += 1) await world.run(100);
    world.delivery = () => [];
    const before = agreed(world.view(first));
    await receive(world, first, greedy);
    expect(agreed(world.view(first))).toEqual(before);
    expect(world.view(first).counters).toMatchObject({ LateCandidateRefused: 1 });
    expect(world.view(first).counters.RolledBack).toBeUndefined();
  });
});
