/** Nothing is lost by quitting, nor by a process that is killed: the same groups, the same messages, and chat goes on. */
import type { Locator } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  askIn,
  composer,
  copyInvite,
  goTo,
  hides,
  introduce,
  isIn,
  line,
  openSettings,
  reads,
  say,
  shows,
  startGroup,
} from './acts.ts';
import { usePeople, type Person } from './person.ts';

const people = usePeople();
let ana: Person;
let bo: Person;

/** The texts of the messages in the open group, in their order, and the app's own lines. */
const conversationOf = ({ page }: Person): Promise<string[]> =>
  page
    .getByRole('list', { name: 'Messages in Choir' })
    .getByRole('article')
    .evaluateAll((articles) => articles.map((article) => article.getAttribute('aria-label') ?? ''));

beforeAll(async () => {
  [ana, bo] = await Promise.all([people.start('Ana'), people.start('Bo')]);
  await Promise.all([introduce(ana), introduce(bo)]);
  await startGroup(ana, 'Choir');
  await askIn(bo, await copyInvite(ana, 'Choir'), 'Ana', 'Choir');
  await isIn(bo, 'Choir');
  await say(ana, 'Choir', 'Rehearsal is at seven.');
  await reads(bo, 'Rehearsal is at seven.');
  await say(bo, 'Choir', 'I bring the notes.');
  await reads(ana, 'I bring the notes.');
});

describe('a person who comes back', () => {
  it('finds the same groups, messages and unread counts after quitting', async () => {
    const choir = (): Locator =>
      bo.page.getByRole('navigation', { name: 'Groups' }).getByRole('button', { name: /Choir/ });
    const unread = (): Locator => choir().getByText(/unread message/);
    const before = await conversationOf(bo);
    // What comes while another page is shown counts as unread.
    await openSettings(bo, 'You');
    await say(ana, 'Choir', 'Bring a pencil, too.');
    await shows(choir().getByText('Ana: Bring a pencil, too.'));
    const count = await unread().textContent();

    // Nothing waits between the last letter and the end.
    await startGroup(bo, 'Notes');
    await composer(bo, 'Notes').fill('Half a thought');
    await bo.quit();
    bo = await people.start('Bo', { profile: bo.profile });
    await shows(choir());
    expect(await unread().textContent()).toBe(count);
    await goTo(bo, 'Choir');
    await reads(bo, 'Bring a pencil, too.');
    // All of it is in view: it was read.
    await hides(unread());
    expect((await conversationOf(bo)).slice(0, -1)).toEqual(before);
    await shows(bo.page.getByRole('navigation', { name: 'Groups' }).getByText('Draft: Half a thought'));
    await goTo(bo, 'Notes');
    expect(await composer(bo, 'Notes').inputValue()).toBe('Half a thought');
    await goTo(bo, 'Choir');
    await say(bo, 'Choir', 'And an eraser.');
    await reads(ana, 'And an eraser.');
  });

  it('finds them after the app was killed, with what was just written, and chat goes on', async () => {
    await say(bo, 'Choir', 'The last words before the crash.');
    await reads(ana, 'The last words before the crash.');
    const before = await conversationOf(bo);
    await bo.kill();
    await shows(ana.page.getByText('2 members · 1 online'));

    bo = await people.start('Bo', { profile: bo.profile });
    await goTo(bo, 'Choir');
    await reads(bo, 'The last words before the crash.');
    expect(await conversationOf(bo)).toEqual(before);
    await hides(bo.page.getByText('Not sent yet'));
    await shows(ana.page.getByText('2 members · 2 online'));
    await say(bo, 'Choir', 'Back again.');
    await reads(ana, 'Back again.');
    await say(ana, 'Choir', 'Welcome back.');
    await reads(bo, 'Welcome back.');
    await shows(line(ana, /^You started the group/));
  });

  it('finds what was being typed when the window was closed', async () => {
    await goTo(bo, 'Notes');
    await composer(bo, 'Notes').fill('A whole thought');
    const gone = bo.app.waitForEvent('close');
    await bo.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());
    await gone;
    await bo.quit();
    bo = await people.start('Bo', { profile: bo.profile });
    await goTo(bo, 'Notes');
    expect(await composer(bo, 'Notes').inputValue()).toBe('A whole thought');
  });
});
