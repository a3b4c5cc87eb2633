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
});
