/** Naming people: the list of names in the message box, and how it stands in what was said. */
import { screen, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { openGroupPage, preparePage } from '../support/page.tsx';
import { ana, bo, cy, detail, me, member, message } from '../support/samples.ts';

preparePage();

const composer = () => screen.findByRole<HTMLTextAreaElement>('textbox', { name: 'Message to Garden' });
const list = () => screen.queryByRole('listbox', { name: 'People in this group' });
const options = (): string[] =>
  list() === null
    ? []
    : within(list()!)
        .getAllByRole('option')
        .map((option) => option.textContent.slice(1));
const activeOption = async (): Promise<string | undefined> => {
  const id = (await composer()).getAttribute('aria-activedescendant');
  return id === null ? undefined : document.getElementById(id)?.textContent.slice(1);
};

describe('naming somebody', () => {
  it('is completed with the keyboard, and Enter sends only afterwards', async () => {
    const { user, bridge } = await openGroupPage();
    await user.type(await composer(), 'Ask @');
    expect(options()).toEqual(['Ana', 'Bo', 'Cy']);
    expect(await activeOption()).toBe('Ana');
    await user.keyboard('{ArrowDown}{ArrowDown}{ArrowDown}{ArrowUp}');
    expect(await activeOption()).toBe('Cy');
    await user.keyboard('{ArrowDown}{ArrowDown}{Enter}');
    expect((await composer()).value).toBe('Ask @Bo ');
    expect(bridge.paramsOf('message.send')).toEqual([]);
    expect(list()).toBeNull();
    await user.keyboard('{Enter}');
    expect(bridge.paramsOf('message.send')).toMatchObject([{ text: 'Ask @Bo' }]);
  });

  it('is completed in the middle of a text, with Tab or the mouse', async () => {
    const { user } = await openGroupPage();
    await user.type(await composer(), 'Hello , how are you?');
    await user.keyboard('{ArrowLeft>14/}@c{Tab}');
    expect((await composer()).value).toBe('Hello @Cy , how are you?');
    expect(document.activeElement).toBe(await composer());
    expect((await composer()).selectionStart).toBe('Hello @Cy '.length);
    await user.keyboard('@');
    await user.click(screen.getByRole('option', { name: /Bo/u }));
    expect((await composer()).value).toBe('Hello @Cy @Bo , how are you?');
    expect(document.activeElement).toBe(await composer());
  });

  it('can be refused: Esc closes the list and nothing else', async () => {
    const { user, bridge } = await openGroupPage();
    await user.type(await composer(), '@a');
    expect(options()).toEqual(['Ana']);
    await user.keyboard('{Escape}n');
    expect(list()).toBeNull();
    expect((await composer()).value).toBe('@an');
    await user.keyboard('{Enter}');
    expect(bridge.paramsOf('message.send')).toMatchObject([{ text: '@an' }]);
    await user.keyboard('@b');
    expect(options()).toEqual(['Bo']);
  });

  it('tells two people of one name apart', async () => {
    const { user } = await openGroupPage({
      'conversation.get': () =>
        detail({ members: [member(me), member(ana), member(bo, { displayName: 'Ana' }), member(cy)] }),
    });
    await user.type(await composer(), '@an');
    expect(options()).toEqual([expect.stringMatching(/^Ana0xa1/u), expect.stringMatching(/^Ana0xb0/u)]);
  });

  it('stands out in what was said, and whoever is named is told', async () => {
    await openGroupPage({
      'message.list': () => ({
        messages: [message(3, me, '@Mia: bread'), message(2, bo, 'No, @Cy is.'), message(1, ana, 'Is @Mia coming?')],
      }),
    });
    const own = await screen.findAllByText('@Mia');
    expect(own.map((name) => name.className)).toEqual(Array.from({ length: 2 }, () => 'mention mention-self'));
    expect(screen.getByText('@Cy').className).toBe('mention');
    const labels = (await screen.findAllByRole('article')).map((article) => article.getAttribute('aria-label'));
    expect(labels.filter((label) => label?.endsWith(', mentions you'))).toEqual([
      expect.stringContaining('Ana: Is @Mia coming?'),
    ]);
  });
});
