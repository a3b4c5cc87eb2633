/** What is repeated, late or early: old announcements, votes before their proposal, resets after a commit, rules that changed. */
import { describe, expect, it } from 'vitest';
import { announcement, epochOf, isCandidate } from '../support/hostile.ts';
import { agreed, forge, World, type Node } from '../support/world.ts';

describe('an old announcement of a member', () => {
  it('that somebody repeats does not put the member out', async () => {
    const world = new World();
    const [alice, bob] = (await world.group(['Alice', 'Bob'])) as [Node, Node];
    const carol = world.node('Carol');
    // Carol asked once, gave up, and asked again: the first announcement is still good for the link.
    world.delivery = () => [];
    await world.join(carol, world.invite(alice));
    const old = carol.sent.at(-1)!;
    await world.input(carol, { kind: 'leave' });
    world.delivery = () => [5];
    await world.run(2_000);
    await world.join(carol, world.invite(alice));
    await world.run(30_000);
    const before = agreed(world.view(carol));
    world.send({ ...old, from: 'nobody' });
    await world.run(60_000);
    expect(agreed(world.view(alice))).toEqual(before);
    expect(agreed(world.view(carol))).toEqual(before);
    expect(world.view(bob).counters).toMatchObject({ KeyPackageOutdated: 1 });
  });

  it('that is newer than the one that let it in is a re-join', async () => {
    const world = new World();
    const [alice, bob] = (await world.group(['Alice', 'Bob', 'Carol'])) as [Node, Node];
    const carol = world.nodes.get('Carol')!;
    await world.run(2_000);
    const fresh = await carol.mls.generateKeyPackage(world.now);
    world.send(announcement(carol, fresh, world.invite(alice).secret));
    await world.run(60_000);
    expect(agreed(world.view(alice))).toEqual(agreed(world.view(bob)));
    expect(alice.journal.filter(({ kind, target }) => kind === 'joined' && target === carol.memberId)).toHaveLength(2);
  });
});

describe('packets in another order', () => {
  it('count the same votes: a vote that overtakes its proposal is not lost', async () => {
    const world = new World();
    const [alice, bob, carol, dave] = (await world.group(['Alice', 'Bob', 'Carol', 'Dave'])) as [
      Node,
      Node,
      Node,
      Node,
    ];
    // Alice's proposal reaches Dave after everybody's votes on it.
    world.delivery = (packet, to) => (packet.from === 'Alice' && to === 'Dave' && !isCandidate(packet) ? [1_000] : [5]);
    const { reply } = await world.input(alice, { kind: 'removeMember', memberId: carol.memberId });
    await world.run(50);
    await world.input(bob, { kind: 'vote', proposalId: reply.proposalId!, approve: false });
    await world.run(100);
    expect(world.view(dave)).toMatchObject({ openProposals: [], counters: { VoteBeforeProposal: 1 } });
    world.restart(dave);
    await world.run(2_000);
    expect(world.view(dave).openProposals[0]?.votes).toHaveLength(2);
    expect(world.view(dave).openProposals[0]?.votes.map(({ memberId }) => memberId)).toEqual(
      world.view(alice).openProposals[0]?.votes.map(({ memberId }) => memberId),
    );
  });

  it('end with the same link: a reset that arrives after a commit still counts', async () => {
    const world = new World();
    const [alice, bob, carol, dave] = ['Alice', 'Bob', 'Carol', 'Dave'].map((name) => world.node(name)) as [
      Node,
      Node,
      Node,
      Node,
    ];
    const approve = async (voters: readonly Node[]): Promise<void> => {
      const { proposalId } = world.view(alice).openProposals[0] ?? expect.fail('nothing to vote on');
      for (const node of voters) await world.input(node, { kind: 'vote', proposalId, approve: true });
      await world.run(100);
    };
    await world.create(alice, { membersMayInvite: false });
    const voters = [alice];
    for (const joiner of [bob, carol]) {
      await world.join(joiner, world.invite(alice));
      await world.run(1_000);
      await approve(voters);
      await world.run(20_000);
      voters.push(joiner);
    }
    await world.join(dave, world.invite(alice));
    await world.run(1_000);
    await approve([alice, bob, carol].slice(0, 2));
    let late = 0;
    world.delivery = (_packet, to) => (to === 'Carol' && late++ === 0 ? [20_000] : [5]);
    const { epoch } = world.view(carol);
    await world.input(bob, { kind: 'resetInvite' });
    await world.run(15_000);
    expect(world.view(carol).epoch).toBe(epoch + 1);
    expect(world.view(carol).inviteSecret).not.toEqual(world.view(bob).inviteSecret);
    await world.run(10_000);
    for (const node of [alice, carol, dave])
      expect(world.view(node).inviteSecret).toEqual(world.view(bob).inviteSecret);
  });

  it('H-33 that comes after a commit reaches whoever came in by it, who cannot read the epoch before', async () => {
    const world = new World();
    const nodes = await world.group(['Alice', 'Bob', 'Carol']);
    const [alice] = nodes as [Node];
    await world.run(15_000);
    const { members } = world.view(alice);
    const isLeading = ({ memberId }: Node): boolean =>
      members.find((member) => member.memberId === memberId)?.role === 'epochSteward';
    const author = nodes.find((node) => !isLeading(node))!;
    const dave = world.node('Dave');
    await world.join(dave, world.invite(alice));
    await world.run(100);
    world.delivery = ({ from }) => (from === author.name ? [20_000] : [5]);
    await world.input(author, { kind: 'resetInvite' });
    world.delivery = () => [5];
    await world.run(15_000);
    const reset = world.view(author).inviteSecret;
    expect(world.view(dave).phase).toBe('working');
    expect(world.view(dave).inviteSecret).not.toEqual(reset);
    await world.run(10_000);
    for (const node of [...nodes, dave]) expect(world.view(node).inviteSecret, node.name).toEqual(reset);
  });

  it('H-33 cannot be told to have been made when somebody was removed, with a secret of before', async () => {
    const world = new World();
    const [alice, bob, carol] = (await world.group(['Alice', 'Bob', 'Carol'])) as [Node, Node, Node];
    await world.run(15_000);
    await world.input(carol, { kind: 'leave' });
    await world.run(30_000);
    const after = world.view(alice).inviteSecret;
    const value = { epoch: epochOf(world, bob), counter: 0, secret: new Uint8Array(32).fill(255) };
    await forge(world, bob, { payload: { case: 'inviteReset', value } });
    await world.run(100);
    expect(world.view(alice).inviteSecret).toEqual(after);
    expect(world.view(alice).counters).toMatchObject({ InviteResetOutdated: 1 });
  });

  it('a member cannot use the counter of resets up', async () => {
    const world = new World();
    const [alice, bob] = (await world.group(['Alice', 'Bob'])) as [Node, Node];
    const before = world.view(alice).inviteSecret;
    const epoch = epochOf(world, bob);
    const value = { epoch, counter: 0xffffffff, secret: new Uint8Array(32).fill(7) };
    await forge(world, bob, { payload: { case: 'inviteReset', value } });
    await world.run(100);
    expect(world.view(alice).inviteSecret).toEqual(before);
    await world.input(alice, { kind: 'resetInvite' });
    expect(world.view(alice).inviteSecret).not.toEqual(before);
  });
});

describe('a vote by rule', () => {
  it('that waits for its delay is left to the person when the link was reset meanwhile', async () => {
    const world = new World();
    const [alice, bob, carol] = (await world.group(['Alice', 'Bob', 'Carol'], { votingDelayMs: 10_000 })) as [
      Node,
      Node,
      Node,
    ];
    const dave = world.node('Dave');
    await world.join(dave, world.invite(alice));
    await world.run(1_000);
    for (const node of [alice, bob, carol]) expect(world.view(node).openProposals).toHaveLength(1);
    await world.input(alice, { kind: 'resetInvite' });
    await world.run(20_000);
    expect(world.view(alice).openProposals[0]?.votes).toHaveLength(1);
    expect([bob, carol].map((node) => world.view(node).counters['RuleNoLongerDecides'] ?? 0)).toContain(1);
    expect(world.view(dave).phase).toBe('pendingJoin');
  });
});

describe('a joiner', () => {
  it('reads in its own chat who let it in', async () => {
    const world = new World();
    const [alice, bob, carol] = (await world.group(['Alice', 'Bob', 'Carol'])) as [Node, Node, Node];
    const line = (node: Node, about: Node) =>
      [...node.messages.values()].find(({ system }) => system?.kind === 'joined' && system.target === about.memberId);
    expect(line(bob, bob)).toMatchObject({
      sender: alice.memberId,
      system: {
        kind: 'joined',
        target: bob.memberId,
        actor: alice.memberId,
        rule: 'welcome',
        proposer: alice.memberId,
      },
    });
    // It says of the votes what the others say.
    const told = line(alice, carol)?.system;
    expect(line(carol, carol)?.system).toMatchObject({
      actor: told?.actor,
      proposer: told?.proposer,
      proposalId: told?.proposalId,
      expectedVoters: 2,
      needed: 2,
      votes: told?.votes?.map(({ memberId, approve, at }) => ({ memberId, approve, at })),
    });
    expect(told?.votes).toHaveLength(2);
  });
});

describe('a joiner whom nobody refused', () => {
  it('is proposed again when the vote ran out, people read of it once, and it gets in when the absent one is back', async () => {
    const world = new World();
    const [alice, bob] = (await world.group(['Alice', 'Bob'])) as [Node, Node];
    world.delivery = ({ from }, to) => (from === 'Bob' || to === 'Bob' ? [] : [5]);
    const carol = world.node('Carol');
    await world.join(carol, world.invite(alice));
    await world.run(3_600_000);
    const votes = alice.journal.filter(({ kind, target }) => kind === 'proposed' && target === carol.memberId);
    // One window of five minutes after the other, with at most one announcement between: no more, no less.
    expect(votes.length).toBeGreaterThanOrEqual(10);
    expect(votes.length).toBeLessThanOrEqual(12);
    const lines = [...alice.messages.values()].filter(({ system }) => system?.kind === 'decided');
    expect(lines).toHaveLength(1);
    world.delivery = () => [5];
    await world.run(400_000);
    expect(world.view(carol).phase).toBe('working');
    expect(agreed(world.view(carol))).toEqual(agreed(world.view(bob)));
  });
});
