/** Settings, the network page, keys, and short notes. */
import { screen, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { FakeApiError } from '../support/fakeBridge.ts';
import { never, openPage, preparePage } from '../support/page.tsx';
import { diagnostics } from '../support/samples.ts';

preparePage();

async function openSettings(tab: string, more: Parameters<typeof openPage>[0] = {}) {
  const page = openPage(more);
  await page.user.click(await screen.findByRole('button', { name: 'Settings' }));
  await page.user.click(await screen.findByRole('tab', { name: tab }));
  return page;
}

describe('settings', () => {
  it('change the name', async () => {
    const { user, bridge } = await openSettings('You');
    const field = screen.getByLabelText('Your name');
    await user.clear(field);
    await user.type(field, 'Maria');
    await user.click(screen.getByRole('button', { name: 'Save name' }));
    expect(bridge.paramsOf('identity.setDisplayName')).toEqual([{ displayName: 'Maria' }]);
    expect(await screen.findByText('Your name was changed.')).toBeTruthy();
  });

  it('change the theme at once', async () => {
    const { user } = await openSettings('Appearance');
    await user.click(await screen.findByRole('radio', { name: 'Dark' }));
    expect(document.documentElement.dataset['theme']).toBe('dark');
  });

  it('say when a change was not stored, and leave the switch', async () => {
    const { user } = await openSettings('Privacy', {
      'settings.set': () => {
        throw new FakeApiError('STORAGE', 'The disk is full.');
      },
    });
    const visible = await screen.findByRole('switch', { name: 'Visible to people nearby' });
    await user.click(visible);
    expect((await screen.findByRole('alert')).textContent).toBe('The disk is full.');
    expect(visible.getAttribute('aria-checked')).toBe('true');
  });

  it('say when they cannot be read', async () => {
    await openSettings('Privacy', {
      'settings.get': () => {
        throw new FakeApiError('STORAGE', 'The disk is full.');
      },
    });
    expect((await screen.findByRole('alert')).textContent).toContain('The settings could not be loaded');
  });

  it('show the recovery phrase only after a question, and remember that it was saved', async () => {
    const { user, bridge } = await openSettings('Recovery phrase', {
      'settings.get': () => ({
        theme: 'system',
        visibleNearby: true,
        allowPublicAddresses: false,
        notifications: true,
        notificationText: true,
        recoveryPhraseSaved: false,
      }),
    });
    await user.click(screen.getByRole('button', { name: 'Show the recovery phrase' }));
    expect(bridge.paramsOf('identity.revealRecoveryPhrase')).toEqual([]);
    await user.click(await screen.findByRole('button', { name: 'Show it' }));
    const words = await screen.findByRole('list', { name: 'Your recovery phrase' });
    expect(
      within(words)
        .getAllByRole('listitem')
        .map((item) => item.textContent),
    ).toEqual(['alpha', 'bravo', 'charlie', 'delta']);
    await user.click(screen.getByRole('button', { name: 'I have saved it' }));
    expect(bridge.paramsOf('settings.set')).toEqual([{ patch: { recoveryPhraseSaved: true } }]);
  });
});

describe('the network page', () => {
  it('begins with the advice, then shows addresses, interfaces and people', async () => {
    await openSettings('Network');
    expect(await screen.findByText(diagnostics.advice)).toBeTruthy();
    expect(screen.getByText('/ip4/192.168.1.7/tcp/40123')).toBeTruthy();
    expect(screen.getByRole('cell', { name: 'No: container' })).toBeTruthy();
    expect(screen.getByText('Connected, answers in 3 ms')).toBeTruthy();
  });

  it('is loading, or failed with a way to try again', async () => {
    await openSettings('Network', { 'diagnostics.network': never });
    expect((await screen.findAllByText('Loading…')).length).toBeGreaterThan(0);
  });

  it('says that it failed', async () => {
    await openSettings('Network', {
      'diagnostics.network': () => {
        throw new FakeApiError('INTERNAL', 'stack');
      },
    });
    expect((await screen.findByRole('alert')).textContent).toContain('The network report could not be made');
  });

  it('connects to an address and says why it could not', async () => {
    const { user, bridge } = await openSettings('Network', {
      'peer.connect': () => {
        throw new FakeApiError('NETWORK', 'Nobody answers at this address.');
      },
    });
    await user.type(await screen.findByLabelText('Address'), ' /ip4/10.0.0.2/tcp/1 ');
    await user.click(screen.getByRole('button', { name: 'Connect' }));
    expect((await screen.findByRole('alert')).textContent).toBe('Nobody answers at this address.');
    expect(bridge.paramsOf('peer.connect')).toEqual([{ address: '/ip4/10.0.0.2/tcp/1' }]);
  });
});

describe('keys and notes', () => {
  it('open the sheet with Ctrl+/ and close it with Esc, with focus where it was', async () => {
    const { user } = openPage();
    const button = await screen.findByRole('button', { name: 'New group' });
    button.focus();
    await user.keyboard('{Control>}/{/Control}');
    expect(await screen.findByRole('dialog', { name: 'Keyboard' })).toBeTruthy();
    await user.keyboard('{Escape}');
    expect(screen.queryByRole('dialog')).toBeNull();
    expect(document.activeElement).toBe(button);
  });

  it('go through the groups with Alt and arrows', async () => {
    const { user } = openPage();
    await screen.findByRole('button', { name: /^Garden/u });
    await user.keyboard('{Alt>}{ArrowDown}{/Alt}');
    expect(await screen.findByRole('heading', { name: 'Garden' })).toBeTruthy();
  });

  it('show what the node has to say, and read everything again when events were lost', async () => {
    const { emit, bridge } = openPage();
    await screen.findByRole('button', { name: /^Garden/u });
    const before = bridge.paramsOf('conversation.list').length;
    await emit({ type: 'notice', level: 'warning', text: 'The clock of this computer is wrong.' });
    expect(await screen.findByText('The clock of this computer is wrong.')).toBeTruthy();
    await emit({ type: 'events.lost', count: 3 });
    expect(bridge.paramsOf('conversation.list').length).toBeGreaterThan(before);
  });
});
