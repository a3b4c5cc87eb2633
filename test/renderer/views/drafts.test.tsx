/** What was typed and not sent: it is there again, wherever one went meanwhile. */
import { screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { FakeApiError } from '../support/fakeBridge.ts';
import { openGroupPage, openPage, preparePage } from '../support/page.tsx';
import { ana, conversationId, detail, group, message, messageId, summary } from '../support/samples.ts';

preparePage();

const composer = () => screen.findByRole<HTMLTextAreaElement>('textbox', { name: 'Message to Garden' });
const groups = () => screen.findByRole('navigation', { name: 'Groups' });
const leaveWindow = (): boolean => window.dispatchEvent(new Event('blur'));

describe('a draft', () => {
  it('of an earlier window is in the list, and in the box with what it answers', async () => {
    const { user } = openPage({
      'draft.list': () => ({
        drafts: [{ conversationId: group, text: 'Half a thought', replyTo: message(1, ana, 'Morning') }],
      }),
    });
    expect(await within(await groups()).findByText('Half a thought')).toBeTruthy();
    await user.click(await screen.findByRole('button', { name: /^Garden.*Draft: Half a thought/u }));
    expect((await composer()).value).toBe('Half a thought');
    expect((await composer()).selectionStart).toBe('Half a thought'.length);
    expect(screen.getByText('Replying to Ana')).toBeTruthy();
    // Where one is, it stands in the box alone.
    expect(within(await groups()).queryByText('Draft:')).toBeNull();
  });

  it('is stored when the window is left, and forgotten when it was taken away', async () => {
    const { user, bridge } = await openGroupPage();
    await user.type(await composer(), 'Half');
    leaveWindow();
    expect(bridge.paramsOf('draft.set')).toEqual([{ conversationId: group, text: 'Half' }]);
    await user.clear(await composer());
    leaveWindow();
    expect(bridge.paramsOf('draft.set')).toEqual([
      { conversationId: group, text: 'Half' },
      { conversationId: group, text: '' },
    ]);
  });

  it('is stored by itself while somebody types', async () => {
    const { user, bridge } = await openGroupPage();
    await user.type(await composer(), 'Half');
    await waitFor(() => expect(bridge.paramsOf('draft.set')).toEqual([{ conversationId: group, text: 'Half' }]), {
      timeout: 5_000,
    });
  });

  it('stays stored until it is a message, and is forgotten then', async () => {
    let arrive = (): void => undefined;
    const sent = new Promise<void>((resolve) => (arrive = resolve));
    const { user, bridge } = await openGroupPage({
      'message.send': async () => {
        await sent;
        return { messageId: messageId(5) };
      },
    });
    await user.type(await composer(), 'All of it');
    leaveWindow();
    await user.keyboard('{Enter}');
    leaveWindow();
    expect((await composer()).value).toBe('');
    expect(bridge.paramsOf('draft.set')).toEqual([{ conversationId: group, text: 'All of it' }]);
    arrive();
    await waitFor(() =>
      expect(bridge.paramsOf('draft.set')).toEqual([
        { conversationId: group, text: 'All of it' },
        { conversationId: group, text: '' },
      ]),
    );
  });

  it('R-302 of a message that was not stored is stored again', async () => {
    const { user, bridge } = await openGroupPage({
      'message.send': () => {
        throw new FakeApiError('STORAGE', 'The disk is full.');
      },
    });
    await user.type(await composer(), 'precious{Enter}');
    await waitFor(() => expect(bridge.paramsOf('draft.set')).toEqual([{ conversationId: group, text: 'precious' }]));
  });

  it('that could not be stored or read is said to be in danger', async () => {
    const fail = (): never => {
      throw new FakeApiError('STORAGE', 'The disk is full.');
    };
    const { user } = await openGroupPage({ 'draft.set': fail, 'draft.list': fail });
    expect(await screen.findByText('What you had typed and not sent could not be read.')).toBeTruthy();
    await user.type(await composer(), 'x');
    leaveWindow();
    expect(await screen.findByText(/^What you are typing could not be stored/u)).toBeTruthy();
    expect((await composer()).value).toBe('x');
  });

  it('is of one group', async () => {
    const choir = conversationId('b');
    const { user } = await openGroupPage({
      'conversation.list': () => ({ conversations: [summary(), summary({ id: choir, name: 'Choir' })] }),
      'conversation.get': ({ conversationId: id }) => detail(id === choir ? { id: choir, name: 'Choir' } : {}),
    });
    await user.type(await composer(), 'For the garden');
    await user.click(screen.getByRole('button', { name: /^Choir/u }));
    expect(await screen.findByRole('button', { name: /^Garden.*Draft: For the garden/u })).toBeTruthy();
    expect((await screen.findByRole<HTMLTextAreaElement>('textbox', { name: 'Message to Choir' })).value).toBe('');
  });
});
