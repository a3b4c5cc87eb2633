/**
 * A member whose store was put back to an earlier copy: nothing that it held then is used again, and it comes in by its own
 * device with its history.
 */
import { describe, expect, it } from 'vitest';
import { contentOf } from '../../../../main/protocol/mls/group.ts';
import type { MlsGroup } from '../../../../main/protocol/mls/contract.ts';
import { agreed, CONVERSATION, groupOf, texts, World, type Node } from '../support/world.ts';

type Copy = NonNullable<ReturnType<Node['stored']['get']>>;

/** What is stored of the conversation now, so prepared that it may go on from there. */
async function copyOf(world: World, node: Node): Promise<Copy> {
  const stored = node.stored.get(CONVERSATION);
  if (stored === undefined) throw new Error('nothing is stored');
  const copy: Copy = { parts: new Map(stored.parts), scores: new Map(stored.scores) };
  await renew(world, node, copy);
  return copy;
}

async function renew(world: World, node: Node, { parts, scores }: Copy): Promise<void> {
  const writes = await node.user.renewedWrites({ conversationId: CONVERSATION, parts, scores: [...scores] }, world.now);
  for (const { name, bytes } of writes.parts)
    if (bytes === null) parts.delete(name);
    else parts.set(name, bytes);
  for (const { memberId, score } of writes.scores)
    if (score === null) scores.delete(memberId);
    else scores.set(memberId, score);
}

function putBack(world: World, node: Node, copy: Copy): void {
  node.stored.set(CONVERSATION, copy);
  node.steps.length = 0;
  world.restart(node);
}

const secretsOf = (group: MlsGroup): Uint8Array[] => {
  const { epoch, application } = contentOf(group);
  const { epochAuthenticator: _, ...schedule } = epoch.keySchedule;
  const ratchets = [...application, ...epoch.handshake].map(({ secret }) => secret);
  return [...Object.values<Uint8Array>(schedule), ...ratchets, ...Object.values(epoch.privatePath.privateKeys)].filter(
    ({ length }) => length > 0,
  );
};

describe('a copy of a conversation', () => {
  it('H-31 holds no secret of the group, not even of its present epoch', async () => {
    const world = new World();
    const [, bob] = (await world.group(['Alice', 'Bob', 'Carol'])) as [Node, Node, Node];
    await world.say(bob, 'hello');
    const stored = Buffer.concat([...(bob.stored.get(CONVERSATION)?.parts.values() ?? [])]);
    const copied = Buffer.concat([...(await copyOf(world, bob)).parts.values()]);
    const secrets = secretsOf(groupOf(bob));
    expect(secrets.length).toBeGreaterThan(6);
    for (const secret of secrets) {
      expect(stored.includes(Buffer.from(secret))).toBe(true);
      expect(copied.includes(Buffer.from(secret))).toBe(false);
    }
  });

  it('asks to be let in with another key package than the one that may have been used', async () => {
    const world = new World({ delivery: () => [] });
    const alice = world.node('Alice');
    const bob = world.node('Bob');
    await world.create(alice);
    await world.join(bob, world.invite(alice));
    const copy = await copyOf(world, bob);
    putBack(world, bob, copy);
    await world.run(40_000);
    const asked = bob.sent.filter(({ subtopic }) => subtopic === 'welcome').map(({ payload }) => Buffer.from(payload));
    expect(asked.length).toBeGreaterThan(1);
    expect(asked.at(-1)?.equals(asked[0] ?? Buffer.of())).toBe(false);
  });
});

describe('a member whose store was put back', () => {
  for (const change of ['nothing else happened', 'somebody came in', 'somebody left'] as const) {
    it(`H-17 H-28 says nothing but its wish to come in, comes in, and keeps its history, although ${change} since`, async () => {
      const world = new World();
      const [alice, bob, carol] = (await world.group(['Alice', 'Bob', 'Carol', 'Dave'])) as [Node, Node, Node];
      const nodes = [alice, bob, carol];
      await world.run(130_000);
      await world.say(bob, 'before the copy');
      await world.run(1_000);
      const copy = await copyOf(world, bob);
      for (const index of [1, 2, 3]) await world.say(bob, `after the copy ${index}`);
      await world.run(1_000);
      if (change === 'somebody came in') {
        await world.join(world.node('Erin'), world.invite(alice));
        await world.run(30_000);
      }
      if (change === 'somebody left') {
        await world.input(carol, { kind: 'leave' });
        nodes.pop();
        await world.run(30_000);
      }
      // What a copy holds may be put back more than once.
      await renew(world, bob, copy);
      putBack(world, bob, copy);
      const sentBefore = bob.sent.length;
      world.delivery = ({ from }) => (from === 'Bob' ? [] : [5]);
      await world.say(alice, 'hello?');
      await world.say(bob, 'this waits');
      for (const refused of [{ kind: 'removeMember', memberId: alice.memberId }, { kind: 'resetInvite' }] as const)
        await expect(world.input(bob, refused)).rejects.toMatchObject({ code: 'ConversationBlocked' });
      await world.run(50_000);
      const sent = bob.sent.slice(sentBefore);
      expect(sent.length).toBeGreaterThan(0);
      expect(sent.map(({ subtopic }) => subtopic)).not.toContain('app_msg');
      expect(texts(bob)).toContain('this waits');

      world.delivery = () => [5];
      await world.run(120_000);
      for (const node of nodes) expect(agreed(world.view(node)), node.name).toEqual(agreed(world.view(alice)));
      expect(bob.events.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['Rejoining', 'Rejoined']));
      await world.say(bob, 'here again');
      await world.run(2_000);
      for (const node of nodes) {
        expect(texts(node).filter((text) => text === 'this waits')).toHaveLength(1);
        expect(texts(node)).toContain('here again');
      }
      expect(texts(bob)).toContain('before the copy');
    });
  }

  it('may leave without anybody hearing of it', async () => {
    const world = new World();
    const [, bob] = (await world.group(['Alice', 'Bob'])) as [Node, Node];
    putBack(world, bob, await copyOf(world, bob));
    await world.input(bob, { kind: 'leave' });
    expect(bob.user.view(CONVERSATION)).toBeUndefined();
    expect(bob.lifecycle.at(-1)).toMatchObject({ kind: 'Removed', cause: 'left' });
  });
});
