/** What the system is asked to show while nobody looks, and what a click on it opens. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { ConversationId } from '../../shared/model/ids.ts';
import { say as says, until, useHouse, type Person as Neighbour } from '../headless/support.ts';
import { copyInvite, goTo, introduce, openSettings, reads, shows, startGroup } from './acts.ts';
import { alone, takePictures, usePeople, type Person } from './person.ts';

const people = usePeople();
const house = useHouse('all');
let ana: Person;
let bo: Neighbour;
let conversationId: ConversationId;

interface Recorder {
  readonly shown: { title: string; body: string; click: () => void }[];
}
declare global {
  // The main process's own global, where the test keeps what the system would have shown.
  var recorder: Recorder | undefined;
}

/** There is no system here that shows notes: what it would be given is kept. */
const record = (): Promise<void> =>
  ana.app.evaluate(({ Notification, BrowserWindow }) => {
    const shown: Recorder['shown'] = [];
    globalThis.recorder = { shown };
    Notification.isSupported = () => true;
    Notification.prototype.show = function show(this: Electron.Notification) {
      shown.push({ title: this.title, body: this.body, click: () => this.emit('click') });
    };
    for (const window of BrowserWindow.getAllWindows()) window.isFocused = () => false;
  });
const notes = (): Promise<string[]> =>
  ana.app.evaluate(() => (globalThis.recorder?.shown ?? []).map(({ title, body }) => `${title} | ${body}`));

beforeAll(async () => {
  bo = await house.person('Bo');
  const { listenAddresses } = await bo.node.call('app.info', {});
  ana = await people.start('Ana', { args: [...alone, '--connect', listenAddresses[0] ?? ''] });
  await introduce(ana);
  await startGroup(ana, 'Choir');
  await bo.node.call('conversation.join', { invite: await copyInvite(ana, 'Choir') });
  conversationId = await until([bo], 'Bo is in', async () => {
    const { conversations } = await bo.node.call('conversation.list', {});
    return conversations.find(({ state }) => state === 'working')?.id;
  });
  await startGroup(ana, 'Garden');
  await record();
});

describe('a message while nobody looks', () => {
  it('is told of with its words, and a click opens it in its group', async () => {
    await says(bo, conversationId, 'Are you coming tonight?');
    await expect.poll(notes, { timeout: 10_000 }).toEqual(['Choir | Bo: Are you coming tonight?']);
    await ana.app.evaluate(() => globalThis.recorder?.shown.at(-1)?.click());
    await shows(ana.page.getByRole('heading', { name: 'Choir', level: 1 }));
    await reads(ana, 'Are you coming tonight?');
    await goTo(ana, 'Garden');
  });

  it('is told of without its words, or not at all, as the person wants it', async () => {
    const { page } = ana;
    const settings = await openSettings(ana, 'Notifications');
    await settings.getByRole('switch', { name: 'Show who wrote what' }).click();
    await takePictures(ana, 'settings-notifications');
    await says(bo, conversationId, 'A surprise for Cy');
    await expect.poll(async () => (await notes()).at(-1), { timeout: 10_000 }).toBe('Choir | A new message');
    await goTo(ana, 'Choir');
    await page.getByRole('button', { name: 'More about this group' }).click();
    await page.getByRole('menuitem', { name: 'Mute notifications' }).click();
    await shows(page.getByRole('navigation', { name: 'Groups' }).getByRole('img', { name: 'Muted' }));
    const before = (await notes()).length;
    await says(bo, conversationId, 'Nobody is disturbed by this');
    await reads(ana, 'Nobody is disturbed by this');
    await page.getByRole('button', { name: 'More about this group' }).click();
    await page.getByRole('menuitem', { name: 'Unmute notifications' }).click();
    await says(bo, conversationId, 'And by this again');
    await expect.poll(async () => (await notes()).length, { timeout: 10_000 }).toBe(before + 1);
  });
});
