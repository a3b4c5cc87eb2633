/** Two people: start, let in, chat, leave. */
import { describe, expect, it } from 'vitest';
import { agreed, texts, World } from '../support/world.ts';

describe('two members', () => {
  it('let each other in by a link and chat both ways', async () => {
    const world = new World();
    const [alice, bob] = await world.group(['Alice', 'Bob']);
    expect(agreed(world.view(bob!))).toEqual(agreed(world.view(alice!)));
    expect(world.view(alice!)).toMatchObject({ phase: 'working', epoch: 1 });
    await world.say(alice!, 'hello');
    await world.run(100);
    await world.say(bob!, 'hi there');
    await world.run(100);
    expect(texts(alice!)).toEqual(['hello', 'hi there']);
    expect(texts(bob!)).toEqual(['hello', 'hi there']);
    expect(bob!.names.get(alice!.memberId)).toBe('Alice');
    expect(alice!.names.get(bob!.memberId)).toBe('Bob');
  });

  it('H-23 W-23 may leave also where the other is gone for good: the wish is said twice, then it ends by itself', async () => {
    const world = new World({ restartAlways: true });
    const [alice, bob] = await world.group(['Alice', 'Bob']);
    const { proposalExpirationMs } = world.view(alice!).settings;
    world.delivery = () => [];
    await world.input(alice!, { kind: 'leave' });
    await world.run(2 * proposalExpirationMs - 60_000);
    expect(world.view(alice!).members.find(({ memberId }) => memberId === alice!.memberId)).toMatchObject({
      pendingLeave: true,
    });
    await world.run(120_000);
    expect(alice!.user.conversations()).toEqual([]);
    expect(alice!.events.at(-1)).toEqual({ kind: 'Leaving', cause: 'left' });
    expect(world.view(bob!).members).toHaveLength(2);
  });
});
