/** What is readable without keys, where nothing is known, and who can hand a joiner its welcome. §5.5, §14.6, §18.1 */
import { describe, expect, it } from 'vitest';
import type { ConversationId } from '../../../../shared/model/ids.ts';
import { decodeAppMessage, decodeWelcomeMessage, WireError } from '../../../../main/protocol/wire/index.ts';
import { agreed, World, type Node, type Packet } from '../support/world.ts';

/** What somebody without keys reads in a packet; undefined: nothing. */
function readable({ subtopic, payload }: Packet): string | undefined {
  try {
    return subtopic === 'welcome' ? decodeWelcomeMessage(payload).payload.case : decodeAppMessage(payload).payload.case;
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return undefined;
  }
}

describe('packets of a whole life of a group', () => {
  it('R-012 are readable without keys when they are candidates, key packages or invitations, and no others', async () => {
    const world = new World();
    const [alice, bob, carol, dave] = (await world.group(['Alice', 'Bob', 'Carol', 'Dave'], { stewardsMax: 2 })) as [
      Node,
      Node,
      Node,
      Node,
    ];
    await world.say(alice, 'hello');
    await world.input(bob, { kind: 'resetInvite' });
    await world.input(carol, { kind: 'setDisplayName', displayName: 'Caroline' });
    const { reply } = await world.input(alice, { kind: 'removeMember', memberId: dave.memberId });
    await world.run(10);
    for (const node of [bob, carol])
      await world.input(node, { kind: 'vote', proposalId: reply.proposalId!, approve: true });
    await world.run(60_000);
    await world.input(carol, { kind: 'leave' });
    await world.run(60_000);
    const sent = [...world.nodes.values()].flatMap((node) => node.sent.map((packet) => ({ node, packet })));
    const clear = new Set(sent.flatMap(({ packet }) => readable(packet) ?? []));
    expect([...clear].sort()).toEqual(['commitCandidate', 'invitationToJoin', 'userKeyPackage']);
    const closed = sent.filter(({ packet }) => readable(packet) === undefined);
    expect(closed.length).toBeGreaterThan(20);
    for (const { node, packet } of closed) {
      expect(packet.subtopic).toBe('app_msg');
      expect(node.mls.inspectKind(packet.payload)).toBe('application');
      expect(Buffer.from(packet.payload).includes('hello')).toBe(false);
    }
  });
});

describe('what is not known', () => {
  it('R-008 a packet of an unknown conversation is refused by name and changes nothing', async () => {
    const world = new World();
    const [alice] = await world.group(['Alice', 'Bob']);
    const unknown = 'zzzzyyyyxxxxwwwwvvvvuuuutt' as ConversationId;
    const packet = { kind: 'packet', subtopic: 'app_msg', payload: new Uint8Array(40) } as const;
    await expect(alice!.user.step(unknown, packet, world.now)).rejects.toMatchObject({ code: 'ConversationNotFound' });
    expect(alice!.user.view(unknown)).toBeUndefined();
    expect(alice!.user.conversations()).not.toContain(unknown);
  });
});

describe('a welcome', () => {
  it('R-245 is minted once, and works from the hand of any member that heard it', async () => {
    const world = new World();
    const nodes = await world.group(['Alice', 'Bob', 'Carol']);
    const joiner = world.node('Dave');
    // The joiner hears nothing of what the members say.
    world.delivery = (_packet, to) => (to === joiner.name ? [] : [5]);
    const isInvitation = (packet: Packet) => readable(packet) === 'invitationToJoin';
    const before = nodes.map((node) => node.sent.filter(isInvitation).length);
    await world.join(joiner, world.invite(nodes[0]!));
    await world.run(20_000);
    const minted = nodes.flatMap((node, index) => node.sent.filter(isInvitation).slice(before[index]));
    expect(minted).toHaveLength(1);
    expect(world.view(joiner).phase).toBe('pendingJoin');
    const other = nodes.find(({ name }) => name !== minted[0]!.from)!;
    world.delivery = () => [5];
    world.send({ ...minted[0]!, from: other.name });
    await world.run(100);
    expect(world.view(joiner).phase).toBe('working');
    expect(agreed(world.view(joiner))).toEqual(agreed(world.view(nodes[0]!)));
  });
});
