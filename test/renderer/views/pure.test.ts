/** The pure parts of the views. */
import { describe, expect, it } from 'vitest';
import { presets } from '../../../shared/api/presets.ts';
import { composerNote } from '../../../renderer/views/conversation/Composer.tsx';
import { firstUnread, layoutOf } from '../../../renderer/views/conversation/layout.ts';
import { endedSentence } from '../../../renderer/views/group/EndedBanner.tsx';
import { lastLine } from '../../../renderer/views/groups/GroupList.tsx';
import { presetOf, withWindow } from '../../../renderer/views/groups/NewGroupDialog.tsx';
import { orderMembers } from '../../../renderer/views/members/MembersPanel.tsx';
import { reliabilityWord } from '../../../renderer/views/members/reliability.ts';
import { normalisePhrase, problemWith } from '../../../renderer/views/onboarding/Restore.tsx';
import { orderVotes } from '../../../renderer/views/votes/VotesTray.tsx';
import { clockTime } from '../../../renderer/text/time.ts';
import {
  ana,
  bo,
  detail,
  entry,
  me,
  member,
  message,
  proposal,
  summary,
  systemMessage,
  T0,
} from '../support/samples.ts';

describe('messages among each other', () => {
  const first = message(0, ana, 'a');

  it('begin a block with another sender, after a pause, a system line, a day', () => {
    const block = (next: ReturnType<typeof message>, previous = first): boolean =>
      layoutOf(next, previous, undefined).firstOfBlock;
    expect(block(message(1, ana, 'b'))).toBe(false);
    expect(block(message(1, bo, 'b'))).toBe(true);
    expect(block(message(10, ana, 'b'))).toBe(true);
    expect(block(message(1, ana, 'b'), systemMessage(0, entry({ kind: 'left', actor: ana })))).toBe(true);
    expect(layoutOf(message(60 * 30, ana, 'b'), first, undefined).newDay).toBe(true);
    expect(layoutOf(first, undefined, undefined).newDay).toBe(true);
  });

  it('show the "new" line before the first unread message of others', () => {
    const messages = [
      message(1, ana, 'read'),
      message(2, bo, 'first new'),
      message(3, me, 'own'),
      systemMessage(4, entry({ kind: 'left' })),
      message(5, bo, 'second new'),
    ];
    const first = (unread: number, among = messages) =>
      firstUnread({ messages: among, reachedEnd: true }, { unread }, me);
    expect(first(2)).toBe(messages[1]?.messageId);
    expect(first(0)).toBeUndefined();
    expect(first(99)).toBe(messages[0]?.messageId);
    expect(firstUnread({ messages, reachedEnd: true }, undefined, me)).toBeUndefined();
    // A late one stands above what was read already.
    const late = [message(1, ana, 'late', { receivedAt: messages[4]!.receivedAt + 1 }), ...messages.slice(1)];
    expect(first(1, late)).toBe(late[0]?.messageId);
    // More than is held: from where one had read.
    const [read] = messages;
    const far = { unread: 99, readUpTo: read!.messageId };
    for (const reachedEnd of [true, false])
      expect(firstUnread({ messages, reachedEnd }, far, me)).toBe(messages[1]?.messageId);
    expect(firstUnread({ messages: messages.slice(1), reachedEnd: false }, far, me)).toBeUndefined();
  });
});

describe('the note under the message box', () => {
  it('says why a message waits', () => {
    expect(composerNote(detail())).toBeUndefined();
    expect(composerNote(detail({ state: 'freezing' }))).toBe('Settling a change: your message waits a moment');
    expect(composerNote(detail({ state: 'selection', freeze: { received: 1, expected: 3 } }))).toContain('1 of 3');
    expect(composerNote(detail({ state: 'reelection' }))).toContain('Choosing new stewards');
    expect(composerNote(detail({ state: 'reelection', mode: 'recovery' }))).toBe(
      'Any member may write the next change. Messages are sent as usual.',
    );
    expect(composerNote(detail({ state: 'freezing', mode: 'recovery' }))).toBe(
      'Any member may write the next change: your message waits a moment',
    );
    expect(composerNote(detail({ members: [member(me), member(ana, { online: false })] }))).toContain('Nobody else');
    expect(composerNote(detail({ members: [member(me)] }))).toBeUndefined();
  });
});

describe('the end of a group', () => {
  it('says how it ended, with the vote', () => {
    const votes = [true, true, true, false].map((approve) => ({ memberId: ana, approve, at: 0 }));
    expect(endedSentence({ at: T0, cause: 'removed', proposal: proposal(1, { outcome: 'accepted', votes }) }, T0)).toBe(
      `The group voted you out at ${clockTime(T0)}: 3 yes, 1 no.`,
    );
    expect(endedSentence({ at: T0, cause: 'left' }, T0)).toBe(`You left at ${clockTime(T0)}.`);
    expect(endedSentence({ at: T0, cause: 'expired' }, T0)).toContain('ask again');
  });
});

describe('the last line of a group', () => {
  it('names the speaker, and says "You" for oneself', () => {
    expect(lastLine(summary(), me)).toBe('No messages yet');
    expect(lastLine(summary({ lastMessage: message(1, ana, 'hello\nthere') }), me)).toBe('Ana: hello there');
    expect(lastLine(summary({ lastMessage: message(1, me, 'hello') }), me)).toBe('You: hello');
    expect(
      lastLine(
        summary({
          lastMessage: systemMessage(1, entry({ kind: 'left', cause: 'left', target: bo, targetName: 'Bo' })),
        }),
        me,
      ),
    ).toBe('Bo left');
  });
});

describe('rules of a new group', () => {
  it('are recognised as a preset until something is changed', () => {
    const {
      consensusTimeoutMs,
      proposalExpirationMs,
      membersMayInvite,
      livenessCriteriaYes,
      removalLivenessCriteriaYes,
    } = presets.strict;
    const rules = {
      consensusTimeoutMs,
      proposalExpirationMs,
      membersMayInvite,
      livenessCriteriaYes,
      removalLivenessCriteriaYes,
    };
    expect(presetOf(rules)).toBe('strict');
    expect(presetOf({ ...rules, removalLivenessCriteriaYes: true })).toBeUndefined();
  });

  it('never let a proposal end before its vote', () => {
    const { consensusTimeoutMs, proposalExpirationMs } = withWindow({ ...presets.friends }, 86_400_000);
    expect(proposalExpirationMs).toBeGreaterThanOrEqual(consensusTimeoutMs);
    expect(proposalExpirationMs).toBeLessThanOrEqual(86_400_000);
  });
});

describe('members and votes in order', () => {
  it('puts oneself first, then who is here', () => {
    expect(orderMembers(detail().members).map((each) => each.displayName)).toEqual(['Mia', 'Ana', 'Cy', 'Bo']);
  });

  it('puts votes that wait for the reader first', () => {
    const done = proposal(1, { ownVote: true, createdAt: 1 });
    const waiting = proposal(2, { createdAt: 2 });
    expect(orderVotes([done, waiting]).map((each) => each.proposalId)).toEqual([2, 1]);
  });

  it('says a score in words between start and threshold', () => {
    const word = (score: number) => reliabilityWord(score, { peerScoreDefault: 100, peerScoreThreshold: 0 });
    expect([110, 100, 60, 40, 10, -5].map(word)).toEqual(['high', 'good', 'good', 'low', 'critical', 'critical']);
  });
});

describe('a recovery phrase', () => {
  it('is taken in any spacing and case', () => {
    expect(normalisePhrase('  Alpha\n BRAVO\tcharlie ')).toBe('alpha bravo charlie');
  });

  it('is refused early with the number of its words', () => {
    expect(problemWith('phrase', 'one two')).toBe('That is 2 words; the phrase has 12.');
    expect(problemWith('phrase', ' ')).toBeDefined();
    expect(problemWith('phrase', Array(12).fill('word').join(' '))).toBeUndefined();
    expect(problemWith('key', '')).toBeDefined();
    expect(problemWith('key', 'ff')).toBeUndefined();
  });
});
