/** Without a mouse: everything has its key, focus goes where one works on, and comes back when a dialog closes. */
import type { Locator } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { composer, hides, line, shows } from './acts.ts';
import { alone, usePeople, type Person } from './person.ts';

const people = usePeople();
let ana: Person;

const press = (...keys: readonly string[]): Promise<void> =>
  keys.reduce((before, key) => before.then(() => ana.page.keyboard.press(key)), Promise.resolve());
/** Holds a key as long as a finger does: a choice follows the arrow only while it is down. */
const hold = (key: string): Promise<void> => ana.page.keyboard.press(key, { delay: 60 });
const type = (words: string): Promise<void> => ana.page.keyboard.insertText(words);
const isFocused = (locator: Locator): Promise<boolean> =>
  locator.evaluate((element) => element === document.activeElement);
const gotFocus = (locator: Locator) => expect.poll(() => isFocused(locator), { timeout: 10_000 }).toBe(true);

/** Presses one key until something has focus. */
async function goWith(key: string, to: Locator): Promise<void> {
  for (let presses = 0; presses < 40; presses++) {
    if (await isFocused(to)) return;
    await press(key);
  }
  throw new Error(`${key} does not lead to ${String(to)}`);
}

beforeAll(async () => {
  ana = await people.start('Ana', { args: alone });
});

describe('a person at the keyboard', () => {
  it('starts, makes a group, and writes', async () => {
    const { page } = ana;
    await gotFocus(page.getByLabel('Your name'));
    await type('Ana');
    await press('Enter');
    await shows(page.getByRole('heading', { name: 'No groups yet' }));

    await press('Control+n');
    const dialog = page.getByRole('dialog', { name: 'New group' });
    await gotFocus(dialog.getByLabel('Name of the group'));
    await type('Choir');
    await goWith('Tab', dialog.getByRole('radio', { name: 'Friends' }));
    await hold('ArrowDown');
    await hold('ArrowDown');
    await shows(dialog.getByRole('radio', { name: 'Strict', checked: true }));
    await hold('ArrowUp');
    await hold('ArrowUp');
    await shows(dialog.getByRole('radio', { name: 'Friends', checked: true }));
    await goWith('Tab', dialog.getByRole('button', { name: 'Create group' }));
    await press('Enter');

    await shows(page.getByRole('heading', { name: 'Choir', level: 1 }));
    await press('Control+e');
    await gotFocus(composer(ana, 'Choir'));
    await type('First line');
    await press('Shift+Enter');
    await type('second line');
    await press('Enter');
    await shows(page.getByRole('article', { name: /^You: First line second line, / }));
    expect(await composer(ana, 'Choir').inputValue()).toBe('');
  });

  it('opens and closes the invite; focus stays inside and comes back', async () => {
    const { page } = ana;
    const invite = page.getByRole('button', { name: 'Invite', exact: true });
    await goWith('Shift+Tab', invite);
    await press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Invite people to Choir' });
    await shows(dialog.getByLabel('Invite link'));
    await goWith('Tab', dialog.getByRole('button', { name: 'Copy link' }));
    // Around once: Tab never leaves the dialog.
    for (let presses = 0; presses < 8; presses++) {
      await press('Tab');
      expect(await dialog.evaluate((element) => element.contains(document.activeElement))).toBe(true);
    }
    // On a button with a note of its own, Escape takes the note away first.
    await goWith('Tab', dialog.getByRole('button', { name: 'Done' }));
    await press('Escape');
    await hides(dialog);
    await gotFocus(invite);
  });

  it('answers a question with Escape, which does nothing', async () => {
    const { page } = ana;
    const more = page.getByRole('button', { name: 'More about this group' });
    await goWith('Tab', more);
    await press('Enter');
    await goWith('ArrowDown', page.getByRole('menuitem', { name: 'Leave group' }));
    await press('Enter');
    const question = page.getByRole('alertdialog', { name: 'Leave Choir?' });
    await gotFocus(question.getByRole('button', { name: 'Cancel' }));
    await press('Escape');
    await hides(question);
    await shows(composer(ana, 'Choir'));
    await gotFocus(more);
  });

  it('moves through messages and groups with the arrows: each list is one stop', async () => {
    const { page } = ana;
    await press('Control+n');
    await gotFocus(page.getByLabel('Name of the group'));
    await type('Garden');
    await press('Enter');
    await shows(page.getByRole('heading', { name: 'Garden', level: 1 }));

    const list = page.getByRole('navigation', { name: 'Groups' });
    const [garden, choir] = [list.getByRole('button', { name: /Garden/ }), list.getByRole('button', { name: /Choir/ })];
    expect(await list.getByRole('button').evaluateAll((all) => all.filter((each) => each.tabIndex === 0).length)).toBe(
      1,
    );
    await goWith('Shift+Tab', garden);
    await press('ArrowDown');
    await gotFocus(choir);
    await press('Home');
    await gotFocus(garden);
    await press('End', 'Enter');
    await shows(page.getByRole('heading', { name: 'Choir', level: 1 }));
    await press('Alt+ArrowUp');
    await shows(page.getByRole('heading', { name: 'Garden', level: 1 }));
    await press('Alt+ArrowDown');
    await shows(page.getByRole('heading', { name: 'Choir', level: 1 }));

    const said = page.getByRole('article', { name: /^You: First line/ });
    await press('Control+e');
    await goWith('Shift+Tab', said);
    await press('ArrowUp');
    await gotFocus(page.getByRole('article', { name: /^You started the group/ }));
    await press('Tab', 'Enter');
    await shows(line(ana, /^You started the group/).getByText('Whoever starts a group is its first member.'));
    await press('Shift+Tab', 'ArrowDown');
    await gotFocus(said);
    await press('r');
    await gotFocus(composer(ana, 'Choir'));
    await shows(page.getByRole('button', { name: 'Cancel the reply' }));
    await press('Escape');
    await hides(page.getByRole('button', { name: 'Cancel the reply' }));
  });

  it('finds the panel, the settings and the list of keys', async () => {
    const { page } = ana;
    const beside = page.getByRole('complementary', { name: 'About this group' });
    await press('Control+Shift+V');
    await shows(beside.getByRole('tab', { name: 'Votes', selected: true }));
    await press('Control+Shift+M');
    await shows(beside.getByRole('tab', { name: 'Members', selected: true }));
    await press('Control+,');
    await gotFocus(page.getByRole('heading', { name: 'Settings' }));
    await press('Control+/');
    const sheet = page.getByRole('dialog', { name: 'Keyboard' });
    await shows(sheet);
    // A dialog is answered first.
    await press('Control+n');
    expect(await page.getByRole('dialog').count()).toBe(1);
    await press('Escape');
    await hides(sheet);
  });
});
