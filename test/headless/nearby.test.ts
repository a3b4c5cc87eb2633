/** Nodes on one machine that were told no address find each other by multicast, and one invites the other. */
import { describe, expect, it } from 'vitest';
import { agree, chatGoesOn, quickRules, until, useHouse } from './support.ts';

const house = useHouse();

describe('people nearby', () => {
  it('find each other without an address, show their names, and invite', async () => {
    const open = { mdns: true, listen: [] };
    const [ana, bo] = await Promise.all([house.person('Ana nearby', open), house.person('Bo nearby', open)]);
    const peerIdOf = async (person: typeof ana): Promise<string> => (await person.node.call('app.info', {})).peerId;
    const [anaPeer, boPeer] = [await peerIdOf(ana), await peerIdOf(bo)];
    // Other nodes may run on this machine: only these two count here.
    for (const [person, peerId, displayName] of [
      [ana, boPeer, 'Bo nearby'],
      [bo, anaPeer, 'Ana nearby'],
    ] as const)
      await person.node.waitForEvent(
        'peer.updated',
        ({ peer }) => peer.peerId === peerId && peer.connected && peer.displayName === displayName,
      );
    const nearby = (await bo.node.call('peer.list', {})).peers.find((peer) => peer.peerId === anaPeer);
    expect(nearby).toMatchObject({ memberId: ana.memberId, displayName: 'Ana nearby', connected: true });
    expect((await bo.node.call('diagnostics.network', {})).mdns).toMatchObject({ enabled: true });

    const { conversationId } = await ana.node.call('conversation.create', { name: 'Street', settings: quickRules });
    await ana.node.call('invite.send', { conversationId, peerId: boPeer });
    const offered = await bo.node.waitForEvent('invite.received', ({ from }) => from.peerId === anaPeer);
    expect(offered).toMatchObject({ conversationName: 'Street', from: { displayName: 'Ana nearby' } });
    expect((await bo.node.call('conversation.list', {})).conversations).toEqual([]);
    expect(await bo.node.call('conversation.join', { invite: offered.invite })).toEqual({ conversationId });
    await agree([ana, bo], conversationId);
    await chatGoesOn([ana, bo], conversationId, 'hello');
  });

  it('are nobody to strangers when they do not want to be seen, but stay known in their groups', async () => {
    const [ana, bo, cy] = await house.persons('Ana', 'Bo', 'Cy');
    await ana.node.call('settings.set', { patch: { visibleNearby: false } });
    const { listenAddresses, peerId } = await ana.node.call('app.info', {});
    const address = listenAddresses[0] ?? '';
    await cy.node.call('peer.connect', { address });
    await bo.node.call('peer.connect', { address });
    const { conversationId } = await ana.node.call('conversation.create', { name: 'Hidden', settings: quickRules });
    const { invite } = await ana.node.call('invite.create', { conversationId });
    await bo.node.call('conversation.join', { invite });
    await agree([ana, bo], conversationId);
    await until([bo], 'a member knows her', async () => {
      const found = (await bo.node.call('peer.list', {})).peers.find((peer) => peer.peerId === peerId);
      return found?.memberId === ana.memberId ? found : undefined;
    });
    const stranger = (await cy.node.call('peer.list', {})).peers.find((peer) => peer.peerId === peerId);
    expect(stranger).toMatchObject({ connected: true });
    expect(stranger).not.toHaveProperty('displayName');
    expect(stranger).not.toHaveProperty('memberId');
  });
});
