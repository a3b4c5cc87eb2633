/** Elections of stewards and the recovery of a group whose stewards stay away (§12.7, §12.8, §13). Clients vote; nobody is asked. */
import { describe, expect, it } from 'vitest';
import type { MemberId } from '../../../../shared/model/ids.ts';
import { agreed, World, type Node, type Packet } from '../support/world.ts';

const NAMES = ['Alice', 'Bob', 'Carol', 'Dave', 'Eve', 'Frank', 'Grace'];
const isCandidate = ({ payload }: Packet): boolean => payload[0] === 0x42;

/** Lets nothing in or out of these nodes. */
const cutOff =
  (...names: readonly string[]) =>
  (packet: Packet, to: string) =>
    names.includes(packet.from) || names.includes(to) ? [] : [5];

const nodeOf = (world: World, memberId: MemberId | undefined): Node => {
  const found = [...world.nodes.values()].find((node) => node.memberId === memberId);
  if (found === undefined) throw new Error('no such member');
  return found;
};

const elected = (node: Node) =>
  [...node.proposals.values()].filter(({ kind, outcome }) => kind === 'stewardElection' && outcome === 'accepted');

const asked = (node: Node, from = 0) => node.events.slice(from).filter(({ kind }) => kind === 'VoteRequested').length;

describe('a list that has run out in a group with more settled members than places', () => {
  it('R-218 R-219 is renewed by one election that the first on the list opens and that clients vote on', async () => {
    const world = new World();
    const nodes = await world.group(NAMES.slice(0, 5), { stewardsMax: 2 });
    await world.run(20_000);
    const [alice] = nodes as [Node];
    const [leaver] = nodes.filter(({ memberId }) => !world.view(alice).stewards.includes(memberId)) as [Node];
    const { electionEpoch } = world.view(alice);
    const before = new Map(nodes.map((node) => [node, elected(node).length]));
    await world.input(leaver, { kind: 'leave' });
    await world.run(20_000);
    const rest = nodes.filter((node) => node !== leaver);
    // The list of two lasted for two epochs: within three more changes it has run out once.
    const [joiner] = [world.node('Hugo')];
    await world.join(joiner, world.invite(rest[0]!));
    await world.run(20_000);
    const view = world.view(rest[0]!);
    expect(view.electionEpoch).toBeGreaterThan(electionEpoch);
    expect(view.stewards).toHaveLength(2);
    for (const node of rest) {
      expect(agreed(world.view(node))).toEqual(agreed(view));
      expect(elected(node).length).toBe(before.get(node)! + 1);
      expect(elected(node).at(-1)).toMatchObject({ stewards: view.stewards, retryRound: 0, silenceCountsAsYes: false });
      expect(asked(node)).toBe(0);
    }
  });

  it('R-216 R-217 needs no election while there are places for all, and lists nobody who came in this very epoch', async () => {
    const world = new World();
    const nodes = await world.group(NAMES.slice(0, 4), { stewardsMax: 5 });
    for (const node of nodes) {
      expect([...node.proposals.values()].filter(({ kind }) => kind === 'stewardElection')).toEqual([]);
    }
    const last = nodes.at(-1)!;
    expect(world.view(nodes[0]!).stewards).not.toContain(last.memberId);
  });
});

describe('who was away while the others elected', () => {
  it('H-26 W-26 is shown the proof of the list when somebody is there again, and has the same list', async () => {
    const world = new World({ restartAlways: true });
    const nodes = await world.group(NAMES.slice(0, 5), { stewardsMax: 2 });
    await world.run(20_000);
    const leaver = nodes.find(({ memberId }) => !world.view(nodes[0]!).stewards.includes(memberId))!;
    const [late, ...rest] = nodes.filter((node) => node !== leaver) as [Node, ...Node[]];
    const { electionEpoch } = world.view(late);
    // It hears commits, but nothing of the votes: its list grows old.
    world.delivery = (packet, to) => (to === late.name && !isCandidate(packet) ? [] : [5]);
    await world.input(leaver, { kind: 'leave' });
    await world.run(30_000);
    const joiner = world.node('Hugo');
    await world.join(joiner, world.invite(rest[0]!));
    await world.run(30_000);
    const view = world.view(rest[0]!);
    expect(view.electionEpoch).toBeGreaterThan(electionEpoch);
    expect(world.view(late).stewards).not.toEqual(view.stewards);
    world.delivery = () => [5];
    for (const node of rest) await world.input(node, { kind: 'reachable' });
    await world.run(10_000);
    expect(agreed(world.view(late))).toEqual(agreed(world.view(rest[0]!)));
    const lines = late.journal.filter(({ kind }) => kind === 'elected');
    expect(lines.at(-1)).toMatchObject({ stewards: view.stewards });
  });
});

/** A group of whose stewards nobody answers, and a member that wants to leave. */
async function stalled(maxReelectionAttempts: number, names = NAMES.slice(0, 5)) {
  const world = new World();
  const nodes = await world.group(names, { stewardsMax: 1, maxReelectionAttempts });
  await world.run(30_000);
  const [steward] = world.view(nodes[0]!).stewards.map((memberId) => nodeOf(world, memberId)) as [Node];
  const others = nodes.filter((node) => node !== steward);
  const [leaver, ...rest] = others as [Node, ...Node[]];
  return { world, nodes, steward, leaver, rest };
}

describe('layer 2: a steward that stays away', () => {
  it('R-079 R-219 W-23 is replaced by an election at the same epoch, and the new steward writes the change', async () => {
    const { world, steward, leaver, rest } = await stalled(1);
    const epoch = world.view(steward).epoch;
    world.delivery = cutOff(steward.name);
    await world.input(leaver, { kind: 'leave' });
    await world.run(60_000);
    for (const node of rest) {
      const view = world.view(node);
      expect(view).toMatchObject({ phase: 'working', mode: 'normal', approvedProposals: [], retryRound: 0 });
      expect(view.epoch).toBeGreaterThan(epoch);
      expect(view.members.map(({ memberId }) => memberId)).not.toContain(leaver.memberId);
      expect(agreed(view)).toEqual(agreed(world.view(rest[0]!)));
      const phases = node.events.flatMap((event) => (event.kind === 'PhaseChange' ? [event.phase] : []));
      expect(phases).toContain('reelection');
    }
    expect(world.view(rest[0]!).stewards).not.toEqual([steward.memberId]);
  });

  it('H-26 a member that missed the election follows the elected steward by the proof in its commit', async () => {
    const { world, steward, leaver, rest } = await stalled(1, NAMES);
    const [late] = rest as [Node];
    const epoch = world.view(late).epoch;
    // It hears nothing but candidates while the others elect.
    world.delivery = (packet, to) =>
      packet.from === steward.name || to === steward.name || (to === late.name && !isCandidate(packet)) ? [] : [5];
    await world.input(leaver, { kind: 'leave' });
    await world.run(60_000);
    expect(world.view(late)).toMatchObject({ epoch: epoch + 1, phase: 'working' });
    const { epochAuthenticator } = world.view(rest[1]!);
    expect(world.view(late).epochAuthenticator).toBe(epochAuthenticator);
  });
});

describe('layer 3: no list helps', () => {
  /** Candidates of listed stewards get lost, whoever is listed. */
  const onlyInRecovery = (world: World) => (packet: Packet) => {
    const sender = world.nodes.get(packet.from)!;
    return isCandidate(packet) && world.view(sender).mode === 'normal' ? [] : [5];
  };

  it('R-080 R-179 R-246 W-24 H-24 a deadlock is declared, and in Recovery mode a member commits that is not listed', async () => {
    const { world, nodes, leaver } = await stalled(0);
    const epoch = world.view(nodes[0]!).epoch;
    const silent = nodeOf(world, world.view(nodes[0]!).stewards[0]);
    world.delivery = (packet, to) =>
      packet.from === silent.name || to === silent.name ? [] : onlyInRecovery(world)(packet);
    await world.input(leaver, { kind: 'leave' });
    await world.run(120_000);
    const rest = nodes.filter((node) => node !== leaver && node !== silent);
    for (const node of rest) {
      const deadlocks = [...node.proposals.values()].filter(({ violation }) => violation === 'DEADLOCK');
      expect(deadlocks).toMatchObject([{ outcome: 'accepted', kind: 'emergency', silenceCountsAsYes: false }]);
      expect(world.view(node).epoch).toBeGreaterThan(epoch);
      expect(world.view(node)).toMatchObject({ phase: 'working', approvedProposals: [] });
      expect(asked(node)).toBe(0);
    }
  });

  it('D-9 13.3 Recovery mode ends with its first commit, and an election follows', async () => {
    const { world, nodes, leaver } = await stalled(0);
    const silent = nodeOf(world, world.view(nodes[0]!).stewards[0]);
    world.delivery = (packet, to) =>
      packet.from === silent.name || to === silent.name ? [] : onlyInRecovery(world)(packet);
    await world.input(leaver, { kind: 'leave' });
    await world.run(120_000);
    const rest = nodes.filter((node) => node !== leaver && node !== silent);
    for (const node of rest) {
      expect(world.view(node)).toMatchObject({ mode: 'normal', retryRound: 0 });
      const last = elected(node).at(-1)!;
      expect(last.stewards).toEqual(world.view(node).stewards);
      expect(agreed(world.view(node))).toEqual(agreed(world.view(rest[0]!)));
    }
  });

  it('survives a restart at every step', async () => {
    const world = new World({ restartAlways: true });
    const nodes = await world.group(NAMES.slice(0, 4), { stewardsMax: 1, maxReelectionAttempts: 0 });
    await world.run(30_000);
    const silent = nodeOf(world, world.view(nodes[0]!).stewards[0]);
    const [leaver, ...rest] = nodes.filter((node) => node !== silent) as [Node, ...Node[]];
    world.delivery = (packet, to) =>
      packet.from === silent.name || to === silent.name ? [] : onlyInRecovery(world)(packet);
    await world.input(leaver, { kind: 'leave' });
    await world.run(120_000);
    for (const node of rest) {
      expect(world.view(node)).toMatchObject({ phase: 'working', approvedProposals: [] });
      expect(agreed(world.view(node))).toEqual(agreed(world.view(rest[0]!)));
    }
  });
});
