/** A group as a person meets it: loading, waiting, talking, voting, ended. */
import { screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { FakeApiError } from '../support/fakeBridge.ts';
import { never, openGroupPage, preparePage } from '../support/page.tsx';
import {
  ana,
  bo,
  cy,
  detail,
  entry,
  group,
  me,
  member,
  message,
  messageId,
  proposal,
  systemMessage,
  T0,
} from '../support/samples.ts';

preparePage();

const composer = () => screen.findByRole<HTMLTextAreaElement>('textbox', { name: 'Message to Garden' });

describe('a conversation', () => {
  it('says that it is loading, that it failed, and loads again', async () => {
    await openGroupPage({ 'conversation.get': never });
    expect(await screen.findByText('Loading…')).toBeTruthy();
  });

  it('says why it cannot be read', async () => {
    let fails = true;
    const { user } = await openGroupPage({
      'conversation.get': () => {
        if (fails) throw new FakeApiError('STORAGE', 'The disk is full.');
        return detail();
      },
    });
    expect((await screen.findByRole('alert')).textContent).toContain('This group could not be loaded');
    fails = false;
    await user.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await composer()).toBeTruthy();
  });

  it('says why its messages cannot be read, and still lets one write', async () => {
    await openGroupPage({
      'message.list': () => {
        throw new FakeApiError('STORAGE', 'The disk is full.');
      },
    });
    expect((await screen.findByRole('alert')).textContent).toContain('The messages could not be loaded');
    expect(await composer()).toBeTruthy();
  });

  it('says what to do in a group of one, until something is said', async () => {
    const began = systemMessage(1, entry({ kind: 'joined', target: me, actor: me, rule: 'created', epoch: 0 }));
    const { emit } = await openGroupPage({
      'conversation.get': () => detail({ members: [member(me)] }),
      'message.list': () => ({ messages: [began] }),
    });
    expect(await screen.findByText('You started the group')).toBeTruthy();
    expect(await screen.findByRole('button', { name: 'Invite people' })).toBeTruthy();
    await emit({ type: 'message.added', conversationId: group, message: message(2, me, 'Note to self') });
    expect(screen.queryByRole('button', { name: 'Invite people' })).toBeNull();
  });

  it('tells somebody who has just come that older messages are not to be had', async () => {
    await openGroupPage();
    expect(await screen.findByText('Messages from before you joined are not available.')).toBeTruthy();
    expect(screen.getByText('Nothing was said since. Write the first message below.')).toBeTruthy();
  });

  it('labels each message with name, text, time and state', async () => {
    await openGroupPage({
      'message.list': () => ({
        messages: [
          message(3, me, 'Not yet', { status: 'pending' }),
          message(2, me, 'Hello', { replyTo: messageId(1) }),
          message(1, ana, 'Morning'),
        ],
      }),
    });
    expect(await screen.findByRole('article', { name: /^Ana: Morning, \d\d:\d\d$/u })).toBeTruthy();
    expect(screen.getByRole('article', { name: /^You, in reply to Ana: Hello, \d\d:\d\d, Sent$/u })).toBeTruthy();
    expect(screen.getByRole('article', { name: /^You: Not yet, \d\d:\d\d, Not sent yet$/u })).toBeTruthy();
  });

  it('answers "Why?" on a line about a member', async () => {
    const line = systemMessage(
      1,
      entry({
        kind: 'left',
        cause: 'removed',
        target: bo,
        targetName: 'Bo',
        proposer: ana,
        proposerName: 'Ana',
        actor: ana,
        actorName: 'Ana',
        reason: 'Never answers',
        rule: 'votes',
        needed: 3,
        expectedVoters: 4,
        votes: [
          { memberId: ana, displayName: 'Ana', approve: true, at: T0 },
          { memberId: me, displayName: 'Mia', approve: true, at: T0 },
          { memberId: bo, displayName: 'Bo', approve: false, at: T0 },
        ],
      }),
    );
    const { user } = await openGroupPage({ 'message.list': () => ({ messages: [line] }) });
    expect(await screen.findByText('The group voted Bo out, at Ana’s request: 2 yes, 1 no')).toBeTruthy();
    await user.click(await screen.findByRole('button', { name: 'Why?' }));
    for (const words of [
      /“Never answers”/u,
      'You: yes',
      'Bo: no',
      '1 did not vote',
      /3 of 4 were needed/u,
      /Number 3/u,
    ])
      expect(screen.getByText(words)).toBeTruthy();
    expect(screen.getByText('Written down by').nextElementSibling?.textContent).toContain('Ana');
  });

  it('shows a message as it arrives, and its new state', async () => {
    const { emit } = await openGroupPage({ 'message.list': () => ({ messages: [message(1, ana, 'Morning')] }) });
    await screen.findByRole('article', { name: /Morning/u });
    const own = message(2, me, 'Hi', { status: 'pending' });
    await emit({ type: 'message.added', conversationId: group, message: own });
    expect(await screen.findByRole('article', { name: /Hi.*Not sent yet/u })).toBeTruthy();
    await emit({ type: 'message.updated', conversationId: group, message: { ...own, status: 'sent' } });
    expect(await screen.findByRole('article', { name: /Hi.*, Sent/u })).toBeTruthy();
  });

  it('says how far an own message got, and to whom on asking', async () => {
    const own = message(1, me, 'Who is in?', { deliveredTo: [ana, bo], expected: 3 });
    const { user, emit } = await openGroupPage({ 'message.list': () => ({ messages: [own] }) });
    expect(await screen.findByRole('article', { name: /Who is in\?.*, Delivered to 2 of 3/u })).toBeTruthy();
    const state = screen.getByRole('button', { name: /Delivered to 2 of 3/u });
    expect(state.getAttribute('aria-description')).toBe('Delivered to Ana and Bo. Not yet to Cy.');
    await user.hover(state);
    expect((await screen.findByRole('tooltip')).textContent).toBe('Delivered to Ana and Bo. Not yet to Cy.');
    const all = { ...own, status: 'delivered' as const, deliveredTo: [ana, bo, cy] };
    await emit({ type: 'message.updated', conversationId: group, message: all });
    expect(await screen.findByRole('article', { name: /Delivered to all 3/u })).toBeTruthy();
  });

  it('puts a late message where it belongs', async () => {
    const messages = [message(9, ana, 'Second'), message(1, ana, 'First')];
    const { emit } = await openGroupPage({ 'message.list': () => ({ messages }) });
    await screen.findByRole('article', { name: /Second/u });
    await emit({ type: 'message.added', conversationId: group, message: message(5, bo, 'Late') });
    await screen.findByRole('article', { name: /Late/u });
    const shown = screen.getAllByRole('article').map((article) => article.textContent ?? '');
    expect(shown.map((words) => ['First', 'Late', 'Second'].find((word) => words.includes(word)))).toEqual([
      'First',
      'Late',
      'Second',
    ]);
  });

  it('says what has not come yet, and when it has', async () => {
    let gaps = [
      { sender: ana, missing: 2 },
      { sender: bo, missing: 1 },
    ];
    const { emit } = await openGroupPage({ 'conversation.get': () => detail({ gaps }) });
    const line = await screen.findByText(/3 messages have not reached you yet\./u);
    expect(line.textContent).toContain('2 from Ana, 1 from Bo');
    gaps = [];
    await emit({ type: 'message.gap', conversationId: group, sender: ana, missing: 0 });
    await waitFor(() => expect(screen.queryByText(/not reached you yet/u)).toBeNull());
  });

  it('marks what was seen as read', async () => {
    const { bridge } = await openGroupPage({ 'message.list': () => ({ messages: [message(4711, ana, 'Seen')] }) });
    await waitFor(() =>
      expect(bridge.paramsOf('conversation.markRead')).toEqual([{ conversationId: group, messageId: messageId(4711) }]),
    );
  });
});

describe('the message box', () => {
  it('sends with Enter and breaks a line with Shift+Enter', async () => {
    const { user, bridge } = await openGroupPage();
    await user.type(await composer(), 'one{Shift>}{Enter}{/Shift}two{Enter}');
    expect(bridge.paramsOf('message.send')).toEqual([{ conversationId: group, text: 'one\ntwo' }]);
    expect((await composer()).value).toBe('');
  });

  it('sends nothing blank', async () => {
    const { user, bridge } = await openGroupPage();
    await user.type(await composer(), '   {Enter}');
    expect(bridge.paramsOf('message.send')).toEqual([]);
  });

  it('R-302 puts a message back that was not stored, before what was typed meanwhile', async () => {
    const { user } = await openGroupPage({
      'message.send': () => {
        throw new FakeApiError('STORAGE', 'The disk is full.');
      },
    });
    await user.type(await composer(), 'precious{Enter}');
    expect(await screen.findByText(/still in the box\. The disk is full\./u)).toBeTruthy();
    expect((await composer()).value).toBe('precious');
  });

  it('replies to a message', async () => {
    const { user, bridge } = await openGroupPage({
      'message.list': () => ({ messages: [message(1, ana, 'Morning')] }),
    });
    await user.click(await screen.findByRole('button', { name: 'Reply' }));
    expect(document.activeElement).toBe(await composer());
    await user.keyboard('Hello{Enter}');
    expect(bridge.paramsOf('message.send')).toEqual([{ conversationId: group, text: 'Hello', replyTo: messageId(1) }]);
  });

  it('says that a change is being settled and sends all the same', async () => {
    const { user, bridge } = await openGroupPage({ 'conversation.get': () => detail({ state: 'freezing' }) });
    expect(await screen.findByText('Settling a change: your message waits a moment')).toBeTruthy();
    await user.type(await composer(), 'patient{Enter}');
    expect(bridge.paramsOf('message.send')).toHaveLength(1);
  });
});

describe('a vote', () => {
  it('shows who asks, why, the tally and what silence means, and takes a voice', async () => {
    const { user, bridge } = await openGroupPage({
      'conversation.get': () => detail({ openProposals: [proposal(7, { expiresAt: Date.now() + 200_000 })] }),
    });
    const card = within(await screen.findByRole('article', { name: 'Ana asks to remove Bo' }));
    for (const words of [
      'Why: “Never answers”',
      '1 yes, 0 no',
      'Yes: Ana',
      'Silence will count as no.',
      /minutes left/u,
    ])
      expect(card.getByText(words)).toBeTruthy();
    expect(card.getByText(/3 of 4 needed/u)).toBeTruthy();
    expect(card.getByText(/Not yet: you/u)).toBeTruthy();
    await user.click(card.getByRole('button', { name: 'No' }));
    expect(bridge.paramsOf('proposal.vote')).toEqual([{ conversationId: group, proposalId: 7, approve: false }]);
  });

  it('R-303 W-45 says why a voice was not taken', async () => {
    const { user } = await openGroupPage({
      'conversation.get': () => detail({ openProposals: [proposal(7)] }),
      'proposal.vote': () => {
        throw new FakeApiError('WRONG_STATE', 'This vote is already decided.');
      },
    });
    await user.click(await screen.findByRole('button', { name: 'Yes' }));
    expect((await screen.findByRole('alert')).textContent).toBe('This vote is already decided.');
  });

  it('R-303 says nothing when a rule was quicker, and the next vote works', async () => {
    let first = true;
    const { user, bridge } = await openGroupPage({
      'conversation.get': () =>
        detail({ openProposals: [proposal(7, first ? {} : { ownVote: true }), proposal(8, { target: me })] }),
      'proposal.vote': ({ proposalId }) => {
        if (proposalId !== 7) return {};
        first = false;
        throw new FakeApiError('NOT_ALLOWED', 'You have already voted.');
      },
    });
    const card = within(await screen.findByRole('article', { name: 'Ana asks to remove Bo' }));
    await user.click(card.getByRole('button', { name: 'No' }));
    await screen.findByRole('button', { name: /Ana asks to remove Bo.*You voted yes/u });
    expect(screen.queryByRole('alert')).toBeNull();
    const other = within(screen.getByRole('article', { name: 'Ana asks to remove you' }));
    await user.click(other.getByRole('button', { name: 'No' }));
    expect(bridge.paramsOf('proposal.vote').map(({ proposalId }) => proposalId)).toEqual([7, 8]);
  });

  it('is seen by the person whom it is about', async () => {
    await openGroupPage({ 'conversation.get': () => detail({ openProposals: [proposal(7, { target: me })] }) });
    expect(await screen.findByRole('article', { name: 'Ana asks to remove you' })).toBeTruthy();
    expect(screen.getByText(/This vote is about you\. You may vote too\./u)).toBeTruthy();
  });

  it('folds to a line with the own choice after voting', async () => {
    await openGroupPage({
      'conversation.get': () => detail({ openProposals: [proposal(7, { ownVote: true })] }),
    });
    const line = await screen.findByRole('button', { name: /Ana asks to remove Bo.*1 yes, 0 no.*You voted yes/u });
    expect(line.getAttribute('aria-expanded')).toBe('false');
  });

  it('keeps decided ones with their record', async () => {
    const { user } = await openGroupPage({
      'proposal.list': () => ({ open: [], recent: [proposal(3, { outcome: 'rejected' })] }),
    });
    await user.click(await screen.findByRole('button', { name: 'Show members, votes and rules' }));
    await user.click(screen.getByRole('tab', { name: 'Votes' }));
    await user.click(await screen.findByRole('button', { name: 'Ana asked to remove Bo. Not accepted: 1 yes, 0 no' }));
    expect(screen.getByText('“Never answers”')).toBeTruthy();
    expect(screen.getByText('3 did not vote')).toBeTruthy();
  });
});

describe('members', () => {
  it('show role, presence and reliability in words; removing asks for a reason', async () => {
    const { user, bridge } = await openGroupPage();
    await user.click(await screen.findByRole('button', { name: 'Show members, votes and rules' }));
    const items = within(screen.getByRole('list', { name: 'Members' })).getAllByRole('listitem');
    expect(items[1]?.textContent).toContain('Steward, next to write the change');
    expect(items[3]?.textContent).toContain('Not reachable now');
    expect(items[3]?.textContent).toContain('Reliability low (40)');
    await user.click(screen.getByRole('button', { name: 'Actions for Bo' }));
    await user.click(await screen.findByRole('menuitem', { name: 'Remove from group…' }));
    const dialog = within(await screen.findByRole('dialog', { name: 'Ask the group to remove Bo?' }));
    await user.click(dialog.getByRole('button', { name: 'Open the vote' }));
    expect(dialog.getByRole('alert').textContent).toContain('Say why');
    await user.type(dialog.getByLabelText('Why should they go?'), 'Moved away');
    await user.click(dialog.getByRole('button', { name: 'Open the vote' }));
    expect(bridge.paramsOf('member.remove')).toEqual([{ conversationId: group, memberId: bo, reason: 'Moved away' }]);
  });

  it('cannot remove themselves: they leave, after one question', async () => {
    const { user, bridge } = await openGroupPage();
    await user.click(await screen.findByRole('button', { name: 'Show members, votes and rules' }));
    await user.click(screen.getByRole('button', { name: 'Actions for Mia' }));
    expect(screen.queryByRole('menuitem', { name: 'Remove from group…' })).toBeNull();
    await user.keyboard('{Escape}');
    await user.click(screen.getByRole('button', { name: 'Leave group' }));
    expect(bridge.paramsOf('conversation.leave')).toEqual([]);
    const dialog = within(await screen.findByRole('alertdialog', { name: 'Leave Garden?' }));
    await user.click(dialog.getByRole('button', { name: 'Leave group' }));
    expect(bridge.paramsOf('conversation.leave')).toEqual([{ conversationId: group }]);
  });
});

describe('waiting to be let in', () => {
  const waiting = { invitedBy: ana, invitedByName: 'Ana', since: T0, expiresAt: T0 + 86_400_000, announced: false };
  const pending = () => detail({ state: 'pendingJoin', epoch: -1, members: [], waiting });

  it('says what is known, what to do, and can be cancelled', async () => {
    const { user, bridge } = await openGroupPage({ 'conversation.get': pending });
    expect(await screen.findByRole('heading', { name: 'Waiting for the group to let you in' })).toBeTruthy();
    expect(screen.getByText(/Nobody of the group could be reached yet/u)).toBeTruthy();
    expect(screen.getByText(/Ask Ana to open Conclave/u)).toBeTruthy();
    expect(screen.queryByRole('textbox')).toBeNull();
    await user.click(screen.getByRole('button', { name: 'Cancel the request' }));
    const dialog = within(await screen.findByRole('alertdialog', { name: 'Cancel the request?' }));
    await user.click(dialog.getByRole('button', { name: 'Cancel the request' }));
    expect(bridge.paramsOf('conversation.leave')).toEqual([{ conversationId: group }]);
  });

  it('says how far the vote is', async () => {
    await openGroupPage({
      'conversation.get': () => ({
        ...pending(),
        waiting: { ...waiting, announced: true },
        openProposals: [proposal(1, { kind: 'addMember', target: me, needed: 3 })],
      }),
    });
    expect(await screen.findByText('1 of 3 needed have said yes.')).toBeTruthy();
  });
});

describe('the end of a group', () => {
  it('is said with its vote, and the history is deleted after one question', async () => {
    const { user, bridge, emit } = await openGroupPage({
      'conversation.get': () =>
        detail({
          state: 'left',
          ended: { at: T0, cause: 'removed', proposal: proposal(1, { target: me, outcome: 'accepted' }) },
        }),
    });
    expect(await screen.findByText(/The group voted you out at .*: 1 yes, 0 no\./u)).toBeTruthy();
    expect(screen.queryByRole('textbox')).toBeNull();
    await user.click(screen.getByRole('button', { name: 'Why?' }));
    expect(screen.getByText('“Never answers”')).toBeTruthy();
    await user.click(screen.getByRole('button', { name: 'Delete history' }));
    const dialog = within(await screen.findByRole('alertdialog', { name: 'Delete the history of Garden?' }));
    await user.click(dialog.getByRole('button', { name: 'Delete history' }));
    expect(bridge.paramsOf('conversation.delete')).toEqual([{ conversationId: group }]);
    await emit({ type: 'conversation.removed', conversationId: group });
    expect(await screen.findByRole('heading', { name: 'No group is open' })).toBeTruthy();
  });
});
