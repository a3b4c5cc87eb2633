/** Two people compare numbers, and one of them comes back with another device: whole processes. */
import { describe, expect, it } from 'vitest';
import { acquaint, agree, errorOf, groupOf, history, until, useHouse } from './support.ts';

const house = useHouse();

describe('comparing numbers', () => {
  it('shows both the same one, keeps the mark over a restart, and loses it loudly with another device', async () => {
    const [ana, bo, cy] = await house.persons('Ana', 'Bo', 'Cy');
    const conversationId = await groupOf([ana, bo, cy]);
    await acquaint([ana, bo, cy]);
    const { safetyNumber } = await ana.node.call('member.safetyNumber', { memberId: bo.memberId });
    expect(safetyNumber).toMatch(/^[0-9]{60}$/);
    expect(await bo.node.call('member.safetyNumber', { memberId: ana.memberId })).toEqual({ safetyNumber });
    const withCy = await ana.node.call('member.safetyNumber', { memberId: cy.memberId });
    expect(withCy.safetyNumber).not.toBe(safetyNumber);

    const wrong = { memberId: bo.memberId, verified: true, safetyNumber: withCy.safetyNumber };
    expect((await errorOf(ana.node.call('member.setVerified', wrong))).code).toBe('WRONG_STATE');
    const self = await errorOf(ana.node.call('member.safetyNumber', { memberId: ana.memberId }));
    expect(self.code).toBe('NOT_FOUND');
    const isVerified = async (): Promise<boolean | undefined> => {
      const { members } = await ana.node.call('conversation.get', { conversationId });
      return members.find(({ memberId }) => memberId === bo.memberId)?.verified;
    };
    expect(await isVerified()).toBe(false);
    await ana.node.call('member.setVerified', { memberId: bo.memberId, verified: true, safetyNumber });
    expect(await isVerified()).toBe(true);
    await ana.node.kill('SIGTERM');
    await house.restart(ana);
    await acquaint([ana, bo, cy]);
    expect(await isVerified()).toBe(true);

    await bo.node.kill('SIGKILL');
    const again = await house.start({ profile: house.directory() });
    await again.call('identity.restore', { displayName: 'Bo', recoveryPhrase: bo.recoveryPhrase });
    const newBo = { ...bo, node: again };
    const { invite } = await ana.node.call('invite.create', { conversationId });
    await again.call('conversation.join', { invite });
    await agree([ana, newBo, cy], conversationId, 3);
    expect(await isVerified()).toBe(false);
    const lines = await until([ana, newBo, cy], 'a line about the new device', async () => {
      const found = (await history(ana, conversationId)).filter(({ system }) => system?.kind === 'deviceChanged');
      return found.length > 0 ? found : undefined;
    });
    expect(lines).toMatchObject([{ sender: bo.memberId, system: { target: bo.memberId } }]);
    // Nobody but those who knew the device before is told, and Cy's device is the one that it was.
    expect((await history(newBo, conversationId)).some(({ system }) => system?.kind === 'deviceChanged')).toBe(false);
    const after = await ana.node.call('member.safetyNumber', { memberId: bo.memberId });
    expect(after.safetyNumber).not.toBe(safetyNumber);
    expect(await again.call('member.safetyNumber', { memberId: ana.memberId })).toEqual(after);
    expect(await ana.node.call('member.safetyNumber', { memberId: cy.memberId })).toEqual(withCy);
  });
});
