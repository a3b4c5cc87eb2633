/** Voting: what may be asked and answered when, votes that a rule casts, and outcomes that are told once. */
import { describe, expect, it } from 'vitest';
import { cancelAutomaticVote, scheduleAutomaticVote } from '../../../../main/protocol/conversation/automaticVotes.ts';
import type { ProposalId } from '../../../../shared/model/ids.ts';
import type { ProtocolError } from '../../../../main/protocol/conversation/index.ts';
import { epochOf } from '../support/hostile.ts';
import { draftOf, stateOf } from '../support/drafts.ts';
import { agreed, World, type Node } from '../support/world.ts';

/** A group whose only steward hears nothing and is not heard: a freeze lasts as long as it may. */
async function withoutSteward() {
  const world = new World();
  const nodes = await world.group(['Alice', 'Bob', 'Carol', 'Dave', 'Eve'], { stewardsMax: 1 });
  const steward = nodes.find(({ memberId }) => world.view(nodes[0]!).stewards.includes(memberId))!;
  const others = nodes.filter((node) => node !== steward) as [Node, Node, Node, Node];
  world.delivery = ({ from }, to) => (from === steward.name || to === steward.name ? [] : [5]);
  return { world, steward, others };
}

async function until(world: World, node: Node, phase: string): Promise<void> {
  for (let waited = 0; world.view(node).phase !== phase && waited < 60_000; waited += 50) await world.run(50);
  expect(world.view(node).phase).toBe(phase);
}

describe('while a change settles', () => {
  it('R-082 R-083 nobody asks for a removal and nobody votes; afterwards the vote counts', async () => {
    const { world, others } = await withoutSteward();
    const [asker, target, leaver, voter] = others;
    const { reply } = await world.input(asker, { kind: 'removeMember', memberId: target.memberId });
    await world.input(leaver, { kind: 'leave' });
    await until(world, voter, 'freezing');
    const vote = { kind: 'vote', proposalId: reply.proposalId!, approve: true } as const;
    await expect(world.input(voter, vote)).rejects.toMatchObject({ code: 'ConversationBlocked', state: 'freezing' });
    expect(world.view(voter).openProposals[0]).not.toHaveProperty('ownVote');
    const ban = { kind: 'removeMember', memberId: asker.memberId } as const;
    await expect(world.input(voter, ban)).rejects.toMatchObject({ code: 'ConversationBlocked', state: 'freezing' });
    await until(world, voter, 'reelection');
    await expect(world.input(voter, ban)).rejects.toMatchObject({ code: 'ConversationBlocked', state: 'reelection' });
    await world.input(voter, vote);
    await world.run(10);
    expect(world.view(asker).openProposals[0]?.votes.map(({ memberId }) => memberId)).toContain(voter.memberId);
    const joiner = world.node('Joiner');
    await world.join(joiner, world.invite(asker));
    await expect(world.input(joiner, ban)).rejects.toMatchObject({ code: 'ConversationBlocked', state: 'pendingJoin' });
  });
});

describe('a vote that a rule casts', () => {
  it('R-086 R-087 is replaced when it is made anew, and cancelled without touching the others', async () => {
    const world = new World();
    const [alice] = await world.group(['Alice']);
    const draft = draftOf(world, alice!);
    const [first, second, third] = [1, 2, 3] as ProposalId[] as [ProposalId, ProposalId, ProposalId];
    for (const proposalId of [first, second, third]) scheduleAutomaticVote(draft, proposalId, 1_000);
    scheduleAutomaticVote(draft, second, 2_000);
    expect(draft.state.votes.automatic).toEqual([
      { proposalId: first, dueAt: 1_000 },
      { proposalId: third, dueAt: 1_000 },
      { proposalId: second, dueAt: 2_000 },
    ]);
    cancelAutomaticVote(draft, first);
    cancelAutomaticVote(draft, 9 as ProposalId);
    expect(draft.state.votes.automatic.map(({ proposalId }) => proposalId)).toEqual([third, second]);
    for (const proposalId of [second, third]) cancelAutomaticVote(draft, proposalId);
    expect(draft.state.votes.automatic).toEqual([]);
  });

  it('R-188 R-189 waits for its delay without a question, and gives way to the person', async () => {
    const world = new World();
    const nodes = await world.group(['Alice', 'Bob', 'Carol'], { votingDelayMs: 10_000 });
    const dave = world.node('Dave');
    const asked = (node: Node) => node.events.filter(({ kind }) => kind === 'VoteRequested').length;
    const before = nodes.map(asked);
    await world.join(dave, world.invite(nodes[0]!));
    await world.run(100);
    const { proposalId, proposer } = world.view(nodes[0]!).openProposals[0]!;
    const [opener, peer] = [
      nodes.find(({ memberId }) => memberId === proposer)!,
      nodes.find(({ memberId }) => memberId !== proposer)!,
    ];
    expect(opener.events).toContainEqual({ kind: 'OwnProposalSubmitted', proposalId });
    expect(nodes.map(asked)).toEqual(before);
    const [waiting] = stateOf(peer).votes.automatic;
    expect(waiting).toMatchObject({ proposalId });
    expect(waiting!.dueAt - world.now).toBeGreaterThan(9_800);
    await world.input(peer, { kind: 'vote', proposalId, approve: false });
    expect(stateOf(peer).votes.automatic).toEqual([]);
    await world.run(60_000);
    const votes = opener.proposals.get(proposalId)!.votes.filter(({ memberId }) => memberId === peer.memberId);
    expect(votes.map(({ approve }) => approve)).toEqual([false]);
  });

  it('W-51 is never on a removal: the target and everybody else are asked, and count', async () => {
    const world = new World();
    const [alice, bob, carol] = await world.group(['Alice', 'Bob', 'Carol'], { votingDelayMs: 10 });
    const { reply } = await world.input(alice!, { kind: 'removeMember', memberId: carol!.memberId });
    await world.run(290_000);
    for (const node of [alice!, bob!, carol!]) {
      const [open] = world.view(node).openProposals;
      expect(open).toMatchObject({ expectedVoters: 3, needed: 2 });
      expect(open?.votes.map(({ memberId }) => memberId)).toEqual([alice!.memberId]);
    }
    for (const node of [bob!, carol!])
      expect(node.events).toContainEqual({ kind: 'VoteRequested', proposalId: reply.proposalId });
  });

  it('W-51 of two members neither goes without saying yes itself', async () => {
    const world = new World();
    const [alice, bob] = await world.group(['Alice', 'Bob'], { votingDelayMs: 10, removalLivenessCriteriaYes: true });
    const { reply } = await world.input(alice!, { kind: 'removeMember', memberId: bob!.memberId });
    await world.run(400_000);
    expect(alice!.proposals.get(reply.proposalId!)?.outcome).toBe('rejected');
    expect(agreed(world.view(bob!))).toEqual(agreed(world.view(alice!)));
    expect(world.view(alice!).members).toHaveLength(2);
  });
});

describe('an own proposal', () => {
  it('R-188 with our YES inside asks the others, not us; without it we are asked like everybody', async () => {
    const world = new World();
    const [alice, bob, carol] = await world.group(['Alice', 'Bob', 'Carol']);
    const { reply } = await world.input(alice!, { kind: 'removeMember', memberId: carol!.memberId });
    await world.run(10);
    const submitted = { kind: 'OwnProposalSubmitted', proposalId: reply.proposalId };
    const requested = { kind: 'VoteRequested', proposalId: reply.proposalId };
    expect(alice!.events).toContainEqual(submitted);
    expect(alice!.events).not.toContainEqual(requested);
    for (const node of [bob!, carol!]) {
      expect(node.events).toContainEqual(requested);
      expect(node.events).not.toContainEqual(submitted);
    }
    const deferred = new World();
    const [dora, emil] = [deferred.node('Dora'), deferred.node('Emil')];
    await deferred.create(dora, { membersMayInvite: false });
    await deferred.join(emil, deferred.invite(dora));
    await deferred.run(10);
    const [open] = deferred.view(dora).openProposals;
    expect(open?.votes).toEqual([]);
    expect(dora.events).toContainEqual({ kind: 'VoteRequested', proposalId: open?.proposalId });
    expect(dora.events.some(({ kind }) => kind === 'OwnProposalSubmitted')).toBe(false);
    // People decide here: no rule votes for them (architecture of votes).
    expect(stateOf(dora).votes.automatic).toEqual([]);
  });

  it('R-194 W-50 and every vote stay worth sending until their proposal expires', async () => {
    const world = new World({ delivery: () => [] });
    world.delivery = () => [5];
    const [alice, bob, carol] = await world.group(['Alice', 'Bob', 'Carol']);
    const { reply } = await world.input(alice!, { kind: 'removeMember', memberId: carol!.memberId });
    await world.run(10);
    const vote = await world.input(bob!, { kind: 'vote', proposalId: reply.proposalId!, approve: false });
    const { proposalExpirationMs } = world.view(bob!).settings;
    const opened = alice!.proposals.get(reply.proposalId!)!.createdAt;
    const sent = vote.effects.flatMap((effect) => (effect.kind === 'publish' ? [effect] : []));
    expect(sent).toHaveLength(1);
    expect(sent[0]).toMatchObject({ subtopic: 'app_msg', subject: { kind: 'governance' } });
    expect(sent[0]!.expiresAt).toBe(opened + proposalExpirationMs);
    // The packet is part of the step that counts the vote: what is stored is both or none.
    expect(bob!.user.writesOf(vote).parts.map(({ name }) => name)).toContain('mls.ratchets');
    expect(world.view(bob!).openProposals[0]?.votes.map(({ memberId }) => memberId)).toContain(bob!.memberId);
  });
});

describe('an outcome', () => {
  it('R-152 R-172 is told and applied once, however often consensus repeats it', async () => {
    const world = new World();
    const nodes = await world.group(['Alice', 'Bob', 'Carol', 'Dave'], { stewardsMax: 1 });
    const [alice, bob, carol, dave] = nodes as [Node, Node, Node, Node];
    const steward = nodes.find(({ memberId }) => world.view(alice).stewards.includes(memberId))!;
    const target = nodes.find((node) => node !== steward)!;
    const { reply } = await world.input(steward, { kind: 'removeMember', memberId: target.memberId });
    await world.run(10);
    // Each vote after the third is a repetition of the outcome; nobody commits meanwhile.
    for (const node of nodes.filter((node) => node !== steward))
      await world.input(node, { kind: 'vote', proposalId: reply.proposalId!, approve: true });
    await world.run(1_000);
    for (const node of [alice, bob, carol, dave]) {
      expect(node.events.filter((event) => event.kind === 'ConsensusReached')).toEqual(
        expect.arrayContaining([{ kind: 'ConsensusReached', proposalId: reply.proposalId, approved: true }]),
      );
      const told = node.events.filter(
        (event) => event.kind === 'ConsensusReached' && event.proposalId === reply.proposalId,
      );
      expect(told).toHaveLength(1);
      const decided = node.journal.filter(
        ({ kind, proposalId }) => kind === 'decided' && proposalId === reply.proposalId,
      );
      expect(decided).toHaveLength(1);
      expect(world.view(node).approvedProposals).toHaveLength(1);
    }
  });

  it('R-175 of YES on a removal queues it, marks its target, and costs no points', async () => {
    const { world, others } = await withoutSteward();
    const [asker, target, second, third] = others;
    const scores = () => world.view(asker).members.map(({ memberId, score }) => [memberId, score]);
    const before = scores();
    const { reply } = await world.input(asker, { kind: 'removeMember', memberId: target.memberId });
    await world.run(10);
    for (const node of [second, third, target])
      await world.input(node, { kind: 'vote', proposalId: reply.proposalId!, approve: true });
    await world.run(10);
    expect(world.view(asker)).toMatchObject({ phase: 'working', approvedProposals: [{ target: target.memberId }] });
    const marked = world.view(asker).members.filter(({ pendingRemoval }) => pendingRemoval);
    expect(marked.map(({ memberId }) => memberId)).toEqual([target.memberId]);
    expect(scores()).toEqual(before);
  });

  it('R-176 of YES on a second removal of the same member changes nothing: the first entry stays', async () => {
    const { world, others } = await withoutSteward();
    const [first, target, second, third] = others;
    // Both ask before either has heard of the other.
    const ids: ProposalId[] = [];
    for (const node of [first, second])
      ids.push((await world.input(node, { kind: 'removeMember', memberId: target.memberId })).reply.proposalId!);
    await world.run(10);
    for (const [index, proposalId] of ids.entries()) {
      for (const node of [first, second, third, target])
        await world
          .input(node, { kind: 'vote', proposalId, approve: true })
          .catch((error: unknown) =>
            expect(['UserAlreadyVoted', 'SessionNotActive']).toContain((error as ProtocolError).code),
          );
      await world.run(10);
      for (const node of [first, second, third])
        expect(
          world.view(node).approvedProposals.map(({ proposalId: queued }) => queued),
          `${index}`,
        ).toEqual([ids[0]]);
    }
    for (const node of [first, second, third]) expect(world.view(node).counters).toMatchObject({ AlreadyApproved: 1 });
    expect(world.view(first).openProposals).toEqual([]);
  });

  it('R-071 R-089 without approved work nothing ever elapses: a group at rest is not woken', async () => {
    const world = new World();
    const nodes = await world.group(['Alice', 'Bob', 'Carol']);
    await world.run(300_000);
    const steps = nodes.map((node) => node.steps.length);
    expect(nodes.map(({ wakeAt }) => wakeAt)).toEqual([undefined, undefined, undefined]);
    await world.run(30 * 24 * 3_600_000);
    expect(nodes.map((node) => node.steps.length)).toEqual(steps);
    expect(epochOf(world, nodes[0]!)).toBe(2n);
  });
});
