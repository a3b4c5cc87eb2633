/** The list of groups, a new group, invites in and out. */
import { screen, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { FakeApiError } from '../support/fakeBridge.ts';
import { never, openGroupPage, openPage, preparePage } from '../support/page.tsx';
import { ana, conversationId, detail, group, peer, peerId, summary } from '../support/samples.ts';

preparePage();

describe('the list of groups', () => {
  it('says that it is loading', async () => {
    openPage({ 'conversation.list': never });
    const list = within(await screen.findByRole('navigation', { name: 'Groups' }));
    expect(list.getByRole('status').textContent).toBe('Loading…');
  });

  it('says the two ways on when it is empty', async () => {
    const { user } = openPage({ 'conversation.list': () => ({ conversations: [] }) });
    await user.click(await screen.findByRole('button', { name: 'Start a group' }));
    expect(screen.getByRole('dialog', { name: 'New group' })).toBeTruthy();
    await user.keyboard('{Escape}');
    await user.click(screen.getByRole('button', { name: 'Open an invite' }));
    expect(screen.getByRole('dialog', { name: 'Open an invite' })).toBeTruthy();
  });

  it('says that it failed, and tries again', async () => {
    let fails = true;
    const { user } = openPage({
      'conversation.list': () => {
        if (fails) throw new FakeApiError('STORAGE', 'The disk is full.');
        return { conversations: [summary()] };
      },
    });
    const alert = await screen.findByRole('alert');
    expect(alert.textContent).toContain('The disk is full.');
    fails = false;
    await user.click(within(alert).getByRole('button', { name: 'Try again' }));
    expect(await screen.findByRole('button', { name: /^Garden/u })).toBeTruthy();
  });

  it('R-304 W-47 tells unread messages, waiting votes and a state in words', async () => {
    openPage({
      'conversation.list': () => ({
        conversations: [
          summary({ unread: 3, pendingVotes: 1 }),
          summary({ id: conversationId('b'), name: 'Choir', state: 'pendingJoin' }),
        ],
      }),
    });
    const item = await screen.findByRole('button', { name: /^Garden/u });
    expect(item.textContent).toContain('3 unread messages');
    expect(item.textContent).toContain('1 vote waits for you');
    expect(screen.getByRole('button', { name: /Choir/u }).textContent).toContain('Waiting to be let in');
  });

  it('is one stop for Tab, and arrows move inside it', async () => {
    const { user } = openPage({
      'conversation.list': () => ({
        conversations: [summary(), summary({ id: conversationId('b'), name: 'Choir' })],
      }),
    });
    const first = await screen.findByRole('button', { name: /^Garden/u });
    const second = screen.getByRole('button', { name: /^Choir/u });
    expect([first.tabIndex, second.tabIndex]).toEqual([0, -1]);
    first.focus();
    await user.keyboard('{ArrowDown}');
    expect(document.activeElement).toBe(second);
    expect([first.tabIndex, second.tabIndex]).toEqual([-1, 0]);
  });

  it('speaks of the connection only when nobody is reachable', async () => {
    openPage({ 'peer.list': () => ({ peers: [] }) });
    expect(await screen.findByText('Nobody is reachable')).toBeTruthy();
    expect(screen.getByText(/Nobody nearby yet/u)).toBeTruthy();
  });

  it('reminds of the recovery phrase until it was saved', async () => {
    const { emit } = openPage({
      'settings.get': () => ({
        theme: 'dark',
        visibleNearby: true,
        allowPublicAddresses: false,
        notifications: true,
        notificationText: true,
        recoveryPhraseSaved: false,
      }),
    });
    expect(await screen.findByRole('button', { name: 'Show phrase' })).toBeTruthy();
    expect(document.documentElement.dataset['theme']).toBe('dark');
    await emit({
      type: 'settings.changed',
      settings: {
        theme: 'light',
        visibleNearby: true,
        allowPublicAddresses: false,
        notifications: true,
        notificationText: true,
        recoveryPhraseSaved: true,
      },
    });
    expect(screen.queryByRole('button', { name: 'Show phrase' })).toBeNull();
    expect(document.documentElement.dataset['theme']).toBe('light');
  });
});

describe('a new group', () => {
  it('is made with the rules that were chosen, and opened', async () => {
    const { user, bridge } = openPage();
    await user.click(await screen.findByRole('button', { name: 'New group' }));
    await user.type(screen.getByLabelText('Name of the group'), 'Garden');
    await user.click(screen.getByRole('radio', { name: 'Strict' }));
    expect(screen.getByRole('region', { name: 'What this means' }).textContent).toContain('any 6 of your 9 members');
    await user.click(screen.getByRole('button', { name: 'Create group' }));
    expect(await screen.findByRole('heading', { name: 'Garden' })).toBeTruthy();
    expect(bridge.paramsOf('conversation.create')[0]).toMatchObject({
      name: 'Garden',
      settings: { membersMayInvite: false, consensusTimeoutMs: 86_400_000 },
    });
  });

  it('says what is wrong and stays open', async () => {
    const { user } = openPage({
      'conversation.create': () => {
        throw new FakeApiError('STORAGE', 'The disk is full.');
      },
    });
    await user.click(await screen.findByRole('button', { name: 'New group' }));
    await user.click(screen.getByRole('button', { name: 'Create group' }));
    expect((await screen.findByRole('alert')).textContent).toBe('Give the group a name first.');
    await user.type(screen.getByLabelText('Name of the group'), 'Garden');
    await user.click(screen.getByRole('button', { name: 'Create group' }));
    expect((await screen.findByRole('alert')).textContent).toBe('The disk is full.');
  });
});

describe('inviting', () => {
  it('shows the link and its code, who may use it, and sends it to people nearby', async () => {
    const { user, bridge } = await openGroupPage({
      'peer.list': () => ({ peers: [peer('Dana'), peer('Ana', { memberId: ana })] }),
    });
    await user.click(await screen.findByRole('button', { name: 'Invite' }));
    const dialog = within(screen.getByRole('dialog', { name: 'Invite people to Garden' }));
    expect((await dialog.findByLabelText<HTMLInputElement>('Invite link')).value).toBe('conclave:invite/abc');
    expect(dialog.getByRole('img', { name: 'QR code of the invite to Garden' })).toBeTruthy();
    expect(dialog.getByText(/will be let in while a member is online/u)).toBeTruthy();
    expect(dialog.getByText('Already a member')).toBeTruthy();
    await user.click(dialog.getByRole('button', { name: 'Send the invite to Dana' }));
    expect(await dialog.findByText('Sent')).toBeTruthy();
    expect(bridge.paramsOf('invite.send')).toEqual([{ conversationId: group, peerId: peerId('Dana') }]);
  });

  it('says that the group votes when its rules say so', async () => {
    const voted = detail();
    const { user } = await openGroupPage({
      'conversation.get': () => ({ ...voted, settings: { ...voted.settings, membersMayInvite: false } }),
    });
    await user.click(await screen.findByRole('button', { name: 'Invite' }));
    expect(screen.getByText(/then the group votes/u)).toBeTruthy();
  });

  it('says why there is no link, and tries again', async () => {
    let fails = true;
    const { user } = await openGroupPage({
      'invite.create': () => {
        if (fails) throw new FakeApiError('WRONG_STATE', 'Try again in a moment.');
        return { invite: 'conclave:x' };
      },
    });
    await user.click(await screen.findByRole('button', { name: 'Invite' }));
    expect(await screen.findByText('Try again in a moment.')).toBeTruthy();
    fails = false;
    await user.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await screen.findByLabelText('Invite link')).toBeTruthy();
  });

  it('switches the link off after asking once', async () => {
    const { user, bridge } = await openGroupPage();
    await user.click(await screen.findByRole('button', { name: 'Invite' }));
    await user.click(await screen.findByRole('button', { name: 'Switch this link off' }));
    expect(bridge.paramsOf('invite.reset')).toEqual([]);
    await user.click(screen.getByRole('button', { name: 'Switch off and make a new link' }));
    expect(bridge.paramsOf('invite.reset')).toEqual([{ conversationId: group }]);
    expect(await screen.findByLabelText('Invite link')).toBeTruthy();
  });
});

describe('opening an invite', () => {
  const choir = {
    conversationId: conversationId('z'),
    conversationName: 'Choir',
    invitedBy: ana,
    invitedByName: 'Ana',
    addresses: [],
  };

  it('says what group and from whom, and asks to join', async () => {
    const { user, bridge } = openPage({ 'invite.inspect': () => choir });
    await user.click(await screen.findByRole('button', { name: 'Open invite' }));
    await user.type(screen.getByLabelText('Invite link'), ' conclave:abc ');
    await user.click(screen.getByRole('button', { name: 'Look at the invite' }));
    expect(await screen.findByRole('heading', { name: 'Ana invites you to Choir' })).toBeTruthy();
    await user.click(screen.getByRole('button', { name: 'Ask to join' }));
    expect(bridge.paramsOf('conversation.join')).toEqual([{ invite: 'conclave:abc' }]);
  });

  it('answers a bad link with why and what to do', async () => {
    const { user } = openPage({
      'invite.inspect': () => {
        throw new FakeApiError('INVALID_INVITE', 'This link is cut off.');
      },
    });
    await user.click(await screen.findByRole('button', { name: 'Open invite' }));
    await user.type(screen.getByLabelText('Invite link'), 'nonsense');
    await user.click(screen.getByRole('button', { name: 'Look at the invite' }));
    expect((await screen.findByRole('alert')).textContent).toMatch(/cut off\. Ask for a new one/u);
    // What was pasted stays, to be looked at and mended.
    expect(screen.getByLabelText<HTMLInputElement>('Invite link').value).toBe('nonsense');
  });

  it('opens a group that one is already in', async () => {
    const { user, emit } = openPage({ 'invite.inspect': () => ({ ...choir, conversationId: group, alreadyIn: true }) });
    await screen.findByRole('button', { name: /^Garden/u });
    await emit({ type: 'invite.opened', invite: 'conclave:abc' });
    await user.click(await screen.findByRole('button', { name: 'Open the group' }));
    expect(await screen.findByRole('heading', { name: 'Garden' })).toBeTruthy();
    expect(screen.queryByRole('dialog')).toBeNull();
  });

  it('keeps an invite that somebody nearby sent', async () => {
    const { user, emit } = openPage({ 'invite.inspect': () => choir });
    await screen.findByRole('button', { name: /^Garden/u });
    await emit({ type: 'invite.received', from: peer('Ana'), conversationName: 'Choir', invite: 'conclave:abc' });
    const nearby = within(screen.getByRole('region', { name: 'People nearby' }));
    expect(nearby.getByText('Ana invites you to Choir')).toBeTruthy();
    await user.click(nearby.getByRole('button', { name: 'See the invite' }));
    expect(await screen.findByRole('button', { name: 'Ask to join' })).toBeTruthy();
  });
});
