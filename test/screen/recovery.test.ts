/**
 * A recovery as somebody at a window sees it: the only steward's machine dies, and the others go on. The others are headless
 * nodes; nothing clicks for them.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import type { ConversationId } from '../../shared/model/ids.ts';
import { acquaint, agree, groupOf, until, useHouse, type Person as Node } from '../headless/support.ts';
import { isIn, line, introduce, panel, say, shows } from './acts.ts';
import { takePictures, usePeople, type Person } from './person.ts';

const people = usePeople();
const house = useHouse('all');
let ana: Person;
let others: readonly [Node, Node, Node];
let conversationId: ConversationId;

/** Opens an invite of a node at Ana's window, and gives her everybody's address: nothing is discovered here. */
async function bringIn(inviter: Node): Promise<void> {
  const { page } = ana;
  const { invite } = await inviter.node.call('invite.create', { conversationId });
  await page.getByRole('button', { name: 'Open invite' }).first().click();
  const dialog = page.getByRole('dialog', { name: 'Open an invite' });
  await dialog.getByLabel('Invite link').fill(invite);
  await dialog.getByRole('button', { name: 'Look at the invite' }).click();
  await page.getByRole('button', { name: 'Ask to join' }).click();
  await isIn(ana, 'Choir');
  await agree(others, conversationId, 4);
  for (const { node } of others) {
    const { listenAddresses } = await node.call('app.info', {});
    const address = listenAddresses[0];
    const connect = { method: 'peer.connect', params: { address } };
    const call = `window.conclave.call(${JSON.stringify(connect.method)}, ${JSON.stringify(connect.params)})`;
    await page.evaluate(call);
  }
}

beforeAll(async () => {
  [ana, others] = await Promise.all([people.start('Ana'), house.persons('Bo', 'Cy', 'Di')]);
  await introduce(ana);
  // A turn that was missed costs so much here that the rules ask for a removal, whichever of the three commits (10 points each) its
  // steward has written before; slow enough to be read on the way.
  const rules = {
    stewardsMax: 1,
    peerScoreDefault: 100,
    peerScoreThreshold: 90,
    freezeMs: 1_500,
    recoveryInactivityMs: 700,
  };
  conversationId = await groupOf(others, rules);
  await acquaint(others);
  await bringIn(others[0]);
});

describe('the only steward is gone for good', () => {
  it('13 R-079: the window says what the group does about it while it does it, and never stops taking messages', async () => {
    const { page } = ana;
    const [view] = await until(others, 'a steward among the nodes', async () => {
      const detail = await others[0].node.call('conversation.get', { conversationId });
      return detail.stewards.some((id) => others.some(({ memberId }) => memberId === id)) ? [detail] : undefined;
    });
    const dead = others.find(({ memberId }) => memberId === view.stewards[0])!;
    const [leaver, ...rest] = others.filter((other) => other !== dead) as [Node, Node];
    await dead.node.kill('SIGKILL');
    await leaver.node.call('conversation.leave', { conversationId });

    await shows(page.getByText(`Agreed, takes effect with the next change: ${leaver.name} asked to leave`));
    await shows(page.getByRole('navigation', { name: 'Groups' }).getByText('Choosing new stewards'));
    await shows(page.getByText('Choosing new stewards. Messages are sent as usual.'));
    await takePictures(ana, 'choosing-stewards');
    await say(ana, 'Choir', 'Still here?');
    await shows(line(ana, new RegExp(`^${leaver.name} left`)));
    await shows(
      line(ana, new RegExp(`^The group voted ${dead.name} out, as its rules ask when reliability falls too low`)),
    );
    await agree(rest, conversationId, 2);
    const votes = await panel(ana, 'Votes');
    await shows(votes.getByText(/proposed new stewards\. Accepted: \d yes, 0 no/).first());
    const byRule = `Proposed by the rules: remove ${dead.name}, whose reliability fell too low\\. Accepted: \\d yes, 0 no`;
    await shows(votes.getByText(new RegExp(byRule)));
    await takePictures(ana, 'after-recovery');
    expect(await (await panel(ana, 'Members')).getByRole('heading', { name: '2 members' }).isVisible()).toBe(true);
  });
});
