/** The first run, bringing an identity back, saving the phrase, and a computer without a keychain. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { hides, introduce, openSettings, shows } from './acts.ts';
import { alone, takePictures, usePeople, type Person } from './person.ts';

const people = usePeople();
let ana: Person;
let memberId: string;
let phrase: string;

const idOf = async (person: Person): Promise<string> => {
  const shown = (await openSettings(person, 'You')).locator('code');
  await shows(shown);
  return (await shown.textContent()) ?? '';
};

beforeAll(async () => {
  ana = await people.start('Ana', { args: alone });
});

describe('the first run', () => {
  it('asks for a name and for nothing else', async () => {
    const { page } = ana;
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    await shows(page.getByRole('alert').getByText('Write your name first.'));
    expect(await page.getByLabel('Your name').getAttribute('aria-invalid')).toBe('true');
    await introduce(ana);
    await shows(page.getByRole('heading', { name: 'No groups yet' }));
    memberId = await idOf(ana);
    expect(memberId).toMatch(/^0x[0-9a-fA-F]{40}$/);
  });

  it('reminds of the recovery phrase until it was saved, and shows it after a question only', async () => {
    const { page } = ana;
    const reminder = page.getByRole('complementary', { name: 'Recovery phrase' });
    await reminder.getByRole('button', { name: 'Show phrase' }).click();
    const recovery = page.getByRole('tabpanel', { name: 'Recovery phrase' });
    await recovery.getByRole('button', { name: 'Show the recovery phrase' }).click();
    const question = page.getByRole('alertdialog', { name: 'Show the recovery phrase now?' });
    await question.getByRole('button', { name: 'Show it' }).click();
    const words = recovery.getByRole('list', { name: 'Your recovery phrase' }).getByRole('listitem');
    await shows(words.last());
    phrase = (await words.allTextContents()).join(' ');
    expect(phrase).toMatch(/^([a-z]+ ){11}[a-z]+$/);
    await openSettings(ana, 'You');
    await shows(reminder);

    await openSettings(ana, 'Recovery phrase');
    expect(await words.count()).toBe(0);
    await recovery.getByRole('button', { name: 'Show the recovery phrase' }).click();
    await question.getByRole('button', { name: 'Show it' }).click();
    await recovery.getByRole('button', { name: 'I have saved it' }).click();
    await shows(recovery.getByText('You have marked it as saved.'));
    await openSettings(ana, 'You');
    await hides(reminder);
  });
});

describe('bringing an identity back', () => {
  it('says what is wrong with a phrase, and brings the same member id back with the right one', async () => {
    const again = await people.start('Ana-again', { args: alone });
    const { page } = again;
    await page.getByRole('button', { name: 'I have a recovery phrase' }).click();
    await page.getByLabel('Your name').fill('Ana');
    const field = page.getByLabel('Recovery phrase', { exact: true }).and(page.getByRole('textbox'));
    const restore = page.getByRole('button', { name: 'Restore', exact: true });

    await field.fill('one two three');
    await restore.click();
    await shows(page.getByRole('alert').getByText('That is 3 words; the phrase has 12.'));
    await field.fill(Array.from({ length: 12 }, () => 'zoo').join(' '));
    await restore.click();
    await hides(page.getByText('That is 3 words; the phrase has 12.'));
    await shows(
      page.getByRole('alert').getByText('These words do not belong together: one of them is wrong, or their order is.'),
    );

    await field.fill(`  ${phrase.toUpperCase().replace(' ', '   ')} `);
    await restore.click();
    await shows(page.getByRole('button', { name: 'New group' }));
    expect(await idOf(again)).toBe(memberId);
  });
});

describe('a computer without a keychain', () => {
  it('is told so in plain words, and nothing is written', async () => {
    const profile = mkdtempSync(join(tmpdir(), 'conclave-screen-no-keychain-'));
    try {
      const bo = await people.start('Bo', {
        profile,
        args: alone,
        env: { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nonexistent/bus' },
      });
      const problem = bo.page.getByRole('alert');
      await shows(problem.getByRole('heading', { name: 'No keychain was found' }));
      await shows(problem.getByText(/^Unlock or install a keychain/));
      await shows(problem.getByText(/start Conclave with --keychain file instead\.$/));
      await takePictures(bo, 'no-keychain');
      await problem.getByRole('button', { name: 'Try again' }).click();
      await shows(problem.getByRole('heading', { name: 'No keychain was found' }));
      await bo.quit();
      // Chromium's own folder aside: the profile's number and its lock, the place of the window, and no key or database.
      const files = readdirSync(profile).filter((file) => file !== 'electron' && file !== 'window.json');
      expect(files.sort()).toEqual(['lock', 'profile.json']);
    } finally {
      rmSync(profile, { recursive: true, force: true });
    }
  });
});
