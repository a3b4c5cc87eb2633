/** The pure parts of the stores: lists, people nearby, the word about the connection, refreshes. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { sortSummaries, waitsForMe } from '../../../renderer/state/conversations.ts';
import { connectionOf, nearbyPeople, withPeer } from '../../../renderer/state/peers.ts';
import { createRefresher } from '../../../renderer/state/refresher.ts';
import { failed, failedUnlessShown, loading, ready, readyList } from '../../../renderer/state/remote.ts';
import { receiveInvite, toast, useUi } from '../../../renderer/state/ui.ts';
import { ana, conversationId, me, message, peer, proposal, summary } from '../support/samples.ts';

beforeEach(() => {
  useUi.setState(useUi.getInitialState(), true);
});

describe('what a screen knows', () => {
  it('keeps what is shown when a refresh fails', () => {
    const shown = ready(1);
    expect(failedUnlessShown(shown, new Error('x'))).toBe(shown);
    expect(failedUnlessShown(loading, new Error('x')).kind).toBe('failed');
    expect(readyList([]).kind).toBe('empty');
    expect(failed(new Error('secret detail'))).not.toMatchObject({ message: 'secret detail' });
  });
});

describe('the list of groups', () => {
  it('puts the newest activity first', () => {
    const old = summary({ id: conversationId('b'), lastMessage: message(1, ana, 'old') });
    const fresh = summary({ id: conversationId('c'), lastMessage: message(9, ana, 'new') });
    const waiting = summary({ id: conversationId('d'), state: 'pendingJoin' });
    expect(sortSummaries([old, fresh, waiting]).map((each) => each.id)).toEqual([waiting.id, fresh.id, old.id]);
  });

  it('asks a person only about open votes that are not one’s own leave', () => {
    expect(waitsForMe(proposal(1))).toBe(true);
    expect(waitsForMe(proposal(1, { ownVote: false }))).toBe(false);
    expect(waitsForMe(proposal(1, { selfLeave: true }))).toBe(false);
    expect(waitsForMe(proposal(1, { kind: 'stewardElection', votedByClients: true }))).toBe(false);
    expect(waitsForMe(proposal(1, { outcome: 'accepted' }))).toBe(false);
  });
});

describe('people nearby', () => {
  it('shows each reachable person once, named ones first, never oneself', () => {
    const people = nearbyPeople(
      [
        peer('hidden', { displayName: undefined }),
        peer('Zoe'),
        peer('AnaPhone', { memberId: ana, displayName: 'Ana' }),
        peer('AnaDesk', { memberId: ana, displayName: 'Ana' }),
        peer('mine', { memberId: me }),
        peer('gone', { connected: false }),
      ],
      me,
    );
    expect(people.map((each) => each.displayName)).toEqual(['Ana', 'Zoe', undefined]);
  });

  it('changes a known peer in its place', () => {
    const peers = withPeer([peer('a'), peer('b')], peer('a', { connected: false }));
    expect(peers.map((each) => each.connected)).toEqual([false, true]);
  });

  it('has a word about the connection only when something is wrong', () => {
    expect(connectionOf(loading, true, true)).toBe('fine');
    expect(connectionOf(ready([peer('a')]), false, true)).toBe('fine');
    expect(connectionOf(readyList([]), true, false)).toBe('fine');
    expect(connectionOf(readyList([]), true, true)).toBe('alone');
    expect(connectionOf(readyList([]), false, false)).toBe('offline');
  });
});

describe('what the window remembers', () => {
  it('never shows one note twice and keeps few', () => {
    for (const words of ['a', 'b', 'b', 'c', 'd']) toast('info', words);
    expect(useUi.getState().toasts.map((note) => note.text)).toEqual(['b', 'c', 'd']);
  });

  it('keeps an offered invite once', () => {
    const offer = { from: peer('Ana'), conversationName: 'Choir', invite: 'conclave:x' };
    receiveInvite(offer);
    receiveInvite(offer);
    expect(useUi.getState().received).toHaveLength(1);
  });
});

describe('a refresher', () => {
  it('reads once for a burst, and once more for what came meanwhile', async () => {
    vi.useFakeTimers();
    let reads = 0;
    const refresher = createRefresher(async () => {
      reads += 1;
    }, 100);
    for (let count = 0; count < 50; count++) refresher.ask();
    expect(reads).toBe(1);
    await vi.advanceTimersByTimeAsync(1000);
    expect(reads).toBe(2);
    vi.useRealTimers();
  });
});
