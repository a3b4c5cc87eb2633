/** Decisions that members prove to each other outside of a commit: to a joiner with its sync, to everybody when nothing goes on. H-26 */
import { describe, expect, it } from 'vitest';
import type { encodeAppMessage } from '../../../../main/protocol/wire/index.ts';
import { certificate, epochOf } from '../support/hostile.ts';
import { showElection } from '../../../../main/protocol/conversation/decisionNotices.ts';
import { nextList } from '../../../../main/protocol/conversation/elections.ts';
import { leadership } from '../../../../main/protocol/conversation/leadership.ts';
import { electionRequest, removalRequest } from '../../../../main/protocol/conversation/requests.ts';
import { draftOf, stateOf } from '../support/drafts.ts';
import { file } from '../support/governance.ts';
import { agreed, forge, texts, World, type Node } from '../support/world.ts';

describe('a joiner', () => {
  it('H-26 learns with its sync what was approved before it came, and stands in for stewards that are all to leave', async () => {
    const world = new World();
    const [ana, bo] = (await world.group(['Ana', 'Bo'], { commitInactivityMs: 4_000 })) as [Node, Node];
    const cy = world.node('Cy');
    await world.join(cy, world.invite(ana));
    await world.run(1_000);
    // Both want to leave before the commit that lets the third in.
    await world.input(ana, { kind: 'leave' });
    await world.run(100);
    world.delivery = (packet, to) => (packet.payload.length > 0 && to !== '' ? [5] : []);
    await world.run(4_000);
    await world.input(bo, { kind: 'leave' });
    await world.run(60_000);
    expect(world.view(cy)).toMatchObject({ phase: 'working', approvedProposals: [] });
    expect(world.view(cy).members.map(({ memberId }) => memberId)).toEqual([cy.memberId]);
    expect(ana.user.conversations()).toEqual([]);
    expect(bo.user.conversations()).toEqual([]);
  });
});

describe('a group in Reelection', () => {
  it('H-26 R-194 tells each other which decisions wait, so that one lost vote does not keep it there', async () => {
    const world = new World();
    const nodes = await world.group(['Ana', 'Bo', 'Cy', 'Di'], {
      stewardsMax: 1,
      maxReelectionAttempts: 0,
    });
    await world.run(30_000);
    const steward = nodes.find(({ memberId }) => memberId === world.view(nodes[0]!).stewards[0])!;
    const [target, ...voters] = nodes.filter((node) => node !== steward) as [Node, ...Node[]];
    const { reply } = await world.input(voters[0]!, { kind: 'removeMember', memberId: target.memberId });
    await world.run(100);
    // The steward's own vote is the third; the two others' never reach it, so it knows of no decision.
    world.delivery = (_packet, to) => (to === steward.name ? [] : [5]);
    for (const node of [voters[1]!, steward])
      await world.input(node, { kind: 'vote', proposalId: reply.proposalId!, approve: true });
    await world.run(1_000);
    world.delivery = () => [5];
    expect(world.view(steward).approvedProposals).toEqual([]);
    expect(world.view(voters[0]!).approvedProposals).toHaveLength(1);
    await world.run(60_000);
    const rest = [steward, ...voters];
    for (const node of rest) {
      expect(world.view(node)).toMatchObject({ phase: 'working', approvedProposals: [] });
      expect(world.view(node).members).toHaveLength(3);
      expect(agreed(world.view(node))).toEqual(agreed(world.view(steward)));
    }
  });
});

/** A group whose list ran out, and was renewed by an election that the last of it missed. */
async function missedElection() {
  const world = new World();
  const nodes = await world.group(['Ana', 'Bo', 'Cy', 'Di'], { stewardsMax: 2, electionVotingDelayMs: 1_000 });
  const [ana, , , late] = nodes as [Node, Node, Node, Node];
  const listOf = (node: Node): number => world.view(node).electionEpoch ?? 0;
  let isCut = false;
  world.delivery = ({ from }, to) => (isCut && (to === late.name || from === late.name) ? [] : [5]);
  // As many commits as it takes; after each the late one hears nothing for a while.
  for (let index = 0; listOf(ana) === listOf(late) && index < 4; index += 1) {
    isCut = false;
    await world.join(world.node(`Joiner ${index}`), world.invite(ana));
    const { epoch } = world.view(late);
    for (let waited = 0; world.view(late).epoch === epoch && waited < 30_000; waited += 100) await world.run(100);
    isCut = true;
    await world.run(20_000);
  }
  expect(listOf(ana)).toBeGreaterThan(listOf(late));
  expect(world.view(late).epoch).toBe(world.view(ana).epoch);
  isCut = false;
  return { world, nodes, ana, late };
}

describe('a member that missed an election', () => {
  it('H-26 R-230 is shown its proof when it says where it is', async () => {
    const { world, ana, late } = await missedElection();
    await world.input(late, { kind: 'reachable' });
    await world.run(60_000);
    expect(agreed(world.view(late))).toEqual(agreed(world.view(ana)));
  });

  it('H-26 R-230 is shown its proof by those who lead when it asks for the election that was held', async () => {
    const { world, nodes, late } = await missedElection();
    await file(world, late, electionRequest(nextList(draftOf(world, late))));
    await world.run(10);
    const showing = nodes.filter((node) => stateOf(node).phase.noticeDueAt !== undefined);
    const { stewards } = world.view(nodes[0]!);
    expect(showing.length).toBeGreaterThan(0);
    for (const { memberId } of showing) expect(stewards).toContain(memberId);
  });
});

describe('the proof of an election', () => {
  it.each([
    [0, true],
    [1, true],
    [2, false],
  ])('H-26 is shown by those who lead when somebody comes in, %i epochs after it: %s', async (later, isShown) => {
    const { world, nodes, ana } = await missedElection();
    const [leading] = leadership(draftOf(world, ana)).order;
    const draft = draftOf(
      world,
      nodes.find(({ memberId }) => memberId === leading)!,
    );
    const { mandate, group, phase } = draft.state;
    draft.state.phase = { ...phase, noticeDueAt: undefined };
    draft.state.mandate = { ...mandate, election: { ...mandate.election!, epoch: Number(group.epoch) - later } };
    showElection(draft);
    expect(draft.state.phase.noticeDueAt !== undefined).toBe(isShown);
  });
});

describe('a notice', () => {
  it('H-26 proves nothing with too few votes, and a second one at once is not looked at', async () => {
    const world = new World();
    const [ana, bo, cy, di] = (await world.group(['Ana', 'Bo', 'Cy', 'Di'])) as [Node, Node, Node, Node];
    const claim = (voters: readonly Node[]) =>
      certificate(world, {
        payload: removalRequest(di.memberId, ''),
        owner: ana,
        voters,
        expected: 4,
        epoch: epochOf(world, ana),
      });
    const notice = (voters: readonly Node[]): Parameters<typeof encodeAppMessage>[0] => ({
      payload: { case: 'decisionNotice', value: { certificates: [{ proposal: claim(voters) }] } },
    });
    await forge(world, ana, notice([ana, bo]));
    await world.run(10);
    expect(world.view(cy)).toMatchObject({ approvedProposals: [], counters: { CertificateRefused: 1 } });
    await forge(world, ana, notice([ana, bo, cy]));
    await world.run(10);
    expect(world.view(cy)).toMatchObject({ approvedProposals: [], counters: { DecisionNoticeIgnored: 1 } });
    await world.run(5_000);
    await forge(world, ana, notice([ana, bo, cy]));
    await world.run(10);
    expect(world.view(cy).approvedProposals).toMatchObject([{ kind: 'removeMember', target: di.memberId }]);
    expect(texts(cy)).toEqual([]);
  });
});

describe('a wish to leave', () => {
  it('H-20 that is said again after its lifetime is no equivocation, and is heard where the first was forgotten', async () => {
    const world = new World();
    const nodes = await world.group(['Ana', 'Bo', 'Cy'], { proposalExpirationMs: 300_000 });
    const [leaver, ...others] = nodes as [Node, ...Node[]];
    // No commit gets through until the wish is said again.
    world.delivery = (packet) => (packet.payload[0] === 0x42 ? [] : [5]);
    await world.input(leaver, { kind: 'leave' });
    await world.run(320_000);
    for (const node of others) expect(world.view(node).counters).not.toHaveProperty('EquivocatingProposal');
    world.delivery = () => [5];
    await world.run(120_000);
    expect(leaver.user.conversations()).toEqual([]);
    for (const node of others) expect(world.view(node).members).toHaveLength(2);
  });
});
