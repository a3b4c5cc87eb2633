/** What a member gets from another after an absence: commits of epochs that are over elsewhere, and votes that were opened meanwhile. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { memberIdToBytes } from '../../../../main/protocol/identity/index.ts';
import { decodeAppMessage, encodeAppMessage, encodeWelcomeMessage } from '../../../../main/protocol/wire/index.ts';
import { stateOf } from '../support/drafts.ts';
import { isCandidate } from '../support/hostile.ts';
import { agreed, CONVERSATION, World, type Node, type Packet } from '../support/world.ts';

type Five = [Node, Node, Node, Node, Node];

const isSteward = (world: World, node: Node): boolean => world.view(node).stewards.includes(node.memberId);

/** Erin is away from now on. */
async function erinAway(settings = {}) {
  const world = new World();
  const nodes = (await world.group(['Alice', 'Bob', 'Carol', 'Dave', 'Erin'], settings)) as Five;
  await world.run(15_000);
  const [alice, bob, carol, dave, erin] = nodes;
  world.delivery = ({ from }, to) => (from === 'Erin' || to === 'Erin' ? [] : [5]);
  return { world, nodes, alice, bob, carol, dave, erin };
}

const late = (world: World, node: Node, { payload, subtopic }: Packet) =>
  world.input(node, { kind: 'packet', subtopic, payload, late: true });

function commitHashOf(packet: Packet): string | undefined {
  const { payload } = isCandidate(packet) ? decodeAppMessage(packet.payload) : { payload: undefined };
  if (payload?.case !== 'commitCandidate') return undefined;
  return createHash('sha256').update(payload.value.commitMessage).digest('hex');
}

/** The applied commit with the word of those who applied it, as a member keeps and hands it on. */
function attested(world: World, packet: Packet, by: readonly Node[]): Packet {
  const { payload } = decodeAppMessage(packet.payload);
  if (payload.case !== 'commitCandidate') return expect.fail('no candidate');
  const { epoch } = world.view(by[0]!);
  const text = new TextEncoder().encode(`conclave attestation 1\n${CONVERSATION}\n${epoch}\n${commitHashOf(packet)}`);
  const attestations = by.map(({ memberId, identity }) => ({
    member: memberIdToBytes(memberId),
    signature: identity.sign(text),
  }));
  const { conversationName, mlsProposals, commitMessage, stewardIdentity, certificates } = payload.value;
  const value = { conversationName, mlsProposals, commitMessage, stewardIdentity, certificates, attestations };
  return { ...packet, payload: encodeAppMessage({ payload: { case: 'commitCandidate', value } }) };
}

describe('a commit that comes when its epoch is over elsewhere', () => {
  for (const [how, witnesses, isAtOnce] of [
    ['is applied at once on the word of a single member, when its decision is proven', 1, true],
    ['waits for the freeze like any other, when nobody says that it was applied', 0, false],
  ] as const)
    it(`R-254 H-28 ${how}`, async () => {
      const { world, nodes, dave, erin } = await erinAway();
      await world.input(dave, { kind: 'leave' });
      await world.run(30_000);
      const others = nodes.filter((node) => node !== dave && node !== erin);
      const applied = stateOf(others[0]!).applied.at(-1)!.hash;
      const candidate = others.flatMap(({ sent }) => sent).find((packet) => commitHashOf(packet) === applied)!;
      const epoch = world.view(erin).epoch;
      world.delivery = () => [];
      const offered = witnesses === 0 ? candidate : attested(world, candidate, others.slice(0, witnesses));
      await late(world, erin, offered);
      expect(world.view(erin).epoch).toBe(isAtOnce ? epoch + 1 : epoch);
      expect(world.view(erin).phase).toBe(isAtOnce ? 'working' : 'freezing');
      await world.run(60_000);
      expect(agreed(world.view(erin))).toEqual(agreed(world.view(others[0]!)));
      for (const { score } of world.view(erin).members) expect(score).toBeGreaterThanOrEqual(100);
    });
});

describe('a vote that was opened while a member was away', () => {
  const minutes = 60_000;
  const openedAway = async () => {
    const group = await erinAway({ consensusTimeoutMs: 60 * minutes, proposalExpirationMs: 120 * minutes });
    const { world, alice, bob } = group;
    const { reply } = await world.input(alice, { kind: 'removeMember', memberId: bob.memberId });
    const sent = alice.sent.at(-1)!;
    return { ...group, proposalId: reply.proposalId!, sent };
  };

  it('H-22 may be answered as long as it is open, however old it is', async () => {
    const { world, erin, alice, proposalId, sent } = await openedAway();
    await world.run(30 * minutes);
    await late(world, erin, sent);
    expect(world.view(erin).openProposals.map((proposal) => proposal.proposalId)).toEqual([proposalId]);
    world.delivery = () => [5];
    await world.input(erin, { kind: 'vote', proposalId, approve: true });
    await world.run(1_000);
    expect(world.view(alice).openProposals[0]?.votes).toHaveLength(2);
  });

  it('H-22 is refused as too old when nobody hands it on, but it comes by itself', async () => {
    const { world, erin, sent } = await openedAway();
    await world.run(30 * minutes);
    await world.input(erin, { kind: 'packet', subtopic: 'app_msg', payload: sent.payload });
    expect(world.view(erin).counters.ProposalTimestampOutsideSkew).toBe(1);
  });

  it('H-3 is nothing any more once its window is over: its silence is not ours', async () => {
    const { world, erin, sent } = await openedAway();
    await world.run(61 * minutes);
    await late(world, erin, sent);
    expect(world.view(erin).openProposals).toEqual([]);
    expect(world.view(erin).counters.ProposalExpired).toBe(1);
  });
});

describe('a group of which everybody goes', () => {
  it('H-23 ends for whoever was voted out, too, when all the others leave', async () => {
    const world = new World();
    const nodes = await world.group(['Alice', 'Bob', 'Carol', 'Dave'], { commitInactivityMs: 20_000 });
    await world.run(15_000);
    const [alice, bob, carol, dave] = nodes as [Node, Node, Node, Node];
    const { reply } = await world.input(alice, { kind: 'removeMember', memberId: dave.memberId });
    await world.run(100);
    for (const node of [bob, carol])
      await world.input(node, { kind: 'vote', proposalId: reply.proposalId!, approve: true });
    await world.run(100);
    for (const node of [alice, bob, carol]) await world.input(node, { kind: 'leave' });
    await world.run(1_000);
    for (const node of nodes) expect(node.user.conversations(), node.name).toEqual([]);
    expect(nodes.map(({ lifecycle }) => lifecycle.at(-1))).toMatchObject(
      ['left', 'left', 'left', 'removed'].map((cause) => ({ kind: 'Removed', cause })),
    );
    expect(dave.journal.at(-1)).toMatchObject({ kind: 'left', cause: 'removed', proposalId: reply.proposalId });
  });
});

describe('a decision by silence that only one member came to', () => {
  it('H-25 ends with the lifetime of its proposal, and keeps that member from nothing after it', async () => {
    const world = new World();
    const nodes = await world.group(['Alice', 'Bob', 'Carol', 'Dave'], {
      stewardsMax: 1,
      removalLivenessCriteriaYes: true,
      consensusTimeoutMs: 10_000,
      proposalExpirationMs: 60_000,
    });
    await world.run(15_000);
    const [first, second, target, deaf] = [...nodes].sort(
      (a, b) => Number(isSteward(world, b)) - Number(isSteward(world, a)),
    ) as [Node, Node, Node, Node];
    const { reply } = await world.input(first, { kind: 'removeMember', memberId: target.memberId });
    await world.run(100);
    // Two say no, and one does not hear it.
    world.delivery = (_packet, to) => (to === deaf.name ? [] : [5]);
    for (const node of [second, target])
      await world.input(node, { kind: 'vote', proposalId: reply.proposalId!, approve: false });
    await world.run(1_000);
    world.delivery = () => [5];
    await world.run(20_000);
    expect(world.view(first).approvedProposals).toEqual([]);
    expect(world.view(deaf).approvedProposals).toHaveLength(1);
    await world.run(60_000);
    expect(world.view(deaf)).toMatchObject({
      phase: 'working',
      approvedProposals: [],
      counters: { DecisionLapsed: 1 },
    });
    const frank = world.node('Frank');
    await world.join(frank, world.invite(first));
    await world.run(60_000);
    for (const node of [...nodes, frank]) expect(agreed(world.view(node))).toEqual(agreed(world.view(first)));
  });
});

describe('a decision by silence that lapsed on one side of a cut, and was carried out on the other', () => {
  it('H-25 H-28 still justifies the commit of who was cut off, and nobody has to leave its branch', async () => {
    const world = new World();
    const nodes = await world.group(['Alice', 'Bob', 'Carol', 'Dave'], {
      stewardsMax: 1,
      removalLivenessCriteriaYes: true,
      consensusTimeoutMs: 10_000,
      proposalExpirationMs: 30_000,
    });
    await world.run(15_000);
    const [steward, target, ...rest] = [...nodes].sort(
      (a, b) => Number(isSteward(world, b)) - Number(isSteward(world, a)),
    ) as [Node, Node, ...Node[]];
    await world.input(steward, { kind: 'removeMember', memberId: target.memberId });
    await world.run(100);
    world.delivery = ({ from }, to) => ((from === steward.name) === (to === steward.name) ? [5] : []);
    await world.run(120_000);
    expect(world.view(steward).members).toHaveLength(3);
    for (const node of rest) expect(world.view(node)).toMatchObject({ epoch: 3, approvedProposals: [] });
    world.delivery = () => [5];
    for (const node of nodes) await world.input(node, { kind: 'reachable' });
    await world.run(40_000);
    for (const node of rest) {
      expect(agreed(world.view(node)), node.name).toEqual(agreed(world.view(steward)));
      expect(node.events.map(({ kind }) => kind)).not.toContain('Rejoining');
    }
    expect(target.lifecycle.at(-1)).toMatchObject({ kind: 'Removed', cause: 'removed' });
  });
});

describe('a member that was voted out while nobody could carry it out any more', () => {
  const votedOut = async () => {
    const world = new World();
    const nodes = await world.group(['Alice', 'Bob', 'Carol'], {
      commitInactivityMs: 10_000,
      consensusTimeoutMs: 10_000,
      proposalExpirationMs: 60_000,
    });
    await world.run(15_000);
    const [alice, bob, carol] = nodes as [Node, Node, Node];
    const { reply } = await world.input(alice, { kind: 'removeMember', memberId: carol.memberId });
    await world.run(100);
    await world.input(bob, { kind: 'vote', proposalId: reply.proposalId!, approve: true });
    await world.run(100);
    expect(world.view(carol).approvedProposals).toHaveLength(1);
    return { world, carol };
  };

  it('H-25 H-23 goes by itself, when the votes are old and it is alone with them', async () => {
    const { world, carol } = await votedOut();
    world.delivery = () => [];
    await world.run(59_000);
    expect(carol.user.conversations()).toHaveLength(1);
    await world.run(300_000);
    expect(carol.lifecycle.at(-1)).toMatchObject({ kind: 'Removed', cause: 'left' });
  });

  it('H-25 only waits while others may still carry it out', async () => {
    const { world, carol } = await votedOut();
    await world.run(60_000);
    expect(carol.lifecycle.at(-1)).toMatchObject({ kind: 'Removed', cause: 'removed' });
  });
});

describe('a steward that went another way', () => {
  it.each([
    ['who know the group for long', false],
    ['who came together a moment ago', true],
  ])('H-23 H-17 is let in again by the others, %s, although it alone is on the list', async (_who, isYoung) => {
    const world = new World();
    const names = ['Alice', 'Bob', 'Carol'];
    const rules = { stewardsMax: 1, stewardsMin: 1 };
    const nodes = isYoung ? names.map((name) => world.node(name)) : await world.group(names, rules);
    if (isYoung) {
      const [alice, ...joiners] = nodes as [Node, ...Node[]];
      await world.create(alice, rules);
      for (const joiner of joiners) await world.join(joiner, world.invite(alice));
      await world.run(25_000);
      expect(world.view(alice)).toMatchObject({ epoch: 1, members: { length: 3 } });
    }
    await world.run(15_000);
    const steward = nodes.find((node) => isSteward(world, node))!;
    const others = nodes.filter((node) => node !== steward);
    const { keyPackage } = await steward.mls.generateKeyPackage(world.now);
    const value = { keyPackageBytes: keyPackage, keyPackageTls: keyPackage, displayName: steward.name };
    const payload = encodeWelcomeMessage({ payload: { case: 'userKeyPackage', value } });
    // Whatever it says to this branch does not come through: it is gone.
    world.delivery = ({ from }, to) => (from === steward.name || to === steward.name ? [] : [5]);
    for (const node of others) await world.input(node, { kind: 'packet', subtopic: 'welcome', payload });
    const before = world.view(others[0]!).epoch;
    await world.run(120_000);
    for (const node of others) {
      expect(world.view(node).epoch).toBe(before + 1);
      expect(agreed(world.view(node))).toEqual(agreed(world.view(others[0]!)));
    }
  });
});
