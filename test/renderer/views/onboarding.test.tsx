/** First run, restore, and problems with the profile, as a person meets them. */
import { screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import type { IdentityStatus } from '../../../renderer/state/identity.ts';
import { fullTime } from '../../../renderer/text/time.ts';
import { FakeApiError } from '../support/fakeBridge.ts';
import { never, openPage, preparePage } from '../support/page.tsx';
import { me } from '../support/samples.ts';

preparePage();

type Problem = NonNullable<IdentityStatus['problem']>;
const problem = (cause: Problem['cause'], more: Partial<Problem> = {}): Problem => ({
  code: 'STORAGE',
  message: 'It is like this.',
  cause,
  directory: '/home/mia/profile',
  ...more,
});

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
              problem: problem('keychainUnavailable', { code: 'KEYCHAIN_UNAVAILABLE', message: 'No secret service.' }),
            }
          : { exists: true, memberId: me, keychain: 'os' };
      },
    });
    expect(await screen.findByRole('heading', { name: 'No keychain was found' })).toBeTruthy();
    expect(screen.getByText('No secret service.')).toBeTruthy();
    await user.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await screen.findByRole('button', { name: 'New group' })).toBeTruthy();
  });

  it('says of a damaged store that it was kept, from when the last good copy is, and restores that', async () => {
    let restored = false;
    const takenAt = Date.UTC(2026, 3, 2, 14, 2);
    const { user, bridge } = openPage({
      'identity.status': () =>
        restored
          ? { exists: true, memberId: me, keychain: 'os' }
          : { exists: true, keychain: 'os', problem: problem('damaged', { copy: { takenAt } }) },
      'identity.restoreCopy': () => {
        restored = true;
        return { takenAt };
      },
      'conversation.list': () => ({ conversations: [] }),
    });
    expect(await screen.findByRole('heading', { name: 'Your messages could not be read' })).toBeTruthy();
    const alert = screen.getByRole('alert').textContent;
    expect(alert).toContain('It was kept unchanged.');
    expect(alert).toContain(`The last good copy is from ${fullTime(takenAt)}.`);
    expect(alert).toContain('What was written after that is not in it');
    expect(screen.getByText('/home/mia/profile')).toBeTruthy();
    await user.click(screen.getByRole('button', { name: `Restore the copy of ${fullTime(takenAt)}` }));
    expect(await screen.findByRole('heading', { name: 'No groups yet' })).toBeTruthy();
    expect(bridge.paramsOf('identity.restoreCopy')).toEqual([{}]);
  });

  it('says when there is no good copy, and quits', async () => {
    const { user, bridge } = openPage({
      'identity.status': () => ({ exists: true, keychain: 'os', problem: problem('damaged') }),
      'app.shutdown': () => ({}),
    });
    expect((await screen.findByRole('alert')).textContent).toContain('There is no good copy of it');
    expect(screen.queryByRole('button', { name: /^Restore/u })).toBeNull();
    await user.click(screen.getByRole('button', { name: 'Quit Conclave' }));
    expect(bridge.paramsOf('app.shutdown')).toEqual([{}]);
  });

  it('stays with a copy that could not be restored, and says why', async () => {
    const { user } = openPage({
      'identity.status': () => ({
        exists: true,
        keychain: 'os',
        problem: problem('damaged', { copy: { takenAt: 1 } }),
      }),
      'identity.restoreCopy': () => {
        throw new FakeApiError('STORAGE', 'The disk is full.');
      },
    });
    await user.click(await screen.findByRole('button', { name: /^Restore the copy/u }));
    expect(await screen.findByText('The disk is full.')).toBeTruthy();
  });

  it.each([
    ['otherKey', 'Your messages belong to another key'],
    ['unreadable', 'Your messages could not be read'],
    ['keychainUnreadable', 'The keychain has something else'],
  ] as const)('takes the recovery phrase where the keychain does not help: %s', async (cause, title) => {
    const { user, bridge } = openPage({
      'identity.status': () => ({ exists: true, keychain: 'os', problem: problem(cause) }),
      'identity.restore': () => ({ memberId: me }),
    });
    expect(await screen.findByRole('heading', { name: title })).toBeTruthy();
    await user.type(screen.getByLabelText('Your name'), 'Mia');
    const phrase = 'one two three four five six seven eight nine ten eleven twelve';
    await user.type(screen.getByLabelText('Recovery phrase', { selector: 'textarea' }), phrase);
    await user.click(screen.getByRole('button', { name: 'Restore' }));
    expect(bridge.paramsOf('identity.restore')).toEqual([{ displayName: 'Mia', recoveryPhrase: phrase }]);
  });

  it.each([
    ['keychainLocked', 'The keychain is locked'],
    ['full', 'The disk is full'],
    ['inUse', 'Your messages are in use'],
    ['newerVersion', 'This needs a newer Conclave'],
    ['other', 'Conclave could not open your profile'],
  ] as const)('names what it is: %s', async (cause, title) => {
    openPage({ 'identity.status': () => ({ exists: true, keychain: 'os', problem: problem(cause) }) });
    expect(await screen.findByRole('heading', { name: title })).toBeTruthy();
    expect(screen.getByText('It is like this.')).toBeTruthy();
    expect(screen.getByRole('button', { name: cause === 'newerVersion' ? 'Quit Conclave' : 'Try again' })).toBeTruthy();
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
