/**
 * Every view, in both themes: a picture for people to judge, and axe, which may find nothing serious. The others in the
 * groups are nodes without windows, so that one window has everything to show.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import axe from 'axe-core';
import type { AxeResults } from 'axe-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { decisionFileSchema } from '../../shared/api/decisionFile.ts';
import type { ConversationId } from '../../shared/model/ids.ts';
import { agree, askIn as asksIn, connected, quickRules, say as says, until, useHouse } from '../headless/support.ts';
import type { Person as Neighbour } from '../headless/support.ts';
import {
  askIn,
  card,
  composer,
  copyInvite,
  goTo,
  hides,
  introduce,
  isIn,
  line,
  openSettings,
  panel,
  reads,
  say,
  shows,
  startGroup,
  votes,
} from './acts.ts';
import { alone, takePictures, usePeople, type Person } from './person.ts';

const people = usePeople();
const house = useHouse('all');
let ana: Person;
let bo: Neighbour;
let cy: Neighbour;

declare global {
  interface Window {
    axe?: typeof axe;
  }
}

/** What axe has seriously against the page as it is. */
async function faults(): Promise<string[]> {
  // Given to the page by the debugger, which its security policy does not bind.
  if (await ana.page.evaluate(() => window.axe === undefined)) await ana.page.evaluate(axe.source);
  const { violations } = await ana.page.evaluate(
    (): Promise<AxeResults> =>
      window.axe?.run(document, { resultTypes: ['violations'] }) ?? Promise.reject(new Error('no axe')),
  );
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(' ')}: ${node.failureSummary ?? ''}`));
}

/** Pictures of what is there, and what axe has against it. */
const judge = (name: string): Promise<void> =>
  takePictures(ana, name, async (theme) => {
    expect(await faults(), `${name}, ${theme}`).toEqual([]);
  });

/** How far the page could be scrolled sideways, in CSS pixels. */
const overflow = (): Promise<number> =>
  ana.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
const resize = (width: number, height: number): Promise<void> =>
  ana.app.evaluate(
    ({ BrowserWindow }, size) => BrowserWindow.getAllWindows()[0]?.setContentSize(size.width, size.height),
    { width, height },
  );

const closeDialog = async (name: string | RegExp): Promise<void> => {
  await ana.page.keyboard.press('Escape');
  await hides(ana.page.getByRole('dialog', { name }));
};

/** The group that Ana opened last, as her node names it. */
const groupNamed = (neighbour: Neighbour, name: string): Promise<ConversationId> =>
  until([neighbour], `${neighbour.name} knows ${name}`, async () => {
    const { conversations } = await neighbour.node.call('conversation.list', {});
    return conversations.find((group) => group.name === name)?.id;
  });

beforeAll(async () => {
  // Told of each other by address, so that nobody else on this network comes into the pictures.
  [bo, cy] = await Promise.all([house.person('Bo'), house.person('Cy')]);
  const nodes = await Promise.all([bo, cy].map(({ node }) => node.call('app.info', {})));
  const connect = nodes
    .flatMap(({ listenAddresses }) => listenAddresses.slice(0, 1))
    .flatMap((to) => ['--connect', to]);
  ana = await people.start('Ana', { args: [...alone, ...connect] });
  await resize(1280, 820);
});

describe('before there is a group', () => {
  it('axe is at work: a planted fault is found', async () => {
    await ana.page.evaluate(() => document.body.append(document.createElement('button')));
    const found = await faults();
    await ana.page.evaluate(() => document.body.lastElementChild?.remove());
    expect(found).toEqual([expect.stringContaining('button-name')]);
  });

  it('the first run and restoring are readable for everybody', async () => {
    const { page } = ana;
    await shows(page.getByLabel('Your name'));
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    await shows(page.getByRole('alert'));
    await judge('onboarding');
    await page.getByRole('button', { name: 'I have a recovery phrase' }).click();
    await shows(page.getByRole('heading', { name: 'Bring your identity back' }));
    await judge('restore');
    await page.getByRole('button', { name: 'I am new here' }).click();
    await introduce(ana);
  });

  it('the empty list says the ways on', async () => {
    await shows(ana.page.getByRole('heading', { name: 'No groups yet' }));
    await shows(ana.page.getByRole('region', { name: 'People nearby' }).getByText('Bo', { exact: true }));
    await judge('empty');
  });

  it('a new group shows its rules in words', async () => {
    const { page } = ana;
    await page.getByRole('button', { name: 'New group' }).click();
    const dialog = page.getByRole('dialog', { name: 'New group' });
    await judge('new-group');
    await dialog.getByRole('button', { name: 'Advanced' }).click();
    await shows(dialog.getByRole('radiogroup', { name: 'Voting window' }));
    await dialog.getByRole('button', { name: 'Create group' }).click();
    await shows(dialog.getByText('Give the group a name first.'));
    await judge('new-group-advanced');
    await closeDialog('New group');
  });

  it('an invite is looked at before anything happens', async () => {
    const { page } = ana;
    await page.getByRole('button', { name: 'Open invite' }).click();
    const dialog = page.getByRole('dialog', { name: 'Open an invite' });
    await dialog.getByLabel('Invite link').fill('conclave:nonsense');
    await dialog.getByRole('button', { name: 'Look at the invite' }).click();
    await shows(dialog.getByRole('alert'));
    await judge('open-invite-bad');
    const { conversationId } = await bo.node.call('conversation.create', {
      name: 'Allotment society',
      settings: { membersMayInvite: false, livenessCriteriaYes: false },
    });
    const { invite } = await bo.node.call('invite.create', { conversationId });
    await dialog.getByLabel('Invite link').fill(invite);
    await dialog.getByRole('button', { name: 'Look at the invite' }).click();
    await shows(dialog.getByText('Bo invites you to Allotment society'));
    await judge('open-invite');
    await dialog.getByRole('button', { name: 'Ask to join' }).click();
    await shows(page.getByText(/^A member of the group was told that you ask in\./));
    await judge('waiting');
    await page.getByRole('button', { name: 'Cancel the request' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Cancel the request' }).click();
    await hides(page.getByRole('heading', { name: 'Waiting for the group to let you in' }));
  });
});

describe('a group of three', () => {
  const group = 'Choir on Thursdays';
  let conversationId: ConversationId;

  it('the invite dialog and an empty group', async () => {
    const { page } = ana;
    await startGroup(ana, group);
    await judge('group-alone');
    await page.getByRole('button', { name: 'Invite', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: `Invite people to ${group}` });
    await shows(dialog.getByRole('img', { name: `QR code of the invite to ${group}` }));
    await shows(dialog.getByRole('button', { name: 'Send the invite to Bo' }));
    await judge('invite');
    await closeDialog(`Invite people to ${group}`);
  });

  it('the conversation, its records and its panel', async () => {
    const invite = await copyInvite(ana, group);
    for (const joiner of [bo, cy]) {
      await joiner.node.call('conversation.join', { invite });
      conversationId = await groupNamed(joiner, group);
      await shows(line(ana, new RegExp(`added ${joiner.name}`)));
    }
    await agree([bo, cy], conversationId, 3);
    await connected([bo, cy], conversationId);
    await say(ana, group, 'Welcome, both of you! We meet on Thursday at seven, as always.');
    await says(bo, conversationId, 'Thank you, Ana. Shall I bring the new scores?');
    await reads(ana, 'Thank you, Ana. Shall I bring the new scores?');
    await says(bo, conversationId, 'I have Bruckner’s “Locus iste” for four voices.');
    await reads(ana, 'I have Bruckner’s “Locus iste” for four voices.');
    await says(cy, conversationId, 'Please do. I can only stay until half past eight this week.');
    await reads(ana, 'Please do. I can only stay until half past eight this week.');
    await say(ana, group, 'Good. Then we begin with the Bruckner, so that Cy can sing it with us.');
    await judge('conversation');
    await ana.page.keyboard.press('Control+f');
    await ana.page.keyboard.type('bruckner');
    await shows(ana.page.getByRole('region', { name: 'Messages found' }).getByRole('listitem').first());
    await judge('search');
    await ana.page.keyboard.press('Escape');

    await composer(ana, group).fill('Thank you, @');
    await shows(ana.page.getByRole('listbox', { name: 'People in this group' }));
    await judge('mention-list');
    await ana.page.keyboard.press('b');
    await ana.page.keyboard.press('Enter');
    expect(await composer(ana, group).inputValue()).toBe('Thank you, @Bo ');
    await composer(ana, group).press('Enter');
    await says(bo, conversationId, 'You are welcome, @Ana. Cy knows @Bo well enough.');
    await shows(ana.page.getByRole('article', { name: /mentions you$/ }));
    await judge('mention');

    await line(ana, /added Cy/)
      .getByRole('button', { name: 'Why?' })
      .click();
    await shows(line(ana, /added Cy/).getByText('Written down by'));
    await judge('why');
    const why = line(ana, /added Cy/);
    await why.getByRole('button', { name: 'Check this again' }).click();
    await shows(why.getByText('Checked on this computer: it holds.'));
    await judge('checked');
    // The dialog is the system's own: what it would answer is put in its place.
    const path = join(house.directory(), 'decision.json');
    await ana.app.evaluate(({ dialog }, filePath) => {
      dialog.showSaveDialog = () => Promise.resolve({ canceled: false, filePath });
    }, path);
    await why.getByRole('button', { name: 'Save as a file…' }).click();
    await shows(ana.page.getByText('Saved. Anybody can check the file, also without Conclave’s groups.').first());
    expect(decisionFileSchema.parse(JSON.parse(readFileSync(path, 'utf8')))).toMatchObject({ conversationId });
    await ana.page.getByRole('button', { name: 'Dismiss' }).first().click();
    await line(ana, /added Cy/)
      .getByRole('button', { name: 'Hide why' })
      .click();

    for (const name of ['Members', 'Votes', 'Rules'] as const) {
      await panel(ana, name);
      await judge(`panel-${name.toLowerCase()}`);
    }
  });

  it('comparing numbers with somebody: both see the same, it is marked, and said what to do when they differ', async () => {
    const { page } = ana;
    const members = await panel(ana, 'Members');
    const open = async () => {
      await members.getByRole('button', { name: 'Actions for Bo' }).click();
      await page.getByRole('menuitem', { name: 'Verify…' }).click();
      const dialog = page.getByRole('dialog', { name: 'Verify Bo' });
      await shows(dialog.getByRole('img', { name: 'QR code of the safety number with Bo' }));
      return dialog;
    };
    const first = await open();
    const shown = await first.getByRole('group', { name: 'Safety number' }).innerText();
    const self = (await bo.node.call('conversation.get', { conversationId })).members.find(
      ({ displayName }) => displayName === 'Ana',
    )!;
    const { safetyNumber } = await bo.node.call('member.safetyNumber', { memberId: self.memberId });
    expect(shown.replaceAll(/\s/g, '')).toBe(safetyNumber);
    await judge('verify');
    await first.getByRole('button', { name: 'They don’t match' }).click();
    const differ = page.getByRole('dialog', { name: 'The numbers differ' });
    await judge('verify-differ');
    await differ.getByRole('button', { name: 'Compare again' }).click();
    await page.getByRole('dialog', { name: 'Verify Bo' }).getByRole('button', { name: 'They match' }).click();
    await shows(members.getByRole('button', { name: 'Verified' }));
    await judge('verified');
    await (await open()).getByRole('button', { name: 'Take the mark back' }).click();
    await hides(members.getByRole('button', { name: 'Verified' }));
  });

  it('a vote that waits for this person, and asking for one', async () => {
    const { page } = ana;
    const members = await panel(ana, 'Members');
    await members.getByRole('button', { name: 'Actions for Cy' }).click();
    await page.getByRole('menuitem', { name: 'Remove from group…' }).click();
    await judge('remove');
    await closeDialog(/^Ask the group to remove Cy/);
    await page.getByRole('complementary').getByRole('button', { name: 'Hide members, votes and rules' }).click();

    await bo.node.call('member.remove', {
      conversationId,
      memberId: cy.memberId,
      reason: 'Cy moved away and asked to be taken off the list.',
    });
    const asked = card(ana, 'Bo asks to remove Cy');
    await shows(asked.getByRole('button', { name: 'Yes', exact: true }));
    await judge('vote');
    await asked.getByRole('button', { name: 'No', exact: true }).click();
    await shows(votes(ana).getByRole('button', { name: /Bo asks to remove Cy.*You voted no/ }));
    await judge('vote-cast');
  });

  it('questions before something is lost, and how a group ends', async () => {
    const { page } = ana;
    await page.getByRole('button', { name: 'More about this group' }).click();
    await judge('menu');
    await page.getByRole('menuitem', { name: 'Leave group' }).click();
    await shows(page.getByRole('alertdialog'));
    await judge('leave');
    await page.getByRole('alertdialog').getByRole('button', { name: 'Leave group' }).click();
    await shows(page.getByText(/^You left at/));
    await judge('left');
    await page.getByRole('button', { name: 'Delete history' }).click();
    await shows(page.getByRole('alertdialog', { name: `Delete the history of ${group}?` }));
    await judge('delete');
    await page.getByRole('alertdialog').getByRole('button', { name: 'Delete history' }).click();
    await hides(page.getByRole('navigation', { name: 'Groups' }).getByRole('button', { name: group }));
  });
});

describe('a small window', () => {
  it('keeps a conversation usable, with a vote and the panel, and never scrolls sideways', async () => {
    const { conversationId } = await bo.node.call('conversation.create', {
      name: 'Cooperative of the upper Rhine valley gardeners',
      settings: quickRules,
    });
    await asksIn(bo, cy, conversationId);
    await agree([bo, cy], conversationId);
    const { invite } = await bo.node.call('invite.create', { conversationId });
    const name = 'Cooperative of the upper Rhine valley gardeners';
    await resize(720, 560);
    await askIn(ana, invite, 'Bo', name);
    await isIn(ana, name);
    await says(bo, conversationId, `A long word: ${'Donaudampfschifffahrtsgesellschaft'.repeat(4)}`);
    await shows(ana.page.getByText(/^A long word/));
    await say(ana, name, 'It fits.');
    await judge('small');
    expect(await overflow()).toBe(0);
    await bo.node.call('member.remove', { conversationId, memberId: cy.memberId, reason: 'Has not come for a year.' });
    await shows(card(ana, 'Bo asks to remove Cy'));
    await judge('small-vote');
    expect(await overflow()).toBe(0);
    await composer(ana, name).click();
    await panel(ana, 'Members');
    await judge('small-panel');
    expect(await overflow()).toBe(0);
    await ana.page.getByRole('complementary').getByRole('button', { name: 'Hide members, votes and rules' }).click();
    await openSettings(ana, 'Network');
    await judge('small-network');
    expect(await overflow()).toBe(0);
    await resize(1280, 820);
    await goTo(ana, name);
  });
});

describe('settings', () => {
  it.each(['You', 'Appearance', 'Notifications', 'Privacy', 'Recovery phrase', 'Network', 'Keyboard', 'About'])(
    'the page %s',
    async (tab) => {
      await openSettings(ana, tab);
      await judge(`settings-${tab.split(' ')[0]?.toLowerCase() ?? ''}`);
    },
  );

  it('the recovery phrase in the open, and the list of keys', async () => {
    const { page } = ana;
    const recovery = await openSettings(ana, 'Recovery phrase');
    await recovery.getByRole('button', { name: 'Show the recovery phrase' }).click();
    await judge('settings-reveal');
    await page.getByRole('alertdialog').getByRole('button', { name: 'Show it' }).click();
    await shows(recovery.getByRole('list', { name: 'Your recovery phrase' }));
    await judge('settings-phrase');
    await page.keyboard.press('Control+/');
    await shows(page.getByRole('dialog', { name: 'Keyboard' }));
    await judge('shortcuts');
  });
});
