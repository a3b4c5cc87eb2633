/** Three and more: joins converge, leaves of every role, removals by vote. */
import { describe, expect, it } from 'vitest';
import { agreed, texts, World, type Node } from '../support/world.ts';

/** All are members in the same state of the same epoch. */
function expectAgreement(world: World, nodes: readonly Node[]): void {
  const [first, ...others] = nodes;
  for (const other of others) expect(agreed(world.view(other))).toEqual(agreed(world.view(first!)));
  expect(
    world
      .view(first!)
      .members.map(({ memberId }) => memberId)
      .sort(),
  ).toEqual(nodes.map(({ memberId }) => memberId).sort());
}

const lines = (node: Node) =>
  [...node.messages.values()].flatMap(({ system }) => (system === undefined ? [] : [system]));

describe('joining', () => {
  it('R-290 three members that join at once converge to the same epoch, members and list', async () => {
    const world = new World();
    const [alice, ...others] = ['Alice', 'Bob', 'Carol', 'Dave'].map((name) => world.node(name));
    await world.create(alice!);
    for (const other of others) await world.join(other, world.invite(alice!));
    await world.run(120_000);
    expectAgreement(world, [alice!, ...others]);
    expect(world.view(alice!).phase).toBe('working');
  });

  it('R-290 three members that join while earlier ones are being let in converge too', async () => {
    const world = new World();
    const [alice, ...others] = ['Alice', 'Bob', 'Carol', 'Dave', 'Eve'].map((name) => world.node(name));
    await world.create(alice!);
    for (const other of others) {
      await world.join(other, world.invite(alice!));
      await world.run(1_900);
    }
    await world.run(120_000);
    expectAgreement(world, [alice!, ...others]);
  });
});

describe('leaving', () => {
  const roles = ['epochSteward', 'backupSteward', 'steward', 'member'] as const;
  for (const role of roles) {
    it(`a ${role} leaves, and the others go on`, async () => {
      const world = new World();
      const names = ['Alice', 'Bob', 'Carol', 'Dave', 'Eve', 'Frank'];
      const nodes = await world.group(names, role === 'member' ? { stewardsMax: 2 } : {});
      const leaver = nodes.find(
        (node) => world.view(nodes[0]!).members.find(({ memberId }) => memberId === node.memberId)?.role === role,
      );
      expect(leaver, `nobody is ${role}`).toBeDefined();
      await world.input(leaver!, { kind: 'leave' });
      await world.run(60_000);
      const rest = nodes.filter((node) => node !== leaver);
      expectAgreement(world, rest);
      expect(leaver!.user.conversations()).toEqual([]);
      expect(leaver!.events.at(-1)).toEqual({ kind: 'Leaving', cause: 'left' });
      expect(leaver!.lifecycle.at(-1)).toMatchObject({ kind: 'Removed', cause: 'left' });
      await world.say(rest[0]!, 'still here');
      await world.run(1_000);
      expect(texts(rest[2]!)).toContain('still here');
    });
  }

  it('R-058 W-23 a sole member leaves at once, without a packet', async () => {
    const world = new World();
    const [alice] = await world.group(['Alice']);
    await world.input(alice!, { kind: 'leave' });
    expect(alice!.user.conversations()).toEqual([]);
    expect(alice!.sent).toEqual([]);
    expect(alice!.lifecycle.map(({ kind }) => kind)).toEqual(['Created', 'Removed']);
  });

  it('R-059 W-23 the only steward leaves, and the group returns to Working', async () => {
    const world = new World();
    const nodes = await world.group(['Alice', 'Bob', 'Carol'], { stewardsMax: 1 });
    const steward = nodes.find((node) => world.view(nodes[0]!).stewards.includes(node.memberId))!;
    expect(world.view(nodes[0]!).stewards).toHaveLength(1);
    await world.input(steward, { kind: 'leave' });
    await world.run(60_000);
    const rest = nodes.filter((node) => node !== steward);
    expectAgreement(world, rest);
    expect(world.view(rest[0]!).phase).toBe('working');
  });

  it('W-23 of two members either may leave, also when the other is no steward', async () => {
    for (const leaver of [0, 1]) {
      const world = new World();
      const nodes = await world.group(['Alice', 'Bob']);
      await world.input(nodes[leaver]!, { kind: 'leave' });
      await world.run(30_000);
      expect(nodes[leaver]!.user.conversations()).toEqual([]);
      expect(world.view(nodes[1 - leaver]!).members).toHaveLength(1);
      expect(world.view(nodes[1 - leaver]!).phase).toBe('working');
    }
  });

  it('everybody leaves at once, and nobody is stuck', async () => {
    const world = new World();
    const nodes = await world.group(['Alice', 'Bob', 'Carol']);
    for (const node of nodes) await world.input(node, { kind: 'leave' });
    await world.run(60_000);
    for (const node of nodes) expect(node.user.conversations()).toEqual([]);
  });

  it('everybody leaves but one whom they voted out, and nobody is stuck', async () => {
    const world = new World();
    const [alice, bob, carol] = (await world.group(['Alice', 'Bob', 'Carol'])) as [Node, Node, Node];
    const { reply } = await world.input(bob, { kind: 'removeMember', memberId: alice.memberId });
    await world.run(10);
    await world.input(carol, { kind: 'vote', proposalId: reply.proposalId!, approve: true });
    for (const node of [bob, carol]) await world.input(node, { kind: 'leave' });
    await world.run(60_000);
    for (const node of [alice, bob, carol]) expect(node.user.conversations(), node.name).toEqual([]);
    expect(alice.lifecycle.at(-1)).toMatchObject({ kind: 'Removed', cause: 'removed' });
    for (const node of [bob, carol]) expect(node.lifecycle.at(-1)).toMatchObject({ kind: 'Removed', cause: 'left' });
  });

  it('R-050 a first leave publishes a packet, a second none', async () => {
    const world = new World({ delivery: () => [] });
    world.delivery = () => [5];
    const [, bob] = await world.group(['Alice', 'Bob', 'Carol']);
    world.delivery = () => [];
    const before = bob!.sent.length;
    await world.input(bob!, { kind: 'leave' });
    expect(bob!.sent.length).toBe(before + 1);
    await world.input(bob!, { kind: 'leave' });
    expect(bob!.sent.length).toBe(before + 1);
  });

  it('R-055 R-060 W-20 leave, join again, leave again works', async () => {
    const world = new World();
    const [alice, bob, carol] = await world.group(['Alice', 'Bob', 'Carol']);
    await world.input(bob!, { kind: 'leave' });
    await world.run(30_000);
    const epoch = world.view(alice!).epoch;
    await world.join(bob!, world.invite(alice!));
    await world.run(60_000);
    expectAgreement(world, [alice!, bob!, carol!]);
    expect(world.view(bob!).epoch).toBeGreaterThan(epoch);
    await world.input(bob!, { kind: 'leave' });
    await world.run(60_000);
    expectAgreement(world, [alice!, carol!]);
    expect(bob!.user.conversations()).toEqual([]);
  });
});

describe('removal by vote', () => {
  it('is accepted when two of three say yes, and the line in the chat says who voted how', async () => {
    const world = new World();
    const [alice, bob, carol] = await world.group(['Alice', 'Bob', 'Carol']);
    const { reply } = await world.input(alice!, { kind: 'removeMember', memberId: carol!.memberId, reason: 'spam' });
    await world.run(100);
    expect(bob!.events).toContainEqual({ kind: 'VoteRequested', proposalId: reply.proposalId });
    expect(world.view(bob!).openProposals).toHaveLength(1);
    await world.input(bob!, { kind: 'vote', proposalId: reply.proposalId!, approve: true });
    await world.run(30_000);
    expectAgreement(world, [alice!, bob!]);
    expect(carol!.user.conversations()).toEqual([]);
    expect(carol!.lifecycle.at(-1)).toMatchObject({ kind: 'Removed', cause: 'removed' });
    const line = lines(bob!).find(({ kind }) => kind === 'left');
    expect(line).toMatchObject({
      target: carol!.memberId,
      proposer: alice!.memberId,
      reason: 'spam',
      rule: 'votes',
      cause: 'removed',
    });
    expect(line?.votes?.map(({ memberId, approve }) => [memberId, approve])).toEqual([
      [alice!.memberId, true],
      [bob!.memberId, true],
    ]);
    expect(line?.commitHash).toMatch(/^[0-9a-f]{64}$/);
  });

  it('is rejected when two say no, and nothing changes', async () => {
    const world = new World();
    const [alice, bob, carol] = await world.group(['Alice', 'Bob', 'Carol']);
    const { epoch } = world.view(alice!);
    const { reply } = await world.input(alice!, { kind: 'removeMember', memberId: carol!.memberId });
    await world.run(100);
    await world.input(bob!, { kind: 'vote', proposalId: reply.proposalId!, approve: false });
    await world.input(carol!, { kind: 'vote', proposalId: reply.proposalId!, approve: false });
    await world.run(30_000);
    expectAgreement(world, [alice!, bob!, carol!]);
    expect(world.view(alice!).epoch).toBe(epoch);
    for (const node of [alice!, bob!, carol!]) {
      expect(node.proposals.get(reply.proposalId!)).toMatchObject({ outcome: 'rejected' });
      expect(lines(node).some(({ kind, outcome }) => kind === 'decided' && outcome === 'rejected')).toBe(true);
    }
  });

  it('R-158 W-3 is decided by silence at every node at the end of the window, with equal outcome', async () => {
    for (const yes of [true, false]) {
      const world = new World();
      const [alice, bob, carol] = await world.group(['Alice', 'Bob', 'Carol'], { removalLivenessCriteriaYes: yes });
      const { reply } = await world.input(alice!, { kind: 'removeMember', memberId: carol!.memberId });
      await world.run(400_000);
      const outcome = yes ? 'accepted' : 'rejected';
      for (const node of [alice!, bob!, carol!]) expect(node.proposals.get(reply.proposalId!)?.outcome).toBe(outcome);
      expect(world.view(alice!).members).toHaveLength(yes ? 2 : 3);
      expectAgreement(world, yes ? [alice!, bob!] : [alice!, bob!, carol!]);
    }
  });

  it('H-26 is carried out at somebody who joined while the vote was open, by what the sync told about it', async () => {
    const world = new World();
    const [alice, bob, carol] = await world.group(['Alice', 'Bob', 'Carol']);
    const { reply } = await world.input(alice!, { kind: 'removeMember', memberId: carol!.memberId });
    const [dave, eve] = [world.node('Dave'), world.node('Eve')];
    for (const joiner of [dave, eve]) {
      await world.join(joiner, world.invite(alice!));
      await world.run(30_000);
    }
    await world.input(bob!, { kind: 'vote', proposalId: reply.proposalId!, approve: true });
    await world.run(30_000);
    expectAgreement(world, [alice!, bob!, dave, eve]);
  });

  it('somebody who was voted out needs people to come back', async () => {
    const world = new World();
    const [alice, bob, carol] = await world.group(['Alice', 'Bob', 'Carol']);
    const { reply } = await world.input(alice!, { kind: 'removeMember', memberId: carol!.memberId });
    await world.run(100);
    const oldInvite = world.invite(alice!);
    await world.input(bob!, { kind: 'vote', proposalId: reply.proposalId!, approve: true });
    await world.run(30_000);
    // A link of before the removal leads nowhere.
    await world.join(carol!, oldInvite);
    await world.run(60_000);
    expect(world.view(alice!).openProposals).toEqual([]);
    await world.input(carol!, { kind: 'leave' });
    await world.join(carol!, world.invite(alice!));
    await world.run(60_000);
    const [open] = world.view(alice!).openProposals;
    expect(open).toMatchObject({ kind: 'addMember', target: carol!.memberId, votes: [] });
    for (const node of [alice!, bob!])
      await world.input(node, { kind: 'vote', proposalId: open!.proposalId, approve: true });
    await world.run(60_000);
    expectAgreement(world, [alice!, bob!, carol!]);
  });
});

describe('joining by vote', () => {
  it('takes people when members may not invite', async () => {
    const world = new World();
    const [alice, bob] = ['Alice', 'Bob'].map((name) => world.node(name));
    await world.create(alice!, { membersMayInvite: false });
    await world.join(bob!, world.invite(alice!));
    await world.run(10_000);
    const [open] = world.view(alice!).openProposals;
    expect(open).toMatchObject({ kind: 'addMember', target: bob!.memberId, targetName: 'Bob', votes: [] });
    await world.input(alice!, { kind: 'vote', proposalId: open!.proposalId, approve: true });
    await world.run(10_000);
    expectAgreement(world, [alice!, bob!]);
  });

  it('a refused joiner is not proposed again with the same key package', async () => {
    const world = new World();
    const [alice, bob] = ['Alice', 'Bob'].map((name) => world.node(name));
    await world.create(alice!, { membersMayInvite: false });
    await world.join(bob!, world.invite(alice!));
    await world.run(10_000);
    const [open] = world.view(alice!).openProposals;
    await world.input(alice!, { kind: 'vote', proposalId: open!.proposalId, approve: false });
    await world.run(120_000);
    expect(world.view(alice!).openProposals).toEqual([]);
    expect(world.view(alice!).counters['AnnouncementRefused']).toBeGreaterThan(0);
  });
});
