/** Our own packets that come back, and packets that pretend to be ours. H-32 */
import { describe, expect, it } from 'vitest';
import { MAX_OWN_PAYLOAD_HASHES } from '../../../../shared/limits.ts';
import { stateOf } from '../support/drafts.ts';
import { texts, World, type Node } from '../support/world.ts';

describe('a packet of our own', () => {
  it('R-006 W-32 that comes back is dropped by its hash before it costs anything, as long as it is among the last 512', async () => {
    const world = new World();
    const [alice] = (await world.group(['Alice', 'Bob'])) as [Node, Node];
    const hashes = () => stateOf(alice).volatile.ownPayloads;
    await world.say(alice, 'first');
    const first = alice.sent.at(-1)!;
    const echo = async (): Promise<number> => {
      const before = world.view(alice).counters.OwnEcho ?? 0;
      await world.input(alice, { kind: 'packet', subtopic: first.subtopic, payload: first.payload });
      return (world.view(alice).counters.OwnEcho ?? 0) - before;
    };
    expect(await echo()).toBe(1);
    world.delivery = () => [];
    for (let index = 0; index < MAX_OWN_PAYLOAD_HASHES - 1; index += 1) await world.say(alice, `${index}`);
    expect(hashes()).toHaveLength(MAX_OWN_PAYLOAD_HASHES);
    expect(await echo()).toBe(1);
    await world.say(alice, 'one more');
    expect(hashes()).toHaveLength(MAX_OWN_PAYLOAD_HASHES);
    // Forgotten now, and told apart by MLS instead: a message of ours is not shown twice.
    expect(await echo()).toBe(0);
    expect(texts(alice).filter((text) => text === 'first')).toHaveLength(1);
    expect(world.view(alice).counters).toMatchObject({ DecryptIgnored: 1 });
  });
});

describe('a packet of somebody else', () => {
  it('R-006 W-32 is taken whatever it claims: nothing beside its bytes says whose it is, so nobody can hide it from one member', async () => {
    const world = new World();
    const [alice, bob, carol] = (await world.group(['Alice', 'Bob', 'Carol'])) as [Node, Node, Node];
    const step = await world.input(bob, {
      kind: 'sendMessage',
      messageId: '01900000-0000-7000-8000-0000000000aa' as never,
      text: 'for everybody',
    });
    const published = step.effects.flatMap((effect) => (effect.kind === 'publish' ? [effect] : []));
    // No instance, no sender: what travels is a topic and bytes.
    expect(published.map((effect) => Object.keys(effect).sort())).toEqual([
      ['expiresAt', 'kind', 'payload', 'subject', 'subtopic'],
    ]);
    await world.run(10);
    for (const node of [alice, carol]) expect(texts(node)).toEqual(['for everybody']);
    // The same text twice makes two packets without a common part at their head that could track the sender.
    await world.say(bob, 'same');
    await world.say(bob, 'same');
    const [one, two] = bob.sent.slice(-2).map(({ payload }) => payload);
    expect(one).not.toEqual(two);
    for (const packet of [one!, two!]) expect(Buffer.from(packet).includes(bob.identity.memberId)).toBe(false);
  });
});
