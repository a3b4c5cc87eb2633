/** "Done means": two people on one machine find each other, start a group, let each other in by vote, chat, and one leaves. */
import { beforeAll, describe, expect, it } from 'vitest';
import { askIn, composer, copyInvite, introduce, isIn, panel, reads, say, shows, startGroup } from './acts.ts';
import { takePictures, usePeople, type Person } from './person.ts';

const people = usePeople();
let ana: Person;
let bo: Person;

beforeAll(async () => {
  [ana, bo] = await Promise.all([people.start('Ana'), people.start('Bo')]);
  await Promise.all([introduce(ana), introduce(bo)]);
});

describe('two people on one network', () => {
  it('start a group, let each other in by link, chat both ways, and one leaves', async () => {
    await startGroup(ana, 'Choir');
    const link = await copyInvite(ana, 'Choir');
    await askIn(bo, link, 'Ana', 'Choir');
    await isIn(bo, 'Choir');
    await say(ana, 'Choir', 'Hello Bo, glad that you are here.');
    await reads(bo, 'Hello Bo, glad that you are here.');
    await say(bo, 'Choir', 'Hello Ana!');
    await reads(ana, 'Hello Ana!');
    await shows(ana.page.getByText('You added Bo').first());

    await bo.page.getByRole('button', { name: 'More about this group' }).click();
    await bo.page.getByRole('menuitem', { name: 'Leave group' }).click();
    const question = bo.page.getByRole('alertdialog', { name: 'Leave Choir?' });
    await question.getByRole('button', { name: 'Leave group' }).click();
    await shows(bo.page.getByText(/^You left at/).first());
    await shows(ana.page.getByText('Bo left').first());
    expect(await composer(bo, 'Choir').count()).toBe(0);
    await shows((await panel(ana, 'Members')).getByRole('heading', { name: '1 member', exact: true }));
  });

  it('find each other: an invite goes to somebody nearby, who joins from the note about it', async () => {
    await startGroup(ana, 'Orchard');
    await ana.page.getByRole('button', { name: 'Invite', exact: true }).click();
    const dialog = ana.page.getByRole('dialog', { name: 'Invite people to Orchard' });
    await dialog.getByRole('button', { name: 'Send the invite to Bo' }).click();
    await shows(dialog.getByText('Sent', { exact: true }));
    await dialog.getByRole('button', { name: 'Done' }).click();

    const note = bo.page.getByRole('region', { name: /Messages from Conclave/ });
    await shows(note.getByText('Ana invites you to Orchard'));
    await takePictures(bo, 'invite-received');
    await note.getByRole('button', { name: 'See the invite' }).click();
    const invite = bo.page.getByRole('dialog', { name: 'Open an invite' });
    await shows(invite.getByText('Ana invites you to Orchard'));
    await invite.getByRole('button', { name: 'Ask to join' }).click();
    await isIn(bo, 'Orchard');
    await say(bo, 'Orchard', 'Found you without an address.');
    await reads(ana, 'Found you without an address.');
  });
});
