/** Opening a group: what is asked of the node, when it is asked again, and what the page keeps at most. */
import { screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { addMessage, openWindow, PAGE_SIZE, MOST_HELD } from '../../../renderer/state/messageWindow.ts';
import { receiveInvite, toast, useUi } from '../../../renderer/state/ui.ts';
import { never, openGroupPage, openPage, preparePage } from '../support/page.tsx';
import {
  ana,
  bo,
  conversationId,
  detail,
  group,
  me,
  member,
  message,
  peer,
  proposal,
  summary,
} from '../support/samples.ts';

preparePage();

describe('opening a group', () => {
  it('R-305 reads its state, members, stewards and votes, and its newest messages, once', async () => {
    const { bridge } = await openGroupPage({
      'conversation.get': () => detail({ openProposals: [proposal(7)] }),
      'message.list': () => ({ messages: [message(1, ana, 'Morning')] }),
    });
    expect(await screen.findByText('Morning')).toBeTruthy();
    expect(await screen.findByRole('article', { name: 'Ana asks to remove Bo' })).toBeTruthy();
    expect(bridge.paramsOf('conversation.get')).toEqual([{ conversationId: group }]);
    expect(bridge.paramsOf('message.list')).toEqual([{ conversationId: group, limit: PAGE_SIZE }]);
  });

  it('begins where one left when more than a page is new, with the line above the first new message', async () => {
    const read = message(100, ana, 'Read');
    const { bridge } = await openGroupPage({
      'conversation.list': () => ({ conversations: [summary({ unread: 80, readUpTo: read.messageId })] }),
      'message.list': ({ around, before }) => {
        if (around === undefined) return before === undefined ? never() : { messages: [] };
        return { messages: [message(102, bo, 'Second new'), message(101, ana, 'First new'), read] };
      },
    });
    expect(await screen.findByRole('article', { name: /First new/u })).toBeTruthy();
    const [, line] = screen.getAllByText('New');
    expect(line).toBeUndefined();
    const item = screen.getByText('New').parentElement;
    expect(item?.textContent).toContain('First new');
    expect(item?.textContent).not.toContain('Second new');
    expect(screen.getByRole('button', { name: 'Jump to latest' })).toBeTruthy();
    expect(bridge.paramsOf('message.list')[0]).toEqual({
      conversationId: group,
      around: read.messageId,
      limit: PAGE_SIZE,
    });
  });

  it('draws the line anew above what came while the window was left, and once', async () => {
    const { emit } = await openGroupPage({ 'message.list': () => ({ messages: [message(1, ana, 'Morning')] }) });
    expect(await screen.findByRole('article', { name: /Morning/u })).toBeTruthy();
    const come = (number: number, sender: typeof ana, words: string) =>
      emit({ type: 'message.added', conversationId: group, message: message(number, sender, words) });
    await come(2, bo, 'Seen');
    expect(screen.queryByText('New')).toBeNull();
    document.hasFocus = () => false;
    await come(3, me, 'From elsewhere');
    expect(screen.queryByText('New')).toBeNull();
    await come(4, bo, 'Missed');
    await come(5, bo, 'Missed, too');
    expect(screen.getByText('New').parentElement?.textContent).toContain('Missed');
    expect(screen.getByText('New').parentElement?.textContent).not.toContain('too');
  });

  it('R-305 reads members and votes again when the group is back at work', async () => {
    let current = detail({ state: 'freezing' });
    const { bridge, emit, user } = await openGroupPage({ 'conversation.get': () => current });
    await user.click(await screen.findByRole('button', { name: 'Show members, votes and rules' }));
    const panel = () => within(screen.getByRole('tabpanel'));
    expect(panel().getByText('Cy')).toBeTruthy();
    const before = bridge.paramsOf('conversation.get').length;
    current = detail({ state: 'working', epoch: 4, members: [member(me), member(ana), member(bo)] });
    await emit({ type: 'conversation.stateChanged', conversationId: group, state: 'working' });
    await waitFor(() => expect(bridge.paramsOf('conversation.get').length).toBeGreaterThan(before));
    await waitFor(() => expect(panel().queryByText('Cy')).toBeNull());
    expect(panel().getByText('Bo')).toBeTruthy();
  });

  it('R-304 W-47 shows the votes that came while another group was open', async () => {
    const other = conversationId('b');
    let votes = [proposal(7)];
    const { emit, user } = openPage({
      'conversation.list': () => ({
        conversations: [summary({ pendingVotes: votes.length }), summary({ id: other, name: 'Choir' })],
      }),
      'conversation.get': ({ conversationId: id }) =>
        id === other ? detail({ id: other, name: 'Choir' }) : detail({ openProposals: votes }),
    });
    await user.click(await screen.findByRole('button', { name: /^Choir/u }));
    votes = [proposal(7), proposal(8, { target: me, targetName: 'Mia' })];
    await emit({ type: 'proposal.opened', conversationId: group, proposal: votes[1]! });
    await waitFor(() =>
      expect(screen.getByRole('button', { name: /^Garden/u }).textContent).toContain('2 votes wait for you'),
    );
    await user.click(screen.getByRole('button', { name: /^Garden/u }));
    const tray = within(await screen.findByRole('region', { name: 'Open votes' }));
    for (const name of ['Ana asks to remove Bo', 'Ana asks to remove you'])
      expect(await tray.findByRole('article', { name })).toBeTruthy();
  });
});

describe('what the page keeps', () => {
  it('R-306 W-38 is bounded: few notes, the newest of them, each once; ten invites; a stretch of messages', () => {
    for (let index = 0; index < 12; index += 1) toast('error', `Trouble ${String(index % 6)}`);
    expect(useUi.getState().toasts.map(({ text }) => text)).toEqual(['Trouble 3', 'Trouble 4', 'Trouble 5']);
    for (let index = 0; index < 15; index += 1)
      receiveInvite({ from: peer('Ana'), conversationName: `G${String(index)}`, invite: `conclave:${String(index)}` });
    expect(useUi.getState().received).toHaveLength(10);
    expect(useUi.getState().received[0]?.conversationName).toBe('G14');
    let window = openWindow([message(1, ana, 'Morning')]);
    let most = 0;
    for (let index = 2; index < MOST_HELD + 40; index += 1) {
      window = addMessage(window, message(index, ana, `m${String(index)}`), true);
      most = Math.max(most, window.messages.length);
    }
    expect(most).toBe(MOST_HELD);
    expect(window.messages.at(-1)?.text).toBe(`m${String(MOST_HELD + 39)}`);
  });
});
