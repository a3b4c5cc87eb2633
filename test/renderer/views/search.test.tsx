/** Looking for messages as a person meets it: typing, what was found, and what goes wrong. */
import { screen, waitFor, within } from '@testing-library/react';
import { beforeEach, describe, expect, it } from 'vitest';
import { endSearch } from '../../../renderer/state/search.ts';
import { FakeApiError } from '../support/fakeBridge.ts';
import { never, openGroupPage, preparePage } from '../support/page.tsx';
import { ana, group, message, messageId } from '../support/samples.ts';

preparePage();
beforeEach(() => endSearch());

const hit = (number: number, text: string) => ({ message: message(number, ana, text), snippet: text });
const field = () => screen.getByRole('searchbox', { name: 'Search messages' });
const results = () => screen.getByRole('region', { name: 'Messages found' });

describe('searching', () => {
  it('asks for what was typed, once the person pauses, and shows what stands out', async () => {
    const { user, bridge } = await openGroupPage({
      'message.search': ({ query }) => ({ hits: [hit(1, `We sow ${query} today`)] }),
    });
    await user.type(field(), 'beans');
    expect((await within(results()).findByText('beans')).tagName).toBe('MARK');
    expect(bridge.paramsOf('message.search')).toEqual([{ query: 'beans', limit: 30 }]);
    expect(within(results()).getByRole('status').textContent).toBe('1 message found');
    expect(screen.queryByRole('navigation', { name: 'Groups' })).toBeNull();
    await user.keyboard('{Escape}');
    expect(await screen.findByRole('navigation', { name: 'Groups' })).toBeTruthy();
  });

  it('here looks in this group until the person wants all of them', async () => {
    const { user, bridge } = await openGroupPage({ 'message.search': () => ({ hits: [] }) });
    await user.keyboard('{Control>}f{/Control}');
    expect(document.activeElement).toBe(field());
    expect(screen.getByText('In Garden')).toBeTruthy();
    expect(screen.getByText(/^Type a word/)).toBeTruthy();
    await user.keyboard('peas');
    expect(await screen.findByText('No message in Garden has “peas”.')).toBeTruthy();
    await user.click(within(results()).getByRole('button', { name: 'Search in all groups' }));
    expect(await screen.findByText('No message has “peas”.')).toBeTruthy();
    expect(bridge.paramsOf('message.search')).toEqual([
      { query: 'peas', limit: 30, conversationId: group },
      { query: 'peas', limit: 30 },
    ]);
    await user.keyboard('{Control>}{Shift>}f{/Shift}{/Control}');
    expect(screen.queryByText('In Garden')).toBeNull();
  });

  it('says that it looks, that it failed, and looks again', async () => {
    const { user, bridge } = await openGroupPage({ 'message.search': never });
    await user.type(field(), 'x');
    expect(await within(results()).findByText('Searching…')).toBeTruthy();
    bridge.handlers['message.search'] = () => {
      throw new FakeApiError('STORAGE', 'The disk cannot be read.');
    };
    await user.type(field(), 'y');
    expect((await within(results()).findByRole('alert')).textContent).toContain('The disk cannot be read.');
    bridge.handlers['message.search'] = () => ({ hits: [hit(1, 'xy')] });
    await user.click(within(results()).getByRole('button', { name: 'Try again' }));
    expect(await within(results()).findAllByRole('listitem')).toHaveLength(1);
  });

  it('goes on where a page ended, also after that failed', async () => {
    let fails = true;
    const { user, bridge } = await openGroupPage({
      'message.search': ({ before }) => {
        if (before === undefined) return { hits: [hit(2, 'beans two')], next: 7 };
        if (fails) throw new FakeApiError('STORAGE', 'no');
        return { hits: [hit(1, 'beans one')] };
      },
    });
    await user.type(field(), 'beans');
    await user.click(await within(results()).findByRole('button', { name: 'Show more' }));
    expect(await within(results()).findByText('More could not be loaded.')).toBeTruthy();
    fails = false;
    await user.click(within(results()).getByRole('button', { name: 'Show more' }));
    await waitFor(() => expect(within(results()).getAllByRole('listitem')).toHaveLength(2));
    expect(within(results()).queryByRole('button', { name: 'Show more' })).toBeNull();
    expect(bridge.paramsOf('message.search').at(-1)).toEqual({ query: 'beans', limit: 30, before: 7 });
    await user.keyboard('{Control>}f{/Control}{ArrowDown}');
    expect((document.activeElement as HTMLElement).textContent).toContain('two');
    await user.keyboard('{ArrowUp}');
    expect(document.activeElement).toBe(field());
  });

  it('shows a message in its place, or says that this computer does not have it', async () => {
    const { user, bridge } = await openGroupPage({
      'message.search': () => ({ hits: [hit(5, 'beans')] }),
      'message.list': ({ around, after, before }) => {
        if (after !== undefined) return never();
        if (before !== undefined) return { messages: [] };
        if (around === undefined) return { messages: [message(90, ana, 'newest', { replyTo: messageId(3) })] };
        if (around !== messageId(5)) throw new FakeApiError('NOT_FOUND', 'There is no such message.');
        return { messages: [message(6, ana, 'after'), message(5, ana, 'We sow beans'), message(4, ana, 'before')] };
      },
    });
    await user.click(await screen.findByRole('button', { name: 'Show the message that this answers' }));
    expect(await screen.findByText('This computer does not have that message.')).toBeTruthy();
    expect(screen.getByRole('article', { name: /newest/ })).toBeTruthy();
    await user.type(field(), 'beans');
    await user.click(await within(results()).findByRole('button', { name: /beans/ }));
    expect(await screen.findByRole('article', { name: /We sow beans/ })).toBeTruthy();
    expect(screen.queryByRole('article', { name: /newest/ })).toBeNull();
    await waitFor(() => expect(document.activeElement?.getAttribute('aria-label')).toMatch(/We sow beans/));
    expect(bridge.paramsOf('message.list').some(({ around }) => around === messageId(5))).toBe(true);
    await user.click(screen.getByRole('button', { name: 'Jump to latest' }));
    expect(await screen.findByRole('article', { name: /newest/ })).toBeTruthy();
  });

  it('is left for the newest messages by writing one', async () => {
    const { user } = await openGroupPage({
      'message.search': () => ({ hits: [hit(5, 'beans')] }),
      'message.list': ({ around, after, before }) => {
        if (after !== undefined) return never();
        if (before !== undefined) return { messages: [] };
        return { messages: [around === undefined ? message(90, ana, 'newest') : message(5, ana, 'We sow beans')] };
      },
    });
    await user.type(field(), 'beans');
    await user.click(await within(results()).findByRole('button', { name: /beans/ }));
    expect(await screen.findByRole('article', { name: /We sow beans/ })).toBeTruthy();
    await user.type(screen.getByRole('textbox', { name: 'Message to Garden' }), 'Found it{Enter}');
    expect(await screen.findByRole('article', { name: /newest/ })).toBeTruthy();
    expect(screen.queryByRole('button', { name: 'Jump to latest' })).toBeNull();
  });
});
