/** Where a member stands among the others: which side moves when a group went two ways for good, and that it hears of it at all. */
import { describe, expect, it } from 'vitest';
import { absentDueAt, learnAbsence, noteStranger } from '../../../../main/protocol/conversation/absences.ts';
import { lagDueAt, scheduleStatus, tellLag } from '../../../../main/protocol/conversation/lag.ts';
import { isOnBranchWeLeave, refuseWelcomeOf } from '../../../../main/protocol/conversation/refusedWelcomes.ts';
import { memberIdToBytes } from '../../../../main/protocol/identity/index.ts';
import { REJOIN_AFTER_MS } from '../../../../shared/limits.ts';
import { draftOf, stateOf } from '../support/drafts.ts';
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

describe('a welcome of the branch that a member wants to leave', () => {
  it('H-28 is refused for as long as the other branch may still let it in, and no longer', async () => {
    const { world, few, many, frank } = await minorityDecides();
    world.delivery = () => [5];
    for (const node of [...few, ...many, frank]) await world.input(node, { kind: 'reachable' });
    const [alone, other] = few as [Node, Node];
    for (let waited = 0; stateOf(alone).rejoin === undefined && waited < 200_000; waited += 100) await world.run(100);
    const draft = draftOf(world, alone);
    refuseWelcomeOf(draft, other.memberId, 'its hash');
    const next = Number(draft.state.group.epoch) + 1;
    const { consensusTimeoutMs } = draft.state.rules.settings;
    expect(isOnBranchWeLeave(draft, other.memberId, next)).toBe(true);
    expect(isOnBranchWeLeave(draft, many[0]!.memberId, next)).toBe(false);
    const until = draft.state.rejoin!.since! + consensusTimeoutMs + REJOIN_AFTER_MS;
    expect(isOnBranchWeLeave({ ...draft, now: until }, other.memberId, next)).toBe(true);
    expect(isOnBranchWeLeave({ ...draft, now: until + 1 }, other.memberId, next)).toBe(false);
  });
});

describe('a removal that rests on the silence of those who were not asked', () => {
  it('H-28 H-33 is given up by the fewer, also when whom they took out is who lets them in again', async () => {
    const world = new World();
    const names = ['Alice', 'Bob', 'Carol', 'Dave', 'Erin', 'Grace'];
    const nodes = await world.group(names, { consensusTimeoutMs: 10_000, removalLivenessCriteriaYes: true });
    await world.run(15_000);
    const byRank = world.view(nodes[0]!).stewards.map((id) => nodes.find(({ memberId }) => memberId === id)!);
    const [first, second, target] = byRank as [Node, Node, Node];
    const few = [first, second];
    const many = nodes.filter((node) => !few.includes(node));
    world.delivery = inTwo(few);
    await world.input(first, { kind: 'removeMember', memberId: target.memberId });
    await world.run(60_000);
    expect(world.view(second).members).toHaveLength(5);
    world.delivery = () => [5];
    for (const node of nodes) await world.input(node, { kind: 'reachable' });
    let asked = 0;
    for (let waited = 0; waited < 160_000; waited += 1_000) {
      await world.run(1_000);
      // Whoever wanted it asks all of them now, and they do not.
      for (const node of many)
        for (const { kind, proposalId, ownVote } of world.view(node).openProposals) {
          if (kind !== 'removeMember' || ownVote !== undefined) continue;
          asked += 1;
          await world.input(node, { kind: 'vote', proposalId, approve: false });
        }
    }
    expect(asked).toBeGreaterThan(0);
    for (const node of nodes) expect(agreed(world.view(node)), node.name).toEqual(agreed(world.view(target)));
    expect(world.view(target).members).toHaveLength(6);
    const letIn = target.sent.filter(({ subtopic }) => subtopic === 'welcome');
    expect(letIn.length).toBeGreaterThan(0);
    expect(many.flatMap(({ events }) => events).filter(({ kind }) => kind === 'Rejoining')).toEqual([]);
  });
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

describe('a member that was voted out by a branch which it did not follow', () => {
  it('H-28 is told by those whom it knows, and ends as removed', async () => {
    const world = new World();
    const nodes = await world.group(['Alice', 'Bob', 'Carol', 'Dave', 'Erin', 'Frank']);
    await world.run(15_000);
    const byRank = world.view(nodes[0]!).stewards.map((id) => nodes.find(({ memberId }) => memberId === id)!);
    const alone = byRank[1]!;
    const leaver = nodes.find((node) => !byRank.includes(node)) ?? byRank.at(-1)!;
    world.delivery = (packet, to) =>
      isCandidate(packet) && (packet.from === alone.name) !== (to === alone.name) ? [] : [5];
    await world.input(leaver, { kind: 'leave' });
    await world.run(9_000);
    world.delivery = inTwo([alone]);
    await world.run(20_000);
    const others = nodes.filter((node) => node !== alone && node !== leaver);
    expect(world.view(alone).epochAuthenticator).not.toBe(world.view(others[0]!).epochAuthenticator);
    const { reply } = await world.input(others[0]!, { kind: 'removeMember', memberId: alone.memberId });
    await world.run(100);
    for (const node of others.slice(1))
      await world.input(node, { kind: 'vote', proposalId: reply.proposalId!, approve: true });
    await world.run(40_000);
    expect(world.view(others[0]!).members).toHaveLength(4);
    world.delivery = () => [5];
    for (const node of [...others, alone]) await world.input(node, { kind: 'reachable' });
    await world.run(5_000);
    expect(alone.user.conversations()).toHaveLength(1);
    await world.run(40_000);
    expect(alone.lifecycle.at(-1)).toMatchObject({ kind: 'Removed', cause: 'removed' });
    expect(alone.journal.at(-1)).toMatchObject({ kind: 'left', target: alone.memberId, cause: 'removed' });
    expect(others.map(({ memberId }) => memberId)).toContain(alone.journal.at(-1)!.actor);
    expect(others.flatMap(({ lifecycle }) => lifecycle).filter(({ kind }) => kind === 'Removed')).toEqual([]);
  });

  it('H-28 is told by the last member, too, who says nothing otherwise', async () => {
    const world = new World();
    const [alice, bob] = (await world.group(['Alice', 'Bob'])) as [Node, Node];
    await world.run(15_000);
    await world.input(bob, { kind: 'leave' });
    await world.run(30_000);
    expect(world.view(alice).members).toHaveLength(1);
    const draft = draftOf(world, alice);
    scheduleStatus(draft);
    expect(lagDueAt(draft)).toBeUndefined();
    expect(noteStranger(draft, bob.memberId)).toBe(true);
    scheduleStatus(draft);
    expect(lagDueAt(draft)).toBeDefined();
    await tellLag(draft);
    expect(draft.effects).toContainEqual(expect.objectContaining({ kind: 'publish' }));
    scheduleStatus(draft);
    expect(lagDueAt(draft)).toBeUndefined();
  });

  it('H-28 believes neither strangers nor too few of them', async () => {
    const world = new World();
    const nodes = await world.group(['Alice', 'Bob', 'Carol', 'Dave']);
    await world.run(15_000);
    const draft = draftOf(world, nodes[0]!);
    const self = [memberIdToBytes(nodes[0]!.memberId)];
    learnAbsence(draft, world.node('Mallory').memberId, self);
    learnAbsence(draft, nodes[1]!.memberId, self);
    learnAbsence(draft, nodes[1]!.memberId, self);
    expect(absentDueAt(draft)).toBeUndefined();
    learnAbsence(draft, nodes[2]!.memberId, [memberIdToBytes(nodes[3]!.memberId)]);
    expect(absentDueAt(draft)).toBeUndefined();
    learnAbsence(draft, nodes[2]!.memberId, self);
    expect(absentDueAt(draft)).toBe(world.now + REJOIN_AFTER_MS);
  });
});
