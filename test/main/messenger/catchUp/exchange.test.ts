/** What two members give each other in an exchange, and what they do not. */
import { describe, expect, it } from 'vitest';
import { MAX_OUT_OF_ORDER_MESSAGES } from '../../../../shared/limits.ts';
import { texts, World, type Node, type Packet } from '../../protocol/support/world.ts';
import { exchange } from './support.ts';

/** Nothing reaches or leaves those who are away. */
const without =
  (...away: readonly Node[]) =>
  (packet: Packet, to: string): readonly number[] =>
    away.some(({ name }) => name === to || name === packet.from) ? [] : [5];

async function fourPeople(): Promise<{ world: World; ann: Node; bob: Node; cleo: Node; dan: Node }> {
  const world = new World({ seed: 'exchange' });
  const [ann, bob, cleo, dan] = (await world.group(['ann', 'bob', 'cleo', 'dan'])) as [Node, Node, Node, Node];
  await world.run(20_000);
  return { world, ann, bob, cleo, dan };
}

async function letIn(world: World, inviter: Node, name: string): Promise<Node> {
  const joiner = world.node(name);
  await world.join(joiner, world.invite(inviter));
  await world.run(20_000);
  if (world.view(joiner).phase !== 'working') throw new Error(`${name} did not get in`);
  return joiner;
}

async function meet(world: World, opener: Node, taker: Node) {
  const { opener: first, taker: second } = exchange(world, opener, taker);
  const outcomes = await Promise.all([first, second]);
  await world.run(0);
  return outcomes;
}

describe('an exchange between two members', () => {
  it('gives both what they lack of an epoch, in both directions at once, and nothing twice', async () => {
    const { world, ann, bob, cleo, dan } = await fourPeople();
    world.delivery = without(dan, bob);
    await world.say(ann, 'from ann');
    await world.say(cleo, 'from cleo');
    world.delivery = () => [];
    await world.say(dan, 'from dan');
    await world.run(1000);
    const [left, right] = await meet(world, ann, dan);
    expect(texts(dan)).toEqual(['from dan', 'from ann', 'from cleo']);
    expect(texts(ann)).toEqual(['from ann', 'from cleo', 'from dan']);
    expect([left.given, left.useful, right.given, right.useful]).toEqual([2, 1, 1, 2]);
    expect([...left.missing, ...left.stuck, ...right.missing, ...right.stuck]).toEqual([]);
    const again = await meet(world, dan, ann);
    expect(again.map(({ given }) => given)).toEqual([0, 0]);
    // Whoever got it hands it on, and its author need not be there.
    const [onward] = await meet(world, dan, bob);
    expect(onward.given).toBe(3);
    expect([...texts(bob)].sort()).toEqual(['from ann', 'from cleo', 'from dan']);
  });

  it('leads over every epoch to the present one, messages before the commit that ends their epoch', async () => {
    const { world, ann, bob, cleo, dan } = await fourPeople();
    world.delivery = without(dan);
    const said: string[] = [];
    for (const [index, name] of ['eve', 'finn', 'gus'].entries()) {
      for (const node of [ann, bob, cleo]) {
        said.push(`${node.name} ${index}`);
        await world.say(node, `${node.name} ${index}`);
        await world.run(20);
      }
      await world.run(1000);
      await letIn(world, ann, name);
    }
    expect(world.view(dan).epoch).toBe(3);
    const [, right] = await meet(world, cleo, dan);
    expect(world.view(dan).epoch).toBe(6);
    expect(world.view(dan).epochAuthenticator).toBe(world.view(ann).epochAuthenticator);
    expect(texts(dan)).toEqual(said);
    expect([...right.missing, ...right.stuck]).toEqual([]);
  });

  it('goes on with the next one from what was durable when it broke in the middle', async () => {
    const { world, ann, bob, dan } = await fourPeople();
    world.delivery = without(dan);
    for (let i = 0; i < 300; i += 1) await world.say(ann, `message ${i}`);
    await world.run(1000);
    const broken = exchange(world, bob, dan, (channel, side) => ({
      ...channel,
      async receive() {
        const frame = await channel.receive();
        if (side === 'taker' && texts(dan).length > 100) channel.abort(new Error('the cable'));
        return frame;
      },
    }));
    await expect(broken.taker).rejects.toThrow('the cable');
    const before = texts(dan).length;
    expect(before).toBeGreaterThan(100);
    expect(before).toBeLessThan(300);
    const [rest] = await meet(world, bob, dan);
    expect(rest.given).toBeLessThanOrEqual(300 - before);
    expect(texts(dan)).toEqual(Array.from({ length: 300 }, (_, i) => `message ${i}`));
  });

  it('leaves no timer behind', async () => {
    const { world, ann, dan } = await fourPeople();
    const { opener, taker, clock } = exchange(world, ann, dan);
    await Promise.all([opener, taker]);
    expect(clock.waiting).toBe(0);
  });

  it('brings everything also when messages of now came before it, of however much later', async () => {
    const { world, ann, bob, dan } = await fourPeople();
    world.delivery = without(dan);
    const missed = MAX_OUT_OF_ORDER_MESSAGES + 100;
    for (let i = 0; i < missed; i += 1) await world.say(ann, `missed ${i}`);
    await world.run(1000);
    world.delivery = () => [5];
    await world.say(ann, 'now');
    await world.run(1000);
    expect(texts(dan)).toEqual([]);
    expect(dan.steps.some(({ effects }) => effects.some(({ kind }) => kind === 'catchUp'))).toBe(true);
    await meet(world, bob, dan);
    await world.input(dan, { kind: 'caughtUp', with: bob.memberId, whole: true });
    expect(texts(dan)).toEqual([...Array.from({ length: missed }, (_, i) => `missed ${i}`), 'now']);
  });

  it('brings everything also when messages of now came before the commit that leads to their epoch', async () => {
    const { world, ann, bob, dan } = await fourPeople();
    world.delivery = without(dan);
    await letIn(world, ann, 'eve');
    const missed = MAX_OUT_OF_ORDER_MESSAGES + 100;
    for (let i = 0; i < missed; i += 1) await world.say(ann, `missed ${i}`);
    await world.run(1000);
    // Dan hears the last message, and has to wait with it: it knows no such epoch.
    world.delivery = (_packet, to) => (to === dan.name ? [5] : []);
    await world.say(ann, 'now');
    await world.run(100);
    expect(world.view(dan).epoch).toBe(3);
    expect(world.view(dan).queues.parkedPackets).toBeGreaterThan(0);
    await meet(world, bob, dan);
    expect(world.view(dan).epoch).toBe(4);
    await world.input(dan, { kind: 'caughtUp', with: bob.memberId, whole: true });
    expect(texts(dan)).toEqual([...Array.from({ length: missed }, (_, i) => `missed ${i}`), 'now']);
  });
});
