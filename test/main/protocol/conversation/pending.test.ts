/** The buffer of joiners, and wishes of others: bounded, replaced, swept, and never proposed twice. */
import { describe, expect, it } from 'vitest';
import { MAX_ANNOUNCEMENTS_PER_MINUTE, MAX_PENDING_UPDATES } from '../../../../shared/limits.ts';
import type { MemberId } from '../../../../shared/model/ids.ts';
import { memberIdToBytes } from '../../../../main/protocol/identity/index.ts';
import { announcement, has } from '../support/hostile.ts';
import { stateOf } from '../support/drafts.ts';
import { agreed, CONVERSATION, forge, World, type Node } from '../support/world.ts';

const roleOf = (world: World, nodes: readonly Node[], role: string): Node =>
  nodes.find(
    ({ memberId }) => world.view(nodes[0]!).members.find((member) => member.role === role)?.memberId === memberId,
  )!;

const entriesOf = (node: Node) => stateOf(node).pendingUpdates.entries;

describe('the buffer of joiners', () => {
  it('W-37 takes a bounded number, a bounded number a minute, and nothing from who has no link', async () => {
    const world = new World();
    const nodes = await world.group(['Alice', 'Bob', 'Carol'], { stewardsMax: 1, membersMayInvite: true });
    const observer = nodes.find(({ memberId }) => !world.view(nodes[0]!).stewards.includes(memberId))!;
    await world.run(60_001);
    const { secret } = world.invite(observer);
    world.delivery = () => [];
    const announce = async (index: number, key = secret): Promise<void> => {
      const joiner = world.node(`Invented${index}`);
      const packet = announcement(joiner, await joiner.mls.generateKeyPackage(world.now), key);
      await world.input(observer, { kind: 'packet', subtopic: 'welcome', payload: packet.payload });
      world.nodes.delete(joiner.name);
    };
    for (let index = 0; index < 5; index += 1) await announce(index, new Uint8Array(32).fill(index));
    expect(entriesOf(observer)).toEqual([]);
    expect(world.view(observer).counters).toMatchObject({ InviteMacInvalid: 5 });
    let made = 5;
    for (const minute of [1, 2, 3]) {
      for (let index = 0; index < MAX_ANNOUNCEMENTS_PER_MINUTE + 2; index += 1) await announce(made++);
      expect(entriesOf(observer).length).toBe(Math.min(minute * MAX_ANNOUNCEMENTS_PER_MINUTE, MAX_PENDING_UPDATES));
      await world.run(60_001);
    }
    expect(world.view(observer).counters).toMatchObject({
      AnnouncementsLimited: 6,
      PendingUpdatesFull: 3 * MAX_ANNOUNCEMENTS_PER_MINUTE - MAX_PENDING_UPDATES,
    });
    expect(world.view(observer).openProposals).toEqual([]);
  });

  it('R-182 W-49 keeps one entry of each joiner, with its newest key package and the time it was first seen', async () => {
    const world = new World();
    const nodes = await world.group(['Alice', 'Bob', 'Carol', 'Dave']);
    const [steward, backup] = [roleOf(world, nodes, 'epochSteward'), roleOf(world, nodes, 'backupSteward')];
    world.delivery = ({ from }, to) => (from === steward.name || to === steward.name ? [] : [5]);
    const eve = world.node('Eve');
    const invite = world.invite(backup);
    await world.join(eve, invite);
    await world.run(1_000);
    const [first] = entriesOf(backup);
    // Eve gives up and asks again: the secrets of the first key package are gone.
    await world.input(eve, { kind: 'leave' });
    await world.join(eve, invite);
    await world.run(1_000);
    const entries = entriesOf(backup);
    expect(entries).toHaveLength(1);
    expect(entries[0]).toMatchObject({ memberId: eve.memberId, firstSeenEpoch: first!.firstSeenEpoch });
    expect(entries[0]!.keyPackage).not.toEqual(first!.keyPackage);
    await world.run(60_000);
    expect(world.view(eve).phase).toBe('working');
  });

  it('W-39 is not drained again by the next steward while the vote runs', async () => {
    const world = new World();
    const people = ['Alice', 'Bob', 'Carol', 'Dave'].map((name) => world.node(name)) as [Node, Node, Node, Node];
    const [alice] = people;
    await world.create(alice, { membersMayInvite: false });
    const inside = [alice];
    const approve = async (): Promise<void> => {
      const { proposalId } = world.view(alice).openProposals[0]!;
      for (const node of inside) await world.input(node, { kind: 'vote', proposalId, approve: true });
      await world.run(20_000);
    };
    for (const joiner of people.slice(1)) {
      await world.join(joiner, world.invite(alice));
      await world.run(100);
      await approve().catch((error: unknown) => expect(error).toMatchObject({ code: 'SessionNotActive' }));
      await world.run(20_000);
      inside.push(joiner);
    }
    const eve = world.node('Eve');
    await world.join(eve, world.invite(alice));
    await world.run(100);
    const { epoch } = world.view(alice);
    const [open] = world.view(alice).openProposals;
    // Somebody else is let in, twice: another steward leads now, and the vote on Eve still waits for people.
    const leaders: MemberId[] = [];
    for (const name of ['Frank', 'Grace']) {
      const joiner = world.node(name);
      await world.join(joiner, world.invite(alice));
      await world.run(100);
      const { proposalId } = world.view(alice).openProposals.find(({ target }) => target === joiner.memberId)!;
      for (const node of people) await world.input(node, { kind: 'vote', proposalId, approve: true });
      await world.run(20_000);
      leaders.push(world.view(alice).members.find(({ role }) => role === 'epochSteward')!.memberId);
    }
    expect(world.view(alice).epoch).toBe(epoch + 2);
    expect(leaders.filter((memberId) => memberId !== open!.proposer)).not.toEqual([]);
    for (const node of people) {
      expect(world.view(node).openProposals.map(({ proposalId }) => proposalId)).toEqual([open!.proposalId]);
      expect(entriesOf(node).map(({ memberId }) => memberId)).toEqual([eve.memberId]);
    }
  });

  it('R-183 is swept by the commit that lets its joiner in, at every member, as is every approval that is done', async () => {
    const world = new World();
    const nodes = await world.group(['Alice', 'Bob', 'Carol', 'Dave']);
    const [alice, bob, carol, dave] = nodes as [Node, Node, Node, Node];
    const eve = world.node('Eve');
    await world.join(eve, world.invite(alice));
    await world.run(500);
    for (const node of nodes) expect(entriesOf(node).map(({ memberId }) => memberId)).toEqual([eve.memberId]);
    await world.run(30_000);
    for (const node of [...nodes, eve]) {
      expect(entriesOf(node)).toEqual([]);
      expect(world.view(node).approvedProposals).toEqual([]);
    }
    // A wish to leave and a vote on the same member: whichever is carried out, the other is of a member that is gone.
    const { reply } = await world.input(alice, { kind: 'removeMember', memberId: dave.memberId });
    await world.run(10);
    for (const node of [bob, carol, eve])
      await world.input(node, { kind: 'vote', proposalId: reply.proposalId!, approve: true });
    await world.input(dave, { kind: 'leave' });
    await world.run(30_000);
    for (const node of [alice, bob, carol, eve]) {
      expect(has(world, node, dave.memberId)).toBe(false);
      expect(world.view(node).approvedProposals).toEqual([]);
      expect(agreed(world.view(node))).toEqual(agreed(world.view(alice)));
    }
  });

  it('R-184 loses a joiner whom people refused', async () => {
    const world = new World();
    const [alice, bob] = [world.node('Alice'), world.node('Bob')];
    await world.create(alice, { membersMayInvite: false });
    await world.join(bob, world.invite(alice));
    await world.run(100);
    expect(entriesOf(alice)).toHaveLength(1);
    const { proposalId } = world.view(alice).openProposals[0]!;
    await world.input(alice, { kind: 'vote', proposalId, approve: false });
    expect(alice.proposals.get(proposalId)?.outcome).toBe('rejected');
    expect(entriesOf(alice)).toEqual([]);
  });
});

describe("a reference's wish for a ban", () => {
  it('R-186 of somebody who is no member does nothing; of a member it opens a vote of the epoch steward, for people', async () => {
    const world = new World();
    const nodes = await world.group(['Alice', 'Bob', 'Carol', 'Dave']);
    const steward = roleOf(world, nodes, 'epochSteward');
    const [sender, target, other] = nodes.filter((node) => node !== steward) as [Node, Node, Node];
    const wish = async (userToBan: Uint8Array): Promise<void> => {
      await forge(world, sender, {
        payload: { case: 'banRequest', value: { userToBan, conversationName: CONVERSATION } },
      });
      await world.run(50);
    };
    await wish(new Uint8Array(20).fill(9));
    for (const node of [steward, target, other])
      expect(world.view(node)).toMatchObject({ openProposals: [], counters: { BanTargetNotMember: 1 } });
    const again = new World();
    const same = await again.group(['Alice', 'Bob', 'Carol', 'Dave']);
    const [leader, ...rest] = [roleOf(again, same, 'epochSteward'), ...same].filter(
      (node, index, all) => all.indexOf(node) === index,
    ) as [Node, Node, Node, Node];
    await forge(again, rest[0], {
      payload: {
        case: 'banRequest',
        value: { userToBan: memberIdToBytes(rest[1].memberId), conversationName: CONVERSATION },
      },
    });
    await again.run(50);
    for (const node of [leader, ...rest.slice(1)])
      expect(again.view(node).openProposals).toMatchObject([
        { kind: 'removeMember', target: rest[1].memberId, proposer: leader.memberId, votes: [] },
      ]);
  });
});
