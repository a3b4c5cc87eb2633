/** A group whose only steward is gone for good, as whole processes: the others choose another one, without anybody being asked. */
import { describe, expect, it } from 'vitest';
import type { MemberId } from '../../shared/model/ids.ts';
import { acquaint, agree, askIn, chatGoesOn, connected, details, groupOf, until, useHouse } from './support.ts';

const house = useHouse();

describe('the only steward', () => {
  it('R-079 R-219 W-23 is killed: the others elect, commit what waited, vote the dead one out, and let somebody in', async () => {
    const people = await house.persons('Ana', 'Bo', 'Cy', 'Di');
    const conversationId = await groupOf(people, { stewardsMax: 1, peerScoreDefault: 100, peerScoreThreshold: 90 });
    await acquaint(people);
    await connected(people, conversationId);
    const [view] = await details(people, conversationId);
    const dead = people.find(({ memberId }) => memberId === view!.stewards[0])!;
    const [leaver, ...rest] = people.filter((person) => person !== dead) as [typeof dead, ...(typeof dead)[]];
    await dead.node.kill('SIGKILL');

    await leaver.node.call('conversation.leave', { conversationId });
    const gone = (id: MemberId) =>
      until(
        rest,
        `${id} is out at everybody else`,
        async () => {
          const views = await details(rest, conversationId);
          return views.every(({ members, state }) => state === 'working' && !members.some((m) => m.memberId === id))
            ? views
            : undefined;
        },
        80_000,
      );
    const [after] = await gone(leaver.memberId);
    expect(after!.mode).toBe('normal');
    // Nobody here can have written so many changes that a missed turn does not cost it its place.
    await gone(dead.memberId);
    await agree(rest, conversationId, 2);

    for (const person of rest) {
      const { entries } = await person.node.call('governance.log', { conversationId, limit: 200 });
      expect(entries.some(({ kind, stewards }) => kind === 'elected' && !stewards?.includes(dead.memberId))).toBe(true);
      const out = entries.find(({ kind, target }) => kind === 'left' && target === dead.memberId);
      expect(out).toMatchObject({ cause: 'removed', violation: 'SCORE_BELOW_THRESHOLD' });
      // Clients decided all of it: no person was asked.
      const { recent } = await person.node.call('proposal.list', { conversationId });
      const byRule = recent.filter(({ votedByClients }) => votedByClients === true);
      expect(byRule.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['stewardElection', 'emergency']));
    }
    const newcomer = await house.person('Flo');
    await askIn(rest[0]!, newcomer, conversationId);
    await agree([...rest, newcomer], conversationId);
    await chatGoesOn([...rest, newcomer], conversationId, 'after all');
  });
});
