/** "Done means": two people on one machine find each other, start a group, let each other in by vote, chat, and one leaves. */
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { askIn, copyInvite, introduce, isIn, reads, say, shows, startGroup } from './acts.ts';
import { forgetProfiles, startApp, takePicture } from './person.ts';

afterEach(forgetProfiles);
afterAll(forgetProfiles);

describe('two people on one network', () => {
  it('start a group, let each other in, chat both ways, and one leaves', async () => {
    const ana = await startApp('Ana');
    const bo = await startApp('Bo');
    await takePicture(ana, 'onboarding-light');
    await introduce(ana);
    await introduce(bo);
    await takePicture(ana, 'empty-light');
    await startGroup(ana, 'Choir');
    const link = await copyInvite(ana, 'Choir');
    await askIn(bo, link, 'Ana', 'Choir');
    await isIn(bo, 'Choir');
    await say(ana, 'Choir', 'Hello Bo, glad that you are here.');
    await reads(bo, 'Hello Bo, glad that you are here.');
    await say(bo, 'Choir', 'Hello Ana!');
    await reads(ana, 'Hello Ana!');
    await takePicture(ana, 'conversation-light');
    await takePicture(bo, 'conversation-bo-light');

    await bo.page.getByRole('button', { name: 'More about this group' }).click();
    await bo.page.getByRole('menuitem', { name: 'Leave group' }).click();
    await bo.page.getByRole('alertdialog').getByRole('button', { name: 'Leave group' }).click();
    await shows(bo.page.getByText(/^You left at/).first());
    await shows(ana.page.getByText('Bo left').first());
    await takePicture(bo, 'left-light');
    expect(ana.complaints).toEqual([]);
    expect(bo.complaints).toEqual([]);
  });
});
