/** The last resort: a member that cannot get on asks for its place with a fresh key package, and keeps its history. */
import { describe, expect, it } from 'vitest';
import { receiveRejoinWelcome } from '../../../../main/protocol/conversation/rejoin.ts';
import { decodedWelcome } from '../../../../main/protocol/conversation/inbound/welcome.ts';
import { draftOf } from '../support/drafts.ts';
import { announcement, has, isCandidate } from '../support/hostile.ts';
import { agreed, groupOf, texts, World, type Node, type WorldOptions } from '../support/world.ts';

/** Erin, and whoever else is `away`, misses more commits than anybody keeps. */
async function leftBehind(
  options: WorldOptions = {},
  away: readonly string[] = ['Erin'],
  others: readonly string[] = [],
) {
  const world = new World(options);
  const nodes = (await world.group(['Alice', 'Bob', 'Carol', 'Dave', 'Erin', ...others])) as [
    Node,
    Node,
    Node,
    Node,
    Node,
  ];
  await world.say(nodes[0], 'before');
  await world.run(15_000);
  const [alice, bob, , , erin] = nodes;
  world.delivery = ({ from }, to) => (away.includes(from) === away.includes(to) ? [5] : []);
  for (let index = 0; index < 6; index += 1) {
    const joiner = world.node(`Joiner ${index}`);
    await world.join(joiner, world.invite(alice));
    await world.run(20_000);
    await world.input(joiner, { kind: 'leave' });
    await world.run(20_000);
  }
  return { world, nodes, alice, bob, erin };
}

describe('a member that nobody can bring up to date', () => {
  for (const restartAlways of [false, true]) {
    it(`R-254 H-28 H-17 comes in again by itself, with its history, although links were reset since${restartAlways ? ', across restarts' : ''}`, async () => {
      const { world, nodes, alice, bob, erin } = await leftBehind({ restartAlways });
      world.delivery = () => [5];
      await world.say(alice, 'missed by nobody');
      await world.say(bob, 'nor this');
      await world.run(200_000);
      for (const node of nodes) expect(agreed(world.view(node)), node.name).toEqual(agreed(world.view(alice)));
      expect(erin.events.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['Rejoining', 'Rejoined']));
      expect(texts(erin)).toContain('before');
      const again = [...erin.messages.values()].findLast(({ system }) => system?.kind === 'joined');
      expect(again?.system, 'it is said since when something may be missing').toMatchObject({
        missedSince: [...erin.messages.values()].find(({ text }) => text === 'before')!.sentAt,
      });
      await world.say(erin, 'here again');
      await world.run(1_000);
      for (const node of nodes) expect(texts(node)).toContain('here again');
      // Asked once, let in once.
      expect(alice.journal.filter(({ kind, target }) => kind === 'joined' && target === erin.memberId)).toHaveLength(2);
    }, 60_000);
  }

  it('H-17 says again at once what only those beside it could read', async () => {
    const { world, nodes, alice, erin } = await leftBehind({}, ['Dave', 'Erin'], ['Frank', 'Grace']);
    await world.say(erin, 'said to Dave alone');
    await world.run(60_000);
    expect(texts(nodes[3])).toContain('said to Dave alone');
    world.delivery = () => [5];
    await world.say(alice, 'hello');
    for (let waited = 0; !erin.events.some(({ kind }) => kind === 'Rejoined') && waited < 200_000; waited += 100)
      await world.run(100);
    await world.run(1_000);
    for (const node of nodes.filter(({ name }) => name !== 'Dave'))
      expect(texts(node).filter((text) => text === 'said to Dave alone')).toHaveLength(1);
  });

  it('H-28 asks the group again for what it had asked for where it could not stay', async () => {
    const { world, nodes, alice, bob, erin } = await leftBehind();
    await world.input(erin, { kind: 'removeMember', memberId: bob.memberId, reason: 'Never sings' });
    await world.run(1_000);
    expect(world.view(alice).openProposals).toEqual([]);
    world.delivery = () => [5];
    await world.say(alice, 'hello');
    for (let waited = 0; world.view(alice).openProposals.length === 0 && waited < 200_000; waited += 100)
      await world.run(100);
    expect(erin.events.map(({ kind }) => kind)).toContain('Rejoined');
    for (const node of nodes)
      expect(world.view(node).openProposals, node.name).toMatchObject([
        { kind: 'removeMember', target: bob.memberId, proposer: erin.memberId, reason: 'Never sings' },
      ]);
  });

  it('H-28 leaves the group that it comes into again when it had wanted to leave', async () => {
    const { world, nodes, alice, erin } = await leftBehind();
    await world.input(erin, { kind: 'leave' });
    world.delivery = () => [5];
    await world.say(alice, 'hello');
    await world.run(240_000);
    expect(erin.events.map(({ kind }) => kind)).toContain('Rejoined');
    expect(erin.lifecycle.at(-1)).toMatchObject({ kind: 'Removed', cause: 'left' });
    for (const node of nodes.filter((other) => other !== erin))
      expect(world.view(node).members.some(({ memberId }) => memberId === erin.memberId)).toBe(false);
  });

  it('H-17 is not put out by somebody who repeats what it announced', async () => {
    const { world, alice, erin } = await leftBehind();
    world.delivery = () => [5];
    await world.say(alice, 'hello');
    await world.run(200_000);
    const asked = erin.sent.findLast(({ subtopic }) => subtopic === 'welcome')!;
    const before = agreed(world.view(erin));
    world.send({ ...asked, from: 'nobody' });
    await world.run(60_000);
    expect(agreed(world.view(erin))).toEqual(before);
    expect(agreed(world.view(alice))).toEqual(before);
  }, 60_000);
});

describe('a member that gets on while its wish is being carried out', () => {
  it('H-17 H-28 is not put out by the commit that it asked for, and comes in by its welcome', async () => {
    const world = new World();
    const nodes = await world.group(['Alice', 'Bob', 'Carol', 'Dave'], { commitInactivityMs: 25_000 });
    await world.run(60_000);
    const [alice, , , late] = nodes as [Node, Node, Node, Node];
    const joiner = world.node('Joiner');
    world.delivery = (packet, to) => (to === late.name && isCandidate(packet) ? [] : [5]);
    await world.join(joiner, world.invite(alice));
    const asks = () => late.events.some(({ kind }) => kind === 'Rejoining');
    for (let waited = 0; !asks() && waited < 300_000; waited += 1_000) {
      if (waited % 20_000 === 0) await world.say(alice, `still here ${waited}`);
      await world.run(1_000);
    }
    expect(asks()).toBe(true);
    // What it lacked arrives after all, before the commit that it asked for.
    const missed = nodes.flatMap(({ sent }) => sent.filter(isCandidate)).map(({ payload }) => payload);
    for (const payload of missed) await world.input(late, { kind: 'packet', subtopic: 'app_msg', payload });
    await world.run(5_000);
    // The word of the others that they applied that commit comes before its welcome.
    world.delivery = (packet, to) => (to === late.name && packet.subtopic === 'welcome' ? [15_000] : [5]);
    expect(world.view(late).epoch).toBe(world.view(alice).epoch);
    await world.run(120_000);
    expect(late.events.map(({ kind }) => kind)).not.toContain('Leaving');
    for (const node of [...nodes, joiner]) expect(agreed(world.view(node))).toEqual(agreed(world.view(alice)));
    expect(late.events.map(({ kind }) => kind)).toContain('Rejoined');
  });
});

describe('a member that is let in by somebody who came in after it was left behind', () => {
  it('H-17 H-33 believes the welcome when somebody whom it knows signed to be in that state', async () => {
    const world = new World();
    const nodes = await world.group(['Alice', 'Bob', 'Carol'], { stewardsMax: 1 });
    await world.run(15_000);
    const [alice, , late] = nodes as [Node, Node, Node];
    world.delivery = ({ from }, to) => ((from === late.name) === (to === late.name) ? [5] : []);
    const newcomers: Node[] = [];
    const isLedByNewcomer = (): boolean =>
      newcomers.some(({ memberId }) => memberId === world.view(alice).stewards[0] && has(world, alice, memberId));
    for (let index = 0; index < 14 && !(index >= 6 && isLedByNewcomer()); index += 1) {
      const newcomer = world.node(`Newcomer ${index}`);
      await world.join(newcomer, world.invite(alice));
      await world.run(30_000);
      newcomers.push(newcomer);
    }
    expect(isLedByNewcomer()).toBe(true);
    world.delivery = () => [5];
    await world.say(alice, 'hello');
    await world.run(200_000);
    const all = [...nodes, ...newcomers];
    for (const node of all) expect(agreed(world.view(node)), node.name).toEqual(agreed(world.view(alice)));
    const letIn = alice.journal.findLast(({ kind, target }) => kind === 'joined' && target === late.memberId)!;
    expect(newcomers.map(({ memberId }) => memberId)).toContain(letIn.actor);
  }, 60_000);
});

describe('a member whose wish is carried out when it has forgotten its key package', () => {
  it('H-17 H-28 is not put out by a commit that nobody voted it out with, and comes in by its next wish', async () => {
    const world = new World();
    const nodes = (await world.group(['Alice', 'Bob', 'Carol'])) as [Node, Node, Node];
    await world.run(15_000);
    const [alice, , carol] = nodes;
    world.send(announcement(carol, await carol.mls.generateKeyPackage(world.now), new Uint8Array(32)));
    await world.run(30_000);
    expect(world.view(alice).epoch).toBe(world.view(carol).epoch + 1);
    expect(carol.user.conversations()).toHaveLength(1);
    await world.run(150_000);
    expect(carol.lifecycle.map(({ kind }) => kind)).not.toContain('Removed');
    expect(carol.events.map(({ kind }) => kind)).toContain('Rejoined');
    for (const node of nodes) expect(agreed(world.view(node)), node.name).toEqual(agreed(world.view(alice)));
  });
});

describe('a member whose wish is carried out after it made another key package', () => {
  it('H-17 comes in by the welcome for the one before', async () => {
    const world = new World();
    const [alice, , carol] = (await world.group(['Alice', 'Bob', 'Carol'])) as [Node, Node, Node];
    await world.run(15_000);
    const earlier = await carol.mls.generateKeyPackage(world.now);
    world.delivery = (packet, to) => (to === carol.name && packet.subtopic === 'welcome' ? [] : [5]);
    world.send(announcement(carol, earlier, new Uint8Array(32)));
    await world.run(10_000);
    const draft = draftOf(world, carol);
    const keyPackage = await carol.mls.generateKeyPackage(world.now);
    const asked = { cause: 'behind', madeAt: world.now, announcedAt: world.now } as const;
    const sent = alice.sent.concat(world.nodes.get('Bob')!.sent).findLast(({ subtopic }) => subtopic === 'welcome')!;
    const { payload } = decodedWelcome(sent.payload)!;
    if (payload.case !== 'invitationToJoin') throw new Error('no welcome was sent');
    draft.state.rejoin = { ...asked, keyPackage };
    expect(await receiveRejoinWelcome(draft, payload.value)).toBe(false);
    draft.state.rejoin = { ...asked, keyPackage, earlier };
    expect(await receiveRejoinWelcome(draft, payload.value)).toBe(true);
    expect(Number(draft.state.group.epoch)).toBe(world.view(alice).epoch);
  });
});

describe('a member whose branch the group did not follow', () => {
  it('R-252 W-27 H-28 leaves it once it cannot go back any more, and comes in again where two thirds are', async () => {
    const world = new World();
    const nodes = await world.group(['Alice', 'Bob', 'Carol', 'Dave', 'Erin', 'Frank']);
    await world.run(15_000);
    const byRank = world.view(nodes[0]!).stewards.map((id) => nodes.find(({ memberId }) => memberId === id)!);
    const alone = byRank[1]!;
    const leaver = nodes.find((node) => !byRank.includes(node)) ?? byRank.at(-1)!;
    world.delivery = (packet, to) =>
      isCandidate(packet) && (packet.from === alone.name) !== (to === alone.name) ? [] : [5];
    await world.input(leaver, { kind: 'leave' });
    await world.run(12_000);
    const others = nodes.filter((node) => node !== alone && node !== leaver);
    expect(world.view(alone).epoch).toBe(world.view(others[0]!).epoch);
    expect(world.view(alone).epochAuthenticator).not.toBe(world.view(others[0]!).epochAuthenticator);
    await world.run(20_000);
    world.delivery = () => [5];
    await world.run(90_000);
    for (const node of [...others, alone])
      expect(agreed(world.view(node)), node.name).toEqual(agreed(world.view(others[0]!)));
    expect(alone.events).toContainEqual({ kind: 'Rejoining', cause: 'otherBranch' });
    expect(others.flatMap(({ events }) => events).filter(({ kind }) => kind === 'Rejoining')).toEqual([]);
    for (const node of others) expect(node.events.map(({ kind }) => kind)).toContain('ForkHealed');
    await world.say(alone, 'back');
    await world.run(1_000);
    for (const node of others) expect(texts(node)).toContain('back');
  });
});

describe('a place in the group', () => {
  it('H-17 is not to be had with the key package of another device, without an invite', async () => {
    const world = new World();
    const [alice] = (await world.group(['Alice', 'Bob', 'Carol'])) as [Node];
    await world.run(15_000);
    const thief = world.node('Thief', world.nodes.get('Carol'));
    const before = agreed(world.view(alice));
    world.send(announcement(thief, await thief.mls.generateKeyPackage(world.now), new Uint8Array(32)));
    await world.run(60_000);
    expect(agreed(world.view(alice))).toEqual(before);
    expect(world.view(alice).counters.InviteMacInvalid).toBe(1);
    expect(has(world, alice, thief.memberId)).toBe(true);
  });

  it('H-28 nobody gives up, or falls silent, because strangers claim a later epoch', async () => {
    const world = new World();
    const [alice, bob] = (await world.group(['Alice', 'Bob', 'Carol'])) as [Node, Node];
    const welcomes = (): number => alice.sent.filter(({ subtopic }) => subtopic === 'welcome').length;
    const before = welcomes();
    const genuine = await bob.mls.encrypt(groupOf(bob), new Uint8Array(8));
    const payload = genuine.ciphertext.slice();
    // The epoch follows the group id; it is not secret.
    new DataView(payload.buffer).setBigUint64(4 + 1 + 26, 99n);
    // Nobody holds back what people write until it has caught up with an epoch that may not be.
    world.send({ from: 'nobody', subtopic: 'app_msg', payload, conversationId: 'aaaabbbbccccddddeeeeffffgg' as never });
    await world.run(10);
    const sentBefore = alice.sent.length;
    await world.say(alice, 'at once');
    expect(alice.sent.length).toBe(sentBefore + 1);
    await world.run(100);
    expect(texts(bob)).toContain('at once');
    for (let minute = 0; minute < 5; minute += 1) {
      world.send({
        from: 'nobody',
        subtopic: 'app_msg',
        payload,
        conversationId: 'aaaabbbbccccddddeeeeffffgg' as never,
      });
      await world.run(60_000);
    }
    expect(world.view(alice).counters.Parked).toBeGreaterThan(0);
    expect(alice.events.map(({ kind }) => kind)).not.toContain('Rejoining');
    expect(welcomes()).toBe(before);
  });
});
