/** What the system tells of, and what it does not. */
import { describe, expect, it } from 'vitest';
import type { Message, Proposal } from '../../../shared/api/model.ts';
import type { ConversationId, MemberId, MessageId, ProposalId } from '../../../shared/model/ids.ts';
import { noticeOf, type NoticeContext, type Occasion } from '../../../main/desktop/notices.ts';

const conversationId = 'abcdefghijklmnopqrstuvwxyz' as ConversationId;
const messageId = '01890a5d-ac96-774b-bcce-b302099a8057' as MessageId;
const [ana, bo] = ['0x000000000000000000000000000000000000dEaD', '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed'] as [
  MemberId,
  MemberId,
];

const said = (text: string, more: Partial<Message> = {}): Occasion => ({
  type: 'message.added',
  conversationId,
  message: {
    messageId,
    conversationId,
    sender: bo,
    senderName: 'Bo',
    sentAt: 1,
    receivedAt: 1,
    text,
    status: 'delivered',
    ...more,
  },
});
const asked = (more: Partial<Proposal> = {}): Occasion => ({
  type: 'proposal.opened',
  conversationId,
  proposal: {
    proposalId: 7 as ProposalId,
    kind: 'removeMember',
    target: ana,
    proposer: bo,
    createdAt: 1,
    expiresAt: 2,
    votes: [],
    expectedVoters: 3,
    needed: 2,
    outcome: 'open',
    ...more,
  },
});
const context = (more: Partial<NoticeContext> = {}): NoticeContext => ({
  self: ana,
  settings: { notifications: true, notificationText: true },
  summary: { name: 'Choir', unread: 1, pendingVotes: 1 },
  ...more,
});

describe('the system', () => {
  it('tells who wrote what in which group, and which message it was', () => {
    expect(noticeOf(said('Shall I bring\nthe scores?'), context())).toEqual({
      conversationId,
      messageId,
      title: 'Choir',
      body: 'Bo: Shall I bring the scores?',
    });
  });

  it('tells only that there is something where the person wants it so', () => {
    const settings = { notifications: true, notificationText: false };
    const one = noticeOf(said('secret', { senderName: 'Bo' }), context({ settings }));
    expect(one?.body).toBe('A new message');
    const many = noticeOf(said('secret'), context({ settings, summary: { name: 'Choir', unread: 3 } }));
    expect(many?.body).toBe('3 new messages');
    expect(JSON.stringify([one, many])).not.toMatch(/secret|Bo/);
  });

  it('tells of a vote that waits for this person, and of no other', () => {
    expect(noticeOf(asked(), context())?.body).toBe('A vote waits for you.');
    for (const more of [{ ownVote: true }, { votedByClients: true }, { selfLeave: true }])
      expect(noticeOf(asked(more), context())).toBeUndefined();
    expect(noticeOf(asked(), context({ summary: { name: 'Choir', unread: 0, pendingVotes: 0 } }))).toBeUndefined();
  });

  it('tells nothing of what one wrote oneself, of a muted or deleted group, or when it is not to', () => {
    expect(noticeOf(said('mine', { sender: ana }), context())).toBeUndefined();
    expect(noticeOf(said('', { system: { at: 1, epoch: 1, kind: 'joined' } }), context())).toBeUndefined();
    const muted = { name: 'Choir', unread: 1, pendingVotes: 1, muted: true } as const;
    for (const occasion of [said('x'), asked()]) {
      expect(noticeOf(occasion, context({ summary: muted }))).toBeUndefined();
      expect(noticeOf(occasion, context({ summary: undefined }))).toBeUndefined();
      const settings = { notifications: false, notificationText: true };
      expect(noticeOf(occasion, context({ settings }))).toBeUndefined();
    }
  });

  it('is given no markup, no turned lines and no book', () => {
    const { title, body } = noticeOf(
      said(`<a href="http://x">y</a> &amp; \u202e${'long '.repeat(200)}`, { senderName: 'B\u2066o<b>' }),
      context({ summary: { name: '<i>Choir</i>', unread: 1 } }),
    )!;
    expect(`${title}${body}`).not.toMatch(/[<&\u202e\u2066]/);
    expect(body.length).toBeLessThan(300);
    expect(noticeOf(said(`${'x'.repeat(239)}🎻`), context())?.body.isWellFormed()).toBe(true);
  });
});
