/** What people do at the window, in their words: each act waits until the window shows that it was done. */
import { expect } from 'vitest';
import type { Locator } from 'playwright-core';
import type { Person } from './person.ts';

const PATIENCE_MS = 30_000;

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
  await expect.poll(() => field.inputValue()).toMatch(/^conclave:/);
  const link = await field.inputValue();
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
