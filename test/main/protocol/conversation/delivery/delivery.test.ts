/** Nobody misses anything: who has what, what waits, what is said again, and which gaps are told. Architecture 5. */
import { describe, expect, it } from 'vitest';
import type { MessageId } from '../../../../../shared/model/ids.ts';
import { draftOf, stateOf } from '../../support/drafts.ts';
import { isCandidate } from '../../support/hostile.ts';
import { CONVERSATION, texts, World, type Node, type Packet } from '../../support/world.ts';

const messageOf = (node: Node, messageId: MessageId) => node.messages.get(messageId);
const ids = (nodes: readonly Node[]): string[] => nodes.map(({ memberId }) => memberId).sort();
const gaps = (node: Node): (readonly [string, number])[] =>
  node.events.flatMap((event) => (event.kind === 'MessagesMissing' ? [[event.sender, event.missing] as const] : []));
/** Packets that carry chat of a node: nothing else of it travels while nothing is decided. */
const isChat = ({ payload }: Packet): boolean => payload[0] === 0 && payload.length > 0;

async function three(options: ConstructorParameters<typeof World>[0] = {}) {
  const world = new World(options);
  const nodes = await world.group(['Alice', 'Bob', 'Carol']);
  const [alice, bob, carol] = nodes as [Node, Node, Node];
  return { world, nodes, alice, bob, carol };
}

describe('an own message', () => {
  for (const restartAlways of [false, true]) {
    it(`is delivered within two seconds in a quiet group, by name${restartAlways ? ', across restarts' : ''}`, async () => {
      const { world, alice, bob, carol } = await three({ restartAlways });
      const messageId = await world.say(alice, 'hello');
      expect(messageOf(alice, messageId)).toMatchObject({ status: 'pending', deliveredTo: [], expected: 2 });
      await world.run(2_000);
      const { status, deliveredTo, expected } = messageOf(alice, messageId)!;
      expect({ status, expected }).toEqual({ status: 'delivered', expected: 2 });
      expect([...deliveredTo!].sort()).toEqual(ids([bob, carol]));
      // It is not remembered any longer than needed.
      expect(stateOf(alice).own).toEqual([]);
    });
  }

  it('says who lacks it while one member is away, and is said again when that one comes back without it', async () => {
    const { world, alice, bob, carol } = await three();
    world.delivery = ({ from }, to) => (to === 'Carol' || from === 'Carol' ? [] : [5]);
    const messageId = await world.say(alice, 'are you there?');
    await world.run(20_000);
    expect(messageOf(alice, messageId)).toMatchObject({ status: 'pending', deliveredTo: [bob.memberId], expected: 2 });
    world.delivery = () => [5];
    await world.input(alice, { kind: 'caughtUp', with: carol.memberId, whole: true });
    await world.run(300_000);
    expect(texts(carol)).toEqual(['are you there?']);
    expect(texts(bob)).toEqual(['are you there?']);
    expect(messageOf(alice, messageId)).toMatchObject({ status: 'delivered', expected: 2 });
  });

  it('waits as plain text while nobody is there, and is encrypted after the first exchange', async () => {
    const { world, alice, bob, carol } = await three();
    await world.input(alice, { kind: 'unreachable' });
    const before = alice.sent.length;
    const first = await world.say(alice, 'written alone');
    await world.say(alice, 'and another');
    await world.run(60_000);
    expect(alice.sent.length).toBe(before);
    expect(messageOf(alice, first)?.status).toBe('pending');
    await world.input(alice, { kind: 'reachable' });
    await world.run(1_000);
    expect(texts(bob)).toEqual([]);
    await world.input(alice, { kind: 'caughtUp', with: bob.memberId, whole: true });
    await world.run(2_000);
    for (const node of [bob, carol]) expect(texts(node)).toEqual(['written alone', 'and another']);
    expect(messageOf(alice, first)?.status).toBe('delivered');
  });

  it('does not wait longer than a moment for an exchange that nobody begins', async () => {
    const { world, alice, bob } = await three();
    await world.input(alice, { kind: 'unreachable' });
    await world.say(alice, 'written alone');
    await world.input(alice, { kind: 'reachable' });
    await world.run(5_000);
    expect(texts(bob)).toEqual(['written alone']);
  });

  it('that nobody has when its epoch ends is encrypted again under its id', async () => {
    const { world, alice, bob, carol } = await three();
    world.delivery = (packet) => (packet.from === 'Alice' && !isCandidate(packet) ? [] : [5]);
    const messageId = await world.say(alice, 'lost with its epoch');
    const dave = world.node('Dave');
    await world.join(dave, world.invite(bob));
    await world.run(4_000);
    world.delivery = () => [5];
    await world.run(60_000);
    expect(world.view(dave).phase).toBe('working');
    for (const node of [bob, carol]) expect([...node.messages.keys()].filter((id) => id === messageId)).toHaveLength(1);
    expect(messageOf(alice, messageId)).toMatchObject({ status: 'delivered', expected: 2 });
  });

  it('is not waited for from somebody who left the group', async () => {
    const { world, alice, bob, carol } = await three();
    world.delivery = ({ from }, to) => (to === 'Carol' || from === 'Carol' ? [] : [5]);
    const messageId = await world.say(alice, 'bye');
    await world.run(2_000);
    expect(messageOf(alice, messageId)).toMatchObject({ deliveredTo: [bob.memberId], expected: 2 });
    world.delivery = () => [5];
    await world.input(carol, { kind: 'leave' });
    world.delivery = ({ from }, to) => (to === 'Carol' ? [] : from === 'Carol' && to === 'Carol' ? [] : [5]);
    await world.run(30_000);
    expect(world.view(alice).members).toHaveLength(2);
    expect(messageOf(alice, messageId)).toMatchObject({
      status: 'delivered',
      deliveredTo: [bob.memberId],
      expected: 1,
    });
  });

  it('alone is sent at once, and expected by nobody', async () => {
    const world = new World();
    const alice = world.node('Alice');
    await world.create(alice);
    const messageId = await world.say(alice, 'to myself');
    expect(messageOf(alice, messageId)).toMatchObject({ status: 'sent', deliveredTo: [], expected: 0 });
    expect(stateOf(alice).own).toEqual([]);
  });
});

describe('a gap', () => {
  it('is told when it stays, and closed when the message comes', async () => {
    const { world, alice, bob } = await three();
    world.delivery = (_, to) => (to === 'Bob' ? [] : [5]);
    await world.say(alice, 'one');
    await world.run(100);
    world.delivery = () => [5];
    await world.say(alice, 'two');
    await world.run(4_000);
    expect(gaps(bob)).toEqual([]);
    await world.run(3_000);
    expect(gaps(bob)).toEqual([[alice.memberId, 1]]);
    expect(world.view(bob).gaps).toEqual([{ sender: alice.memberId, missing: 1 }]);
    await world.run(120_000);
    expect(gaps(bob)).toEqual([
      [alice.memberId, 1],
      [alice.memberId, 0],
    ]);
    expect(world.view(bob).gaps).toEqual([]);
    expect(texts(bob).sort()).toEqual(['one', 'two']);
  });

  it('that nobody can fill is said once to be lost: when every other member was asked in vain', async () => {
    const { world, alice, bob, carol } = await three();
    world.delivery = () => [];
    await world.say(alice, 'heard by nobody');
    await world.run(100);
    world.delivery = () => [5];
    await world.say(alice, 'heard');
    await world.run(100);
    // Its author is gone for good before it says it again.
    world.delivery = ({ from }, to) => (from === 'Alice' || to === 'Alice' ? [] : [5]);
    await world.run(10_000);
    expect(world.view(bob).gaps).toEqual([{ sender: alice.memberId, missing: 1 }]);
    const asked = (node: Node, of: Node, whole = true) =>
      world.input(node, { kind: 'caughtUp', with: of.memberId, whole });
    await asked(bob, carol);
    await world.run(700_000);
    expect(world.view(bob).gaps, 'Alice may come back with it').toHaveLength(1);
    const { proposalId } = (await world.input(bob, { kind: 'removeMember', memberId: alice.memberId, reason: '' }))
      .reply;
    await world.run(1_000);
    await world.input(carol, { kind: 'vote', proposalId: proposalId!, approve: true });
    await world.run(30_000);
    expect(world.view(bob).members).toHaveLength(2);
    const lines = (node: Node) => [...node.messages.values()].filter(({ system }) => system?.kind === 'lost');
    expect(lines(bob)).toMatchObject([{ system: { target: alice.memberId, missing: 1 } }]);
    expect(world.view(bob).gaps).toEqual([]);
    // Carol was never told everything that Bob has.
    await asked(carol, bob, false);
    await world.run(700_000);
    expect(lines(carol)).toEqual([]);
    expect(world.view(carol).gaps).toHaveLength(1);
    await asked(carol, bob);
    await world.run(1_000);
    expect(lines(carol)).toHaveLength(1);
    world.restart(carol);
    await world.run(700_000);
    expect(lines(carol)).toHaveLength(1);
  });

  it('is not what was said before somebody came', async () => {
    const { world, alice, bob } = await three();
    for (const text of ['one', 'two', 'three']) await world.say(alice, text);
    await world.run(2_000);
    const dave = world.node('Dave');
    await world.join(dave, world.invite(bob));
    await world.run(30_000);
    await world.say(alice, 'welcome');
    await world.run(20_000);
    expect(texts(dave)).toEqual(['welcome']);
    expect(gaps(dave)).toEqual([]);
    expect(messageOf(alice, [...alice.messages.values()].at(-1)!.messageId)?.status).toBe('delivered');
  });

  it('at the end of what somebody said shows when the author asks', async () => {
    const { world, alice, carol } = await three();
    world.delivery = (packet, to) => (to === 'Carol' && isChat(packet) ? [] : [5]);
    await world.say(alice, 'the last word');
    await world.run(3_000);
    world.delivery = () => [5];
    await world.run(200_000);
    expect(texts(carol)).toEqual(['the last word']);
  });
});

describe('the order', () => {
  it('puts an answer below what it answers although the clocks differ', async () => {
    const { world, alice, bob } = await three();
    await world.say(alice, 'question');
    await world.run(10);
    // Bob's clock is a minute behind.
    world.now -= 60_000;
    await world.say(bob, 'answer');
    const [question, answer] = [...bob.messages.values()].filter(({ system }) => system === undefined);
    expect(answer!.sentAt).toBeGreaterThan(question!.sentAt);
    expect(draftOf(world, bob).state.conversationId).toBe(CONVERSATION);
  });
});
