/** What a person can check for themselves at the window: a decision anew, and who is at the other end. */
import { screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { FakeApiError } from '../support/fakeBridge.ts';
import { openGroupPage, preparePage } from '../support/page.tsx';
import { ana, bo, cy, entry, me, proposal, systemMessage, T0 } from '../support/samples.ts';

preparePage();

describe('a line about the group', () => {
  it('checks a change anew on one click, shows the arithmetic, and saves it as a file', async () => {
    const commitHash = 'ab'.repeat(32);
    const line = systemMessage(
      1,
      entry({ kind: 'left', cause: 'removed', target: cy, targetName: 'Cy', proposer: bo, commitHash }),
    );
    const ids = [me, ana, bo, cy].map((memberId) => ({ memberId }));
    const { user, bridge } = await openGroupPage({
      'message.list': () => ({ messages: [line] }),
      'governance.verify': () => ({
        check: {
          outcome: 'holds',
          beginning: { isCreation: true, epoch: 0, members: [{ memberId: ana }] },
          checked: 4,
          epoch: 4,
          commitHash,
          committer: { memberId: ana },
          members: 4,
          changes: [{ memberId: cy, removed: true }],
          attested: [],
          decisions: [
            {
              proposalId: proposal(1).proposalId,
              proposer: { memberId: bo, displayName: 'Bo' },
              by: 'silence',
              asked: ids,
              expected: 4,
              needed: 3,
              silenceCountsAsYes: true,
              openedAt: T0,
              closesAt: T0,
              votes: [{ memberId: bo, approve: true, at: T0 }],
              covers: [{ memberId: cy, removed: true }],
            },
          ],
        },
      }),
      'governance.exportDecision': () => ({ fileName: 'decision-ab.json', content: '{}' }),
    });
    await user.click(await screen.findByRole('button', { name: 'Why?' }));
    await user.click(screen.getByRole('button', { name: 'Check this again' }));
    expect(await screen.findByText('Checked on this computer: it holds.', { selector: 'strong' })).toBeTruthy();
    expect(screen.getByText('Signed votes, each checked: 1 yes, 0 no. 3 silent.')).toBeTruthy();
    expect(screen.getByText(/Silence counts as yes: 1 \+ 3 = 4, and 3 were needed\./)).toBeTruthy();
    expect(screen.getByText(/^The chain of 4 changes, back to the creation of the group, is unbroken\./)).toBeTruthy();
    await user.click(screen.getByRole('button', { name: 'Save as a file…' }));
    await waitFor(() => expect(bridge.saved).toEqual([{ name: 'decision-ab.json', content: '{}' }]));

    bridge.handlers['governance.verify'] = () => ({
      check: { outcome: 'refuted', record: 2, fault: 'InvalidVote', member: { memberId: bo, displayName: 'Bo' } },
    });
    await user.click(screen.getByRole('button', { name: 'Check this again' }));
    expect(await screen.findByText('Checked on this computer: it does not hold.', { selector: 'strong' })).toBeTruthy();
    expect(screen.getByText('The signature of a vote is wrong. (Bo)')).toBeTruthy();
    bridge.handlers['governance.verify'] = () => {
      throw new FakeApiError('NOT_FOUND', 'The journal of this group on this computer has no such change.');
    };
    await user.click(screen.getByRole('button', { name: 'Check this again' }));
    expect((await screen.findByRole('alert')).textContent).toContain('has no such change');
  });

  it('says loudly that somebody came with another device, and opens the number to compare', async () => {
    const changed = { ...systemMessage(1, entry({ kind: 'deviceChanged', target: bo, targetName: 'Bo' })), sender: bo };
    const { user, bridge } = await openGroupPage({
      'message.list': () => ({ messages: [changed] }),
      'member.safetyNumber': () => {
        throw new FakeApiError('NOT_FOUND', 'You share no group with this member.');
      },
    });
    const line = await screen.findByRole('article', { name: /^Bo came with another device/ });
    expect(within(line).queryByRole('button', { name: 'Why?' })).toBeNull();
    await user.click(within(line).getByRole('button', { name: 'Verify…' }));
    const dialog = await screen.findByRole('dialog', { name: 'Verify Bo' });
    expect((await within(dialog).findByRole('alert')).textContent).toContain('You share no group with this member.');
    bridge.handlers['member.safetyNumber'] = () => ({ safetyNumber: '0123456789'.repeat(6) });
    bridge.handlers['member.setVerified'] = () => {
      throw new FakeApiError('WRONG_STATE', 'The number has changed meanwhile.');
    };
    await user.click(within(dialog).getByRole('button', { name: 'Try again' }));
    const number = await within(dialog).findByRole('group', { name: 'Safety number' });
    expect(number.textContent).toBe('0123456789'.repeat(6));
    await user.click(within(dialog).getByRole('button', { name: 'They match' }));
    expect((await within(dialog).findByRole('alert')).textContent).toContain('The number has changed meanwhile.');
    expect(bridge.paramsOf('member.setVerified')).toEqual([
      { memberId: bo, verified: true, safetyNumber: '0123456789'.repeat(6) },
    ]);
  });
});
