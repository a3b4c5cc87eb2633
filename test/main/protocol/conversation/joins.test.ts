/** Who proposes a joiner, what a vote on one does, and coming back. */
import { describe, expect, it } from 'vitest';
import { agreed, World, type Node } from '../support/world.ts';

const opened = (node: Node) =>
  node.journal.filter(({ kind, actor }) => kind === 'proposed' && actor === node.memberId).length;

describe('a joiner', () => {
  it('R-185 is proposed by the live epoch steward alone', async () => {
    const world = new World();
    const nodes = await world.group(['Alice', 'Bob', 'Carol', 'Dave']);
    const steward = nodes.find(
      (node) => world.view(nodes[0]!).members.find(({ role }) => role === 'epochSteward')?.memberId === node.memberId,
    )!;
    const before = nodes.map(opened);
    const eve = world.node('Eve');
    await world.join(eve, world.invite(nodes[0]!));
    await world.run(1_000);
    expect(nodes.map(opened)).toEqual(nodes.map((node, index) => before[index]! + (node === steward ? 1 : 0)));
  });

  it('R-221 is proposed by the backup when the epoch steward stays silent', async () => {
    const world = new World();
    const nodes = await world.group(['Alice', 'Bob', 'Carol', 'Dave']);
    const role = (wanted: string) =>
      nodes.find(
        (node) => world.view(nodes[0]!).members.find((member) => member.role === wanted)?.memberId === node.memberId,
      )!;
    const [steward, backup] = [role('epochSteward'), role('backupSteward')];
    const eve = world.node('Eve');
    world.delivery = ({ from }, to) => (from === steward.name || to === steward.name ? [] : [5]);
    await world.join(eve, { ...world.invite(nodes.find((node) => node !== steward)!) });
    const before = opened(backup);
    await world.run(4_990);
    expect(opened(backup)).toBe(before);
    await world.run(60_000);
    expect(opened(backup)).toBe(before + 1);
    expect(world.view(eve).phase).toBe('working');
  });

  it('R-190 stays outside when one of two says no', async () => {
    const world = new World();
    const [alice, bob] = await world.group(['Alice', 'Bob'], { membersMayInvite: false }).catch(() => [] as Node[]);
    expect(alice).toBeUndefined(); // Nobody votes by rule here: people have to.
    expect(bob).toBeUndefined();
    const other = new World();
    const [carol, dave, eve] = ['Carol', 'Dave', 'Eve'].map((name) => other.node(name)) as [Node, Node, Node];
    await other.create(carol, { membersMayInvite: false });
    await other.join(dave, other.invite(carol));
    await other.run(100);
    await other.input(carol, {
      kind: 'vote',
      proposalId: other.view(carol).openProposals[0]!.proposalId,
      approve: true,
    });
    await other.run(10_000);
    await other.join(eve, other.invite(carol));
    await other.run(10_000);
    const { epoch } = other.view(carol);
    const [open] = other.view(dave).openProposals;
    await other.input(dave, { kind: 'vote', proposalId: open!.proposalId, approve: false });
    await other.run(10_000);
    expect(carol.proposals.get(open!.proposalId)?.outcome).toBe('rejected');
    expect(other.view(carol)).toMatchObject({ epoch, openProposals: [] });
    expect(other.view(carol).members).toHaveLength(2);
    expect(other.view(eve).phase).toBe('pendingJoin');
  });

  it('R-032 R-288 W-16 is ignored with a wrong proof or a broken key package', async () => {
    const world = new World();
    const [alice] = await world.group(['Alice']);
    const bob = world.node('Bob');
    await world.join(bob, { ...world.invite(alice!), secret: new Uint8Array(32).fill(1) });
    await world.run(40_000);
    expect(world.view(alice!)).toMatchObject({ openProposals: [], counters: { InviteMacInvalid: 2 } });
    expect(world.view(alice!).members).toHaveLength(1);
  });

  it('R-193 two announcements of one person make one addition', async () => {
    const world = new World();
    const [alice] = await world.group(['Alice']);
    const bob = world.node('Bob');
    const tablet = world.node('Tablet', bob);
    await world.join(bob, world.invite(alice!));
    await world.join(tablet, world.invite(alice!));
    await world.run(2_500);
    expect(world.view(alice!).members).toHaveLength(2);
    expect([bob, tablet].filter((node) => world.view(node).phase === 'working')).toHaveLength(1);
  });

  it('H-17 a member that lost everything comes back with a new key package, by removal and addition in one commit', async () => {
    const world = new World();
    const [alice, bob, carol] = await world.group(['Alice', 'Bob', 'Carol']);
    world.nodes.delete(bob!.name);
    const again = world.node('BobAgain', bob);
    const { epoch } = world.view(alice!);
    await world.join(again, world.invite(alice!));
    await world.run(60_000);
    expect(world.view(again).phase).toBe('working');
    for (const node of [carol!, again]) expect(agreed(world.view(node))).toEqual(agreed(world.view(alice!)));
    expect(world.view(alice!).epoch).toBe(epoch + 1);
    expect(
      world
        .view(alice!)
        .members.map(({ memberId }) => memberId)
        .sort(),
    ).toEqual([alice!, bob!, carol!].map(({ memberId }) => memberId).sort());
  });
});
