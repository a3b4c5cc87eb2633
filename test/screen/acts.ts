/** What people do at the window, in their words: each act waits until the window shows that it was done. */
import { expect } from 'vitest';
import type { Locator } from 'playwright-core';
import type { Person } from './person.ts';

const PATIENCE_MS = 20_000;

export const shows = async (locator: Locator): Promise<void> =>
  locator.waitFor({ state: 'visible', timeout: PATIENCE_MS });
export const hides = async (locator: Locator): Promise<void> =>
  locator.waitFor({ state: 'hidden', timeout: PATIENCE_MS });

/** The first run: a name and one button. */
export async function introduce(person: Person): Promise<void> {
  const { page, name } = person;
  await page.getByLabel('Your name').fill(name);
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await shows(page.getByRole('button', { name: 'New group' }).first());
}

/** Which rules a group is started with. */
export type Rules = 'Friends' | 'Assembly' | 'Strict';

export async function startGroup({ page }: Person, group: string, rules: Rules = 'Friends'): Promise<void> {
  await page.getByRole('button', { name: 'New group' }).first().click();
  const dialog = page.getByRole('dialog', { name: 'New group' });
  await dialog.getByLabel('Name of the group').fill(group);
  await dialog.getByRole('radio', { name: rules }).click();
  await dialog.getByRole('button', { name: 'Create group' }).click();
  await shows(page.getByRole('heading', { name: group }));
}

/** Opens the invite dialog and reads the link. */
export async function copyInvite({ page }: Person, group: string): Promise<string> {
  await page.getByRole('button', { name: 'Invite', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: `Invite people to ${group}` });
  const field = dialog.getByLabel('Invite link');
  await shows(field);
  const link = await field.inputValue();
  expect(link).toMatch(/^conclave:/);
  await page.keyboard.press('Escape');
  await hides(dialog);
  return link;
}

/** Pastes a link, looks at it, and asks to join. */
export async function askIn({ page }: Person, link: string, inviter: string, group: string): Promise<void> {
  await page.getByRole('button', { name: 'Open invite' }).first().click();
  const dialog = page.getByRole('dialog', { name: 'Open an invite' });
  await dialog.getByLabel('Invite link').fill(link);
  await dialog.getByRole('button', { name: 'Look at the invite' }).click();
  await shows(page.getByText(`${inviter} invites you to ${group}`));
  await page.getByRole('button', { name: 'Ask to join' }).click();
}

export const composer = ({ page }: Person, group: string): Locator => page.getByLabel(`Message to ${group}`);

export async function isIn(person: Person, group: string): Promise<void> {
  await shows(composer(person, group));
}

export async function say(person: Person, group: string, words: string): Promise<void> {
  await composer(person, group).fill(words);
  await person.page.keyboard.press('Enter');
  await shows(person.page.getByText(words, { exact: true }).first());
}

export async function reads({ page }: Person, words: string): Promise<void> {
  await shows(page.getByText(words, { exact: true }).first());
}

/** Opens one page of the panel beside the conversation. */
export async function panel({ page }: Person, name: 'Members' | 'Votes' | 'Rules'): Promise<Locator> {
  const beside = page.getByRole('complementary', { name: 'About this group' });
  if (!(await beside.isVisible())) await page.getByRole('button', { name: 'Show members, votes and rules' }).click();
  await beside.getByRole('tab', { name }).click();
  const shown = beside.getByRole('tabpanel', { name });
  await shows(shown);
  return shown;
}

/** Asks the group to remove somebody, with a reason. */
export async function askToRemove(person: Person, name: string, reason: string): Promise<void> {
  const { page } = person;
  const members = await panel(person, 'Members');
  await members.getByRole('button', { name: `Actions for ${name}` }).click();
  await page.getByRole('menuitem', { name: 'Remove from group…' }).click();
  const dialog = page.getByRole('dialog', { name: `Ask the group to remove ${name}?` });
  await dialog.getByLabel('Why should they go?').fill(reason);
  await dialog.getByRole('button', { name: 'Open the vote' }).click();
  await hides(dialog);
}

/** The open votes between the messages and the box. */
export const votes = ({ page }: Person): Locator => page.getByRole('region', { name: 'Open votes' });

/** The card of an open vote, whatever it is about. */
export const card = (person: Person, title: string | RegExp): Locator =>
  votes(person).getByRole('article', { name: title });

/** A line of the conversation about the group itself. */
export const line = ({ page }: Person, words: string | RegExp): Locator =>
  page.getByRole('listitem').filter({ has: page.getByRole('article', { name: words }) });

export async function openSettings({ page }: Person, tab: string): Promise<Locator> {
  const tabs = page.getByRole('tablist', { name: 'Sections of the settings' });
  if (!(await tabs.isVisible())) await page.getByRole('button', { name: 'Settings', exact: true }).click();
  await tabs.getByRole('tab', { name: tab, exact: true }).click();
  const shown = page.getByRole('tabpanel', { name: tab });
  await shows(shown);
  return shown;
}

/** Goes to a group in the list. */
export async function goTo({ page }: Person, group: string): Promise<void> {
  await page.getByRole('navigation', { name: 'Groups' }).getByRole('button', { name: group }).click();
  await shows(page.getByRole('heading', { name: group, level: 1 }));
}
