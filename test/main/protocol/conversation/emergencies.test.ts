/** Emergency proposals: the chain from a low score to a removal, and what a hostile member tries with them (§15.5, §16, H-5, H-9). */
import { describe, expect, it } from 'vitest';
import { emergencyRequest, type EmergencyRequest } from '../../../../main/protocol/conversation/requests.ts';
import { buildProposal } from '../../../../main/protocol/consensus/proposal.ts';
import { encodeScoreEvidence, type Proposal } from '../../../../main/protocol/wire/index.ts';
import { encodeConversationUpdateRequest } from '../../../../main/protocol/wire/index.ts';
import type { ProposalId } from '../../../../shared/model/ids.ts';
import { expectVerified } from '../support/journal.ts';
import { agreed, forge, groupOf, World, type Node, type Packet } from '../support/world.ts';

const NAMES = ['Alice', 'Bob', 'Carol', 'Dave', 'Eve', 'Frank'];

const cutOff = (name: string) => (packet: Packet, to: string) => (packet.from === name || to === name ? [] : [5]);

const scoreAt = (world: World, observer: Node, of: Node): number =>
  world.view(observer).members.find(({ memberId }) => memberId === of.memberId)!.score;

const emergencies = (node: Node) => [...node.proposals.values()].filter(({ kind }) => kind === 'emergency');

/** A proposal by `node` as its own client would make it, with any payload. */
function proposalOf(world: World, node: Node, payload: Uint8Array, change: Partial<Proposal> = {}): Proposal {
  const view = world.view(node);
  const proposal = buildProposal({
    name: `forged ${node.name} ${world.now}`,
    payload,
    proposalId: Buffer.from(node.random(4)).readUInt32BE(0) as ProposalId,
    owner: node.memberId,
    expectedVoters: view.members.length,
    expirySeconds: 600,
    livenessCriteriaYes: false,
    epoch: groupOf(node).epoch,
    now: world.now,
  });
  return { ...proposal, ...change };
}

async function file(
  world: World,
  node: Node,
  request: Partial<EmergencyRequest>,
  change: Partial<Proposal> = {},
): Promise<Proposal> {
  const payload = emergencyRequest({
    kind: 'emergency',
    violation: 'BROKEN_COMMIT',
    target: undefined,
    evidence: new Uint8Array(),
    epoch: groupOf(node).epoch,
    creator: node.memberId,
    ...request,
  });
  const value = proposalOf(world, node, payload, change);
  await forge(world, node, { payload: { case: 'proposal', value } });
  await world.run(50);
  return value;
}

describe('the way of a steward that does not do its part', () => {
  it('R-177 R-178 R-250 R-255 R-270 R-271 ends with its removal: score, emergency, urgent removal, commit', async () => {
    const world = new World();
    const nodes = await world.group(NAMES.slice(0, 5), { peerScoreThreshold: 90 });
    await world.run(30_000);
    const observer = nodes[0]!;
    const epochSteward = world.view(observer).members.find(({ role }) => role === 'epochSteward')!;
    const silent = nodes.find(({ memberId }) => memberId === epochSteward.memberId)!;
    const others = nodes.filter((node) => node !== silent);
    const leaver = others.at(-1)!;
    const rest = others.filter((node) => node !== leaver);
    world.delivery = cutOff(silent.name);
    await world.input(leaver, { kind: 'leave' });
    await world.run(120_000);
    for (const node of rest) {
      const view = world.view(node);
      expect(view.members.map(({ memberId }) => memberId).sort()).toEqual(rest.map(({ memberId }) => memberId).sort());
      expect(view).toMatchObject({ phase: 'working', approvedProposals: [] });
      expect(agreed(view)).toEqual(agreed(world.view(rest[0]!)));
      const [asked, ...more] = emergencies(node);
      expect(more).toEqual([]);
      expect(asked).toMatchObject({ violation: 'SCORE_BELOW_THRESHOLD', target: silent.memberId, outcome: 'accepted' });
      expect(node.events.some(({ kind }) => kind === 'VoteRequested')).toBe(false);
      const removed = node.journal.find(({ kind, target }) => kind === 'left' && target === silent.memberId);
      expect(removed).toMatchObject({
        cause: 'removed',
        violation: 'SCORE_BELOW_THRESHOLD',
        proposalKind: 'emergency',
      });
      await expectVerified(world, node);
    }
  });
});

describe('the only steward', () => {
  // Elections draw by member ids: of these groups some elect the one who is gone again and again, some do not.
  it.each([0, 1, 2, 3, 4, 5])(
    '15.5 R-219 is removed when it is gone, also while the list names it alone (%i)',
    async (group) => {
      const world = new World();
      const names = NAMES.slice(0, 4).map((name) => `${name} ${group}`);
      const nodes = await world.group(names, { stewardsMax: 1, peerScoreThreshold: 90 });
      await world.run(30_000);
      const { stewards } = world.view(nodes[0]!);
      const silent = nodes.find(({ memberId }) => memberId === stewards[0])!;
      const [leaver, ...rest] = nodes.filter((node) => node !== silent) as [Node, ...Node[]];
      world.delivery = cutOff(silent.name);
      await world.input(leaver, { kind: 'leave' });
      await world.run(120_000);
      for (const node of rest) {
        expect(
          world
            .view(node)
            .members.map(({ memberId }) => memberId)
            .sort(),
        ).toEqual(rest.map(({ memberId }) => memberId).sort());
        await expectVerified(world, node);
      }
    },
  );
});

describe('a hostile member', () => {
  it('R-272 W-9 cannot evict anybody with a claim that nobody else can confirm, and pays for it alone', async () => {
    const world = new World();
    const nodes = (await world.group(NAMES.slice(0, 5))) as [Node, Node, Node, Node, Node];
    const [mallory, victim, ...rest] = nodes;
    await world.run(30_000);
    const before = rest.map((node) => [scoreAt(world, node, mallory), scoreAt(world, node, victim)] as const);
    const lie = async (violation: 'SCORE_BELOW_THRESHOLD' | 'BROKEN_COMMIT' | 'CENSORSHIP_INACTIVITY') => {
      const evidence = violation === 'SCORE_BELOW_THRESHOLD' ? encodeScoreEvidence(-5n) : new Uint8Array();
      await file(world, mallory, { violation, target: victim.memberId, evidence });
      await world.run(30_000);
    };
    await lie('SCORE_BELOW_THRESHOLD');
    await lie('BROKEN_COMMIT');
    for (const [index, node] of rest.entries()) {
      expect(emergencies(node).map(({ outcome }) => outcome)).toEqual(['rejected', 'rejected']);
      expect(world.view(node).members).toHaveLength(5);
      expect(scoreAt(world, node, victim)).toBe(before[index]![1]);
      expect(scoreAt(world, node, mallory)).toBe(before[index]![0] - 100);
    }
    // The third lie is one too many: the rules ask for the liar's own removal.
    await lie('CENSORSHIP_INACTIVITY');
    for (const node of rest) {
      expect(world.view(node).members.map(({ memberId }) => memberId)).not.toContain(mallory.memberId);
      expect(world.view(node).members).toHaveLength(4);
    }
  });

  it('H-9 R-164 cannot open one in another name, for another epoch, against nobody, against itself, without evidence, or with silence as yes', async () => {
    const world = new World();
    const [mallory, victim, observer] = (await world.group(NAMES.slice(0, 3))) as [Node, Node, Node];
    const stranger = world.node('Stranger');
    const epoch = groupOf(mallory).epoch;
    await file(world, mallory, { target: victim.memberId, creator: victim.memberId });
    await file(world, mallory, { target: victim.memberId, epoch: epoch - 1n });
    await file(world, mallory, { target: stranger.memberId });
    await file(world, mallory, { target: mallory.memberId });
    await file(world, mallory, { target: victim.memberId, violation: 'SCORE_BELOW_THRESHOLD' });
    await file(world, mallory, { target: victim.memberId }, { livenessCriteriaYes: true });
    await file(world, mallory, { violation: 'DEADLOCK', target: victim.memberId });
    const nothing = encodeConversationUpdateRequest({ payload: { case: 'emergencyCriteria', value: {} } });
    await forge(world, mallory, { payload: { case: 'proposal', value: proposalOf(world, mallory, nothing) } });
    await world.run(50);
    const view = world.view(observer);
    expect(view.openProposals).toEqual([]);
    expect(view.counters).toMatchObject({
      EmergencyCreatorForged: 1,
      EmergencyEpoch: 1,
      EmergencyTarget: 2,
      EmergencyEvidence: 1,
      LivenessMismatch: 1,
      InvalidConversationUpdateRequest: 2,
    });
    // what was refused freezes nothing.
    await world.input(observer, { kind: 'removeMember', memberId: mallory.memberId });
  });

  it('H-9 has one open at a time and three in ten minutes', async () => {
    const world = new World();
    const [mallory, victim, observer, ...others] = (await world.group(NAMES.slice(0, 4))) as [Node, Node, Node, Node];
    expect(others).toHaveLength(1);
    world.delivery = (packet, to) => (packet.from === mallory.name && to === observer.name ? [5] : []);
    for (let index = 0; index < 2; index += 1) await file(world, mallory, { target: victim.memberId });
    expect(world.view(observer).counters).toMatchObject({ EmergencyLimit: 1 });
    for (let index = 0; index < 3; index += 1) {
      await world.run(30_000);
      await file(world, mallory, { target: victim.memberId });
    }
    expect(emergencies(observer)).toHaveLength(3);
    expect(world.view(observer).counters).toMatchObject({ EmergencyLimit: 2 });
    await world.run(600_000);
    await file(world, mallory, { target: victim.memberId });
    expect(emergencies(observer)).toHaveLength(4);
  });

  it('R-161 R-162 R-163 W-5 H-5 holds up other votes no longer than its window, and joiners are remembered meanwhile', async () => {
    const world = new World();
    const [mallory, victim, observer, joiner] = [
      ...(await world.group(NAMES.slice(0, 3), { votingDelayMs: 5_000 })),
      world.node('Joiner'),
    ] as [Node, Node, Node, Node];
    await file(world, mallory, { target: victim.memberId });
    expect(world.view(observer).openProposals).toMatchObject([{ kind: 'emergency' }]);
    await expect(world.input(observer, { kind: 'removeMember', memberId: mallory.memberId })).rejects.toMatchObject({
      code: 'PartialFreeze',
    });
    await world.join(joiner, world.invite(observer));
    await world.run(2_000);
    expect(world.view(observer).openProposals).toHaveLength(1);
    await world.run(60_000);
    expect(world.view(joiner)).toMatchObject({ phase: 'working' });
    await world.input(observer, { kind: 'removeMember', memberId: mallory.memberId });
  });

  it('R-162 opens no vote of lower priority while one runs', async () => {
    const world = new World();
    const [mallory, victim, observer] = (await world.group(NAMES.slice(0, 3), { votingDelayMs: 5_000 })) as [
      Node,
      Node,
      Node,
    ];
    await file(world, mallory, { target: victim.memberId });
    const payload = encodeConversationUpdateRequest({
      payload: { case: 'removeMember', value: { identity: Buffer.from(victim.memberId.slice(2), 'hex') } },
    });
    await forge(world, mallory, { payload: { case: 'proposal', value: proposalOf(world, mallory, payload) } });
    await world.run(50);
    expect(world.view(observer).openProposals).toMatchObject([{ kind: 'emergency' }]);
    expect(world.view(observer).counters).toMatchObject({ PartialFreeze: 1 });
  });

  it('cannot declare a deadlock in a group that works', async () => {
    const world = new World();
    const [mallory, observer] = (await world.group(NAMES.slice(0, 4))) as [Node, Node];
    await file(world, mallory, { violation: 'DEADLOCK' });
    await world.run(60_000);
    expect(emergencies(observer)).toMatchObject([{ outcome: 'rejected' }]);
    expect(world.view(observer)).toMatchObject({ phase: 'working', mode: 'normal' });
  });
});

describe('the accused', () => {
  it('D-7 is asked as a person, never voted for by its client', async () => {
    const world = new World();
    const [mallory, victim] = (await world.group(NAMES.slice(0, 4))) as [Node, Node];
    await file(world, mallory, {
      violation: 'SCORE_BELOW_THRESHOLD',
      target: victim.memberId,
      evidence: encodeScoreEvidence(0n),
    });
    await world.run(100);
    expect(victim.events.some(({ kind }) => kind === 'VoteRequested')).toBe(true);
    const [asked] = emergencies(victim);
    expect(asked!.votes.some(({ memberId }) => memberId === victim.memberId)).toBe(false);
  });
});
