/** Looking for what was said, at a real window: in one group, in all of them, in any script; to the message and back again. */
import type { Locator } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ConversationId } from '../../shared/model/ids.ts';
import { say as says, until, useHouse, type Person as Neighbour } from '../headless/support.ts';
import { copyInvite, goTo, hides, introduce, isIn, reads, say, shows, startGroup } from './acts.ts';
import { alone, takePictures, usePeople, type Person } from './person.ts';

const people = usePeople();
const house = useHouse('all');
/** More than a window of messages holds. */
const MESSAGES = 640;
let ana: Person;
let bo: Neighbour;
let conversationId: ConversationId;

const focused = (): Promise<string> =>
  ana.page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? '');
const field = () => ana.page.getByRole('searchbox', { name: 'Search messages' });
const results = () => ana.page.getByRole('region', { name: 'Messages found' });
const hits = () => results().getByRole('listitem');

beforeAll(async () => {
  bo = await house.person('Bo');
  const { listenAddresses } = await bo.node.call('app.info', {});
  ana = await people.start('Ana', { args: [...alone, '--connect', listenAddresses[0] ?? ''] });
  await introduce(ana);
  await startGroup(ana, 'Garden');
  await say(ana, 'Garden', 'On Thursday is market day.');
  await startGroup(ana, 'Choir');
  await bo.node.call('conversation.join', { invite: await copyInvite(ana, 'Choir') });
  conversationId = await until([bo], 'Bo is in', async () => {
    const { conversations } = await bo.node.call('conversation.list', {});
    return conversations.find(({ state }) => state === 'working')?.id;
  });
  await says(bo, conversationId, 'The rehearsal moves to Thursday, as the hall is taken.');
  await says(bo, conversationId, '明日の練習は七時からです。');
  for (let index = 0; index < MESSAGES; index += 40)
    await Promise.all(
      Array.from({ length: 40 }, (_, offset) => says(bo, conversationId, `Line ${index + offset} of the new piece`)),
    );
  await says(bo, conversationId, 'That was all of it.');

  await reads(ana, 'That was all of it.');
});

describe('searching', () => {
  it('in one group finds what was said long ago, shows it in its place, and leads back, with the keyboard alone', async () => {
    const { page } = ana;
    await page.getByLabel('Message to Choir').click();
    await page.keyboard.press('Control+f');
    await shows(page.getByText('In Choir', { exact: true }));
    await page.keyboard.type('thurs');
    await expect.poll(() => hits().count(), { timeout: 10_000 }).toBe(1);
    await expect.poll(() => results().getByRole('status').textContent()).toBe('1 message found');
    expect(await hits().locator('mark').allTextContents()).toEqual(['Thursday']);
    await takePictures(ana, 'search-here');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    const old = page.getByRole('article', { name: /The rehearsal moves to Thursday/ });
    await shows(old);
    await expect.poll(focused, { timeout: 10_000 }).toMatch(/^Bo: The rehearsal moves to Thursday/);
    await takePictures(ana, 'search-found');
    // What comes in meanwhile takes nobody away, and is not lost.
    await says(bo, conversationId, 'One more line.');
    await shows(page.getByRole('button', { name: '1 new message' }));
    expect(await old.isVisible()).toBe(true);
    await page.keyboard.press('Control+f');
    await page.keyboard.press('Escape');
    await hides(results());
    await page.getByRole('button', { name: '1 new message' }).click();
    await reads(ana, 'One more line.');
  });

  it('reads on from there in both directions to the ends', async () => {
    const { page } = ana;
    await page.keyboard.press('Control+f');
    await field().fill('"Line 260 of"');
    await hits().first().getByRole('button').click();
    await shows(page.getByRole('article', { name: /Line 260 of/ }));
    await expect.poll(focused, { timeout: 10_000 }).toMatch(/Line 260 of/);
    // A page is read each time that the end of what is there comes near.
    const pressUntil = (key: string, there: Locator) =>
      expect
        .poll(
          async () => {
            await page.keyboard.press(key);
            return there.isVisible();
          },
          { timeout: 20_000 },
        )
        .toBe(true);
    await pressUntil('Home', page.getByRole('article', { name: /^You started the group/ }));
    await pressUntil('End', page.getByRole('article', { name: /One more line/ }));
    await hides(page.getByRole('button', { name: 'Jump to latest' }));
  });

  it('everywhere names the group of each, in any script, and says when there is nothing', async () => {
    const { page } = ana;
    await page.keyboard.press('Control+Shift+f');
    await field().fill('thursday');
    await expect.poll(() => hits().count(), { timeout: 10_000 }).toBe(2);
    await takePictures(ana, 'search-everywhere');
    await hits().filter({ hasText: 'Garden' }).getByRole('button').click();
    await shows(page.getByRole('heading', { name: 'Garden', level: 1 }));
    await shows(page.getByRole('article', { name: /market day/ }));
    await field().fill('練習');
    await expect.poll(() => hits().locator('mark').allTextContents(), { timeout: 10_000 }).toEqual(['練習']);
    await field().fill('zebra');
    await shows(results().getByText('No message has “zebra”.'));
    await takePictures(ana, 'search-nothing');
    await field().fill('line');
    await shows(results().getByRole('button', { name: 'Show more' }));
    const before = await hits().count();
    await results().getByRole('button', { name: 'Show more' }).click();
    await expect.poll(() => hits().count(), { timeout: 10_000 }).toBeGreaterThan(before);
    await field().press('Escape');
    await hides(results());
    await goTo(ana, 'Choir');
    await isIn(ana, 'Choir');
  });
});

describe('what is new', () => {
  it('is read from its first message on, also when it is more than is held', async () => {
    const { page } = ana;
    await goTo(ana, 'Garden');
    for (let index = 0; index < 80; index += 40)
      await Promise.all(
        Array.from({ length: 40 }, (_, offset) => says(bo, conversationId, `News ${index + offset} of the choir`)),
      );
    await shows(page.getByRole('navigation', { name: 'Groups' }).getByText('80 unread messages'));
    await goTo(ana, 'Choir');
    await shows(page.getByText('New', { exact: true }));
    await shows(page.getByRole('article', { name: /News \d of the choir/ }).first());
    await shows(page.getByRole('article', { name: /One more line/ }));
    expect(await page.getByRole('article', { name: /News 79 of/ }).count()).toBe(0);
    await takePictures(ana, 'new-line');
    await page.getByRole('button', { name: 'Jump to latest' }).click();
    await hides(page.getByRole('button', { name: 'Jump to latest' }));
    await hides(page.getByText('80 unread messages'));
    // Whoever writes while reading what is old sees what they wrote.
    await page.keyboard.press('Control+f');
    await field().fill('"Line 260 of"');
    await hits().first().getByRole('button').click();
    await shows(page.getByRole('article', { name: /Line 260 of/ }));
    await say(ana, 'Choir', 'I found the line.');
    await hides(page.getByRole('button', { name: 'Jump to latest' }));
  });
});
