/** First run, restore, and problems with the profile, as a person meets them. */
import { screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { FakeApiError } from '../support/fakeBridge.ts';
import { never, openPage, preparePage } from '../support/page.tsx';
import { me } from '../support/samples.ts';

preparePage();

const nobody = () => ({ exists: false, keychain: 'os' }) as const;

describe('the first run', () => {
  it('takes a name and one button, and leads into the empty list', async () => {
    let created = false;
    const { user, bridge } = openPage({
      'identity.status': () =>
        created
          ? { exists: true, memberId: me, displayName: 'Mia', keychain: 'os', hasRecoveryPhrase: true }
          : nobody(),
      'identity.create': () => {
        created = true;
        return { memberId: me, recoveryPhrase: 'a b' };
      },
      'conversation.list': () => ({ conversations: [] }),
    });
    await user.type(await screen.findByLabelText('Your name'), 'Mia');
    await user.click(screen.getByRole('button', { name: 'Start' }));
    expect(await screen.findByRole('heading', { name: 'No groups yet' })).toBeTruthy();
    expect(bridge.paramsOf('identity.create')).toEqual([{ displayName: 'Mia' }]);
  });

  it('asks for a name before it asks the node', async () => {
    const { user, bridge } = openPage({ 'identity.status': nobody });
    await user.click(await screen.findByRole('button', { name: 'Start' }));
    expect((await screen.findByRole('alert')).textContent).toBe('Write your name first.');
    expect(bridge.paramsOf('identity.create')).toEqual([]);
  });

  it('says why it did not work and keeps the name', async () => {
    const { user } = openPage({
      'identity.status': nobody,
      'identity.create': () => {
        throw new FakeApiError('KEYCHAIN_UNAVAILABLE', 'No keychain answers.');
      },
    });
    await user.type(await screen.findByLabelText('Your name'), 'Mia');
    await user.click(screen.getByRole('button', { name: 'Start' }));
    expect((await screen.findByRole('alert')).textContent).toBe('No keychain answers.');
    expect(screen.getByLabelText<HTMLInputElement>('Your name').value).toBe('Mia');
  });

  it('restores from a phrase in any spacing', async () => {
    const { user, bridge } = openPage({ 'identity.status': nobody });
    await user.click(await screen.findByRole('button', { name: 'I have a recovery phrase' }));
    await user.type(screen.getByLabelText('Your name'), 'Mia');
    await user.type(
      screen.getByLabelText('Recovery phrase', { selector: 'textarea' }),
      '  One two three four five six',
    );
    await user.click(screen.getByRole('button', { name: 'Restore' }));
    expect((await screen.findByRole('alert')).textContent).toBe('That is 6 words; the phrase has 12.');
    await user.type(
      screen.getByLabelText('Recovery phrase', { selector: 'textarea' }),
      ' seven eight nine ten eleven  TWELVE',
    );
    await user.click(screen.getByRole('button', { name: 'Restore' }));
    expect(bridge.paramsOf('identity.restore')).toEqual([
      {
        displayName: 'Mia',
        recoveryPhrase: 'one two three four five six seven eight nine ten eleven twelve',
      },
    ]);
  });

  it('restores from a private key', async () => {
    const { user, bridge } = openPage({ 'identity.status': nobody });
    await user.click(await screen.findByRole('button', { name: 'I have a recovery phrase' }));
    await user.type(screen.getByLabelText('Your name'), 'Mia');
    await user.click(screen.getByRole('radio', { name: 'Private key' }));
    await user.type(screen.getByLabelText('Private key', { selector: 'input' }), '0xff');
    await user.click(screen.getByRole('button', { name: 'Restore' }));
    expect(bridge.paramsOf('identity.restore')).toEqual([{ displayName: 'Mia', privateKey: '0xff' }]);
  });
});

describe('a profile that cannot be opened', () => {
  it('is loading first', () => {
    openPage({ 'identity.status': never });
    expect(screen.getByText('Loading…')).toBeTruthy();
  });

  it('names a missing keychain, and tries again', async () => {
    let tries = 0;
    const { user } = openPage({
      'identity.status': () => {
        tries += 1;
        return tries === 1
          ? {
              exists: false,
              keychain: 'unavailable',
              problem: { code: 'KEYCHAIN_UNAVAILABLE', message: 'No secret service.' },
            }
          : { exists: true, memberId: me, keychain: 'os' };
      },
    });
    expect(await screen.findByRole('heading', { name: 'No keychain was found' })).toBeTruthy();
    expect(screen.getByText('No secret service.')).toBeTruthy();
    await user.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await screen.findByRole('button', { name: 'New group' })).toBeTruthy();
  });

  it('says of a damaged store that it was kept', async () => {
    openPage({
      'identity.status': () => ({
        exists: true,
        keychain: 'os',
        problem: { code: 'STORAGE', message: 'The database is damaged.' },
      }),
    });
    expect(await screen.findByRole('heading', { name: 'Your data could not be opened' })).toBeTruthy();
    expect(screen.getByRole('alert').textContent).toContain('It was kept unchanged.');
  });

  it('leads to the restore when the secret is gone', async () => {
    openPage({ 'identity.status': () => ({ exists: false, keychain: 'os', needsRestore: true }) });
    expect(await screen.findByRole('heading', { name: 'Your data is here, its key is not' })).toBeTruthy();
    expect(screen.queryByRole('button', { name: 'I am new here' })).toBeNull();
  });

  it('offers to try again when the node does not answer', async () => {
    openPage({
      'identity.status': () => {
        throw new FakeApiError('INTERNAL', 'TypeError: x is undefined');
      },
    });
    expect(await screen.findByRole('heading', { name: 'Conclave could not start' })).toBeTruthy();
    expect(screen.queryByText(/TypeError/u)).toBeNull();
  });
});
