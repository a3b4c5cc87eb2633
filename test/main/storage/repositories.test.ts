/** What each repository of the store keeps, and how it gives it back. */
import { describe, expect, it } from 'vitest';
import { defaultSettings } from '../../../shared/api/settings.ts';
import type { GovernanceEntry } from '../../../shared/api/model.ts';
import {
  MAX_MESSAGE_TEXT_BYTES,
  MAX_PAGE_SIZE,
  MAX_STATE_PART_BYTES,
  MAX_STORED_PEERS,
  MAX_TOPIC_PACKET_BYTES,
} from '../../../shared/limits.ts';
import type { OutboxRow } from '../../../main/messenger/ports/storage.ts';
import {
  alice,
  bob,
  conversation,
  conversationId,
  message,
  messageId,
  newStore,
  peerId,
  proposal,
  proposalId,
  thrownBy,
} from './support.ts';

const bytes = (...values: number[]): Uint8Array => new Uint8Array(values);

describe('the profile', () => {
  it('has no row and the default settings at first', () => {
    const store = newStore();
    expect(store.profile.get()).toBeUndefined();
    expect(store.profile.settings()).toEqual(defaultSettings);
  });

  it('keeps one row, and replaces it', () => {
    const store = newStore();
    store.profile.put({ memberId: alice, displayName: 'Alice', deviceSignatureKey: bytes(1, 2, 3) });
    store.profile.put({ memberId: alice, displayName: 'Alícia 🐚', deviceSignatureKey: bytes(0, 255) });
    expect(store.profile.get()).toEqual({
      memberId: alice,
      displayName: 'Alícia 🐚',
      deviceSignatureKey: bytes(0, 255),
    });
  });

  it('keeps settings', () => {
    const store = newStore();
    const settings = { ...defaultSettings, theme: 'dark', visibleNearby: false } as const;
    store.profile.putSettings(settings);
    expect(store.profile.settings()).toEqual(settings);
  });
});

describe('conversations', () => {
  it('are listed in the order in which they began, with everything of their row', () => {
    const store = newStore();
    const ended = conversation(1, {
      ended: { at: 1_700_000_999_000, cause: 'removed', proposalId: proposalId(0xffffffff) },
      lastView: '{"members":[]}',
      readUpTo: messageId(4),
    });
    const left = conversation(2, { ended: { at: 1_700_000_999_001, cause: 'left' } });
    for (const row of [left, ended, conversation(0)]) store.conversations.put(row);
    expect(store.conversations.list()).toEqual([conversation(0), ended, left]);
    expect(store.conversations.get(conversationId(1))).toEqual(ended);
    expect(store.conversations.get(conversationId(9))).toBeUndefined();
  });

  it('forget what a new row leaves out', () => {
    const store = newStore();
    store.conversations.put(conversation(0, { ended: { at: 5, cause: 'left' }, lastView: '{}' }));
    store.conversations.put(conversation(0, { name: 'Again' }));
    expect(store.conversations.get(conversationId())).toEqual(conversation(0, { name: 'Again' }));
  });

  it('keep parts and scores, replace single ones and delete on null', () => {
    const store = newStore();
    store.conversations.put(conversation());
    const id = conversationId();
    store.conversations.write(id, {
      parts: [
        { name: 'tree', bytes: bytes(1, 2) },
        { name: 'core', bytes: bytes() },
      ],
      scores: [
        { memberId: alice, score: 2n ** 63n - 1n },
        { memberId: bob, score: -(2n ** 63n) },
      ],
    });
    store.conversations.write(id, {
      parts: [
        { name: 'tree', bytes: bytes(9) },
        { name: 'core', bytes: null },
        { name: 'new', bytes: bytes(7) },
      ],
      scores: [{ memberId: bob, score: null }],
    });
    expect(store.conversations.load(id)).toEqual({
      conversationId: id,
      parts: new Map([
        ['tree', bytes(9)],
        ['new', bytes(7)],
      ]),
      scores: [[alice, 2n ** 63n - 1n]],
    });
  });

  it('load as empty when nothing was written', () => {
    expect(newStore().conversations.load(conversationId())).toEqual({
      conversationId: conversationId(),
      parts: new Map(),
      scores: [],
    });
  });

  it('refuse a part that is too large, and say how large one may be', () => {
    const store = newStore();
    store.conversations.put(conversation());
    const parts = [{ name: 'tree', bytes: new Uint8Array(MAX_STATE_PART_BYTES + 1) }];
    expect(thrownBy(() => store.conversations.write(conversationId(), { parts, scores: [] }))).toMatchObject({
      code: 'TOO_LARGE',
      problem: 'tooLarge',
      limit: MAX_STATE_PART_BYTES,
    });
  });

  const fill = (): ReturnType<typeof newStore> => {
    const store = newStore();
    for (const index of [0, 1]) {
      const id = conversationId(index);
      store.conversations.put(conversation(index));
      store.conversations.write(id, {
        parts: [{ name: 'tree', bytes: bytes(1) }],
        scores: [{ memberId: alice, score: 1n }],
      });
      store.messages.insert(message(1, { conversationId: id }));
      store.journal.append(id, { at: 1, epoch: 0, kind: 'joined', target: alice });
      store.proposals.put(id, proposal(1));
      store.outbox.add(packet({ conversationId: id }));
    }
    return store;
  };

  it('deleteState deletes parts, scores and packets of that conversation, and keeps its history', () => {
    const store = fill();
    store.conversations.deleteState(conversationId(0));
    expect(store.conversations.load(conversationId(0))).toMatchObject({ parts: new Map(), scores: [] });
    expect(store.outbox.conversations()).toEqual([conversationId(1)]);
    expect(store.messages.list(conversationId(0), { limit: 10 })).toHaveLength(1);
    expect(store.journal.list(conversationId(0), { limit: 10 })).toHaveLength(1);
    expect(store.proposals.get(conversationId(0), proposalId(1))).toEqual(proposal(1));
    expect(store.conversations.load(conversationId(1)).parts.size).toBe(1);
  });

  it('delete deletes everything that belongs to that conversation, and nothing of another', () => {
    const store = fill();
    store.conversations.delete(conversationId(0));
    expect(store.conversations.list()).toEqual([conversation(1)]);
    expect(store.conversations.load(conversationId(0))).toMatchObject({ parts: new Map(), scores: [] });
    expect(store.messages.list(conversationId(0), { limit: 10 })).toEqual([]);
    expect(store.journal.list(conversationId(0), { limit: 10 })).toEqual([]);
    expect(store.proposals.get(conversationId(0), proposalId(1))).toBeUndefined();
    expect(store.outbox.list(conversationId(0))).toEqual([]);
    expect(store.messages.list(conversationId(1), { limit: 10 })).toHaveLength(1);
    expect(store.outbox.list(conversationId(1))).toHaveLength(1);
  });
});

describe('messages', () => {
  it('come back as they were stored, system lines too', () => {
    const store = newStore();
    store.conversations.put(conversation());
    const entry: GovernanceEntry = { at: 5, epoch: 2, kind: 'left', target: bob, votes: [], cause: 'removed' };
    const full = message(1, { senderName: 'Bob', replyTo: messageId(0), system: entry, text: 'a\u0000b 🐚 \n' });
    expect(store.messages.insert(full)).toBe(true);
    expect(store.messages.get(conversationId(), messageId(1))).toEqual(full);
    expect(store.messages.get(conversationId(1), messageId(1))).toBeUndefined();
  });

  it('are stored once for each id and conversation', () => {
    const store = newStore();
    for (const index of [0, 1]) store.conversations.put(conversation(index));
    expect(store.messages.insert(message(1))).toBe(true);
    expect(store.messages.insert(message(1, { text: 'another text' }))).toBe(false);
    expect(store.messages.insert(message(1, { conversationId: conversationId(1) }))).toBe(true);
    expect(store.messages.get(conversationId(), messageId(1))).toEqual(message(1));
  });

  it('are paged by the time of their sender, newest first, whatever the order in which they came', () => {
    const store = newStore();
    store.conversations.put(conversation());
    store.conversations.put(conversation(1));
    const order = [5, 3, 9, 1, 7];
    for (const index of order) {
      store.messages.insert(message(index));
      store.messages.insert(message(index, { conversationId: conversationId(1) }));
    }
    const ids = (index: number | undefined, limit: number, side: 'before' | 'after' = 'before'): number[] =>
      store.messages
        .list(conversationId(), {
          limit,
          ...(index === undefined ? {} : { beside: { side, messageId: messageId(index) } }),
        })
        .map(({ sentAt }) => sentAt - 1_700_000_000_000);
    expect(ids(3, 2, 'after')).toEqual([7, 5]);
    expect(ids(7, 2, 'after')).toEqual([9]);
    expect(ids(9, 2, 'after')).toEqual([]);
    expect(ids(1000, 2, 'after')).toEqual([]);
    expect(ids(undefined, 2)).toEqual([9, 7]);
    expect(ids(7, 2)).toEqual([5, 3]);
    expect(ids(3, 2)).toEqual([1]);
    expect(ids(1, 2)).toEqual([]);
    expect(ids(1000, 2)).toEqual([]);
    expect(ids(undefined, -1)).toEqual([]);
    expect(store.messages.latest(conversationId())).toEqual(message(9));
    expect(store.messages.latest(conversationId(2))).toBeUndefined();
  });

  it('of one time are in the order of their ids', () => {
    const store = newStore();
    store.conversations.put(conversation());
    for (const index of [2, 3, 1]) store.messages.insert(message(index, { sentAt: 1_700_000_000_000 }));
    const ids = store.messages.list(conversationId(), { limit: 9 }).map((stored) => stored.messageId);
    expect(ids).toEqual([messageId(3), messageId(2), messageId(1)]);
    const [second] = store.messages.list(conversationId(), {
      beside: { side: 'before', messageId: messageId(3) },
      limit: 1,
    });
    expect(second?.messageId).toBe(messageId(2));
  });

  it('are given in bounded pages', () => {
    const store = newStore();
    store.conversations.put(conversation());
    store.transaction(() => {
      for (let index = 0; index < MAX_PAGE_SIZE + 50; index += 1) store.messages.insert(message(index));
    });
    expect(store.messages.list(conversationId(), { limit: 1e9 })).toHaveLength(MAX_PAGE_SIZE + 1);
  });

  it('change their status', () => {
    const store = newStore();
    store.conversations.put(conversation());
    store.messages.insert(message(1, { status: 'pending' }));
    const delivered = message(1, { status: 'delivered' });
    expect(store.messages.setStatus(conversationId(), messageId(1), 'delivered')).toEqual(delivered);
    expect(store.messages.get(conversationId(), messageId(1))).toEqual(delivered);
    expect(store.messages.setStatus(conversationId(), messageId(2), 'sent')).toBeUndefined();
    // The network took the packet again, after everybody had it.
    expect(store.messages.setStatus(conversationId(), messageId(1), 'sent')).toEqual(delivered);
  });

  it('tell who has them, and are delivered when all have', () => {
    const store = newStore();
    store.conversations.put(conversation());
    store.messages.insert(message(1, { status: 'sent', deliveredTo: [], expected: 2 }));
    const { setDelivery } = store.messages;
    const some = message(1, { status: 'sent', deliveredTo: [alice], expected: 2 });
    expect(setDelivery(conversationId(), messageId(1), { deliveredTo: [alice], expected: 2 })).toEqual(some);
    const none = setDelivery(conversationId(), messageId(1), { deliveredTo: [], expected: 0 });
    expect(none?.status).toBe('sent');
    const all = message(1, { status: 'delivered', deliveredTo: [alice], expected: 1 });
    expect(setDelivery(conversationId(), messageId(1), { deliveredTo: [alice], expected: 1 })).toEqual(all);
    expect(store.messages.get(conversationId(), messageId(1))).toEqual(all);
    expect(setDelivery(conversationId(), messageId(7), { deliveredTo: [], expected: 0 })).toBeUndefined();
  });

  it('are unread when others wrote them and they came after the last one that stands where was read', () => {
    const store = newStore();
    const { conversations, messages } = store;
    conversations.put(conversation());
    const unread = (): number => messages.countUnread(conversationId(), alice);
    expect(unread()).toBe(0);
    messages.insert(message(4));
    messages.insert(message(2));
    messages.insert(message(3, { sender: alice }));
    messages.insert(message(1, { system: { at: 1, epoch: 0, kind: 'joined' } }));
    messages.insert(message(5));
    expect(unread()).toBe(3);
    expect(conversations.markRead(conversationId(), messageId(4))).toBe(true);
    expect(unread()).toBe(1);
    expect(conversations.markRead(conversationId(), messageId(4))).toBe(false);
    expect(conversations.markRead(conversationId(), messageId(2))).toBe(false);
    expect(conversations.markRead(conversationId(), messageId(77))).toBe(false);
    expect(conversations.markRead(conversationId(3), messageId(2))).toBe(false);
    // The last to arrive of those that stand at or before what was read.
    expect(conversations.get(conversationId())?.readUpTo).toBe(messageId(1));
    expect(conversations.markRead(conversationId(), messageId(5))).toBe(true);
    expect(unread()).toBe(0);
    // Late, and above what was read already: unread until somebody reads past it.
    messages.insert(message(0));
    expect(unread()).toBe(1);
    expect(conversations.markRead(conversationId(), messageId(5))).toBe(true);
    expect(unread()).toBe(0);
  });

  it('are refused when they are too large', () => {
    const store = newStore();
    store.conversations.put(conversation());
    const text = 'ä'.repeat(MAX_MESSAGE_TEXT_BYTES / 2);
    expect(store.messages.insert(message(1, { text }))).toBe(true);
    expect(thrownBy(() => store.messages.insert(message(2, { text: `${text}x` })))).toMatchObject({
      code: 'TOO_LARGE',
      limit: MAX_MESSAGE_TEXT_BYTES,
    });
  });
});

describe('the journal', () => {
  it('is paged by position, newest first', () => {
    const store = newStore();
    for (const index of [0, 1]) store.conversations.put(conversation(index));
    for (let epoch = 0; epoch < 5; epoch += 1) {
      store.journal.append(conversationId(), { at: 100 - epoch, epoch, kind: 'committed', actor: alice });
      store.journal.append(conversationId(1), { at: 100, epoch: 50 + epoch, kind: 'elected', stewards: [bob] });
    }
    const first = store.journal.list(conversationId(), { limit: 3 });
    expect(first.map(({ entry }) => entry?.epoch)).toEqual([4, 3, 2]);
    const rest = store.journal.list(conversationId(), { limit: 3, before: first.at(-1)?.position ?? 0 });
    expect(rest.map(({ entry }) => entry)).toEqual([
      { at: 99, epoch: 1, kind: 'committed', actor: alice },
      { at: 100, epoch: 0, kind: 'committed', actor: alice },
    ]);
  });
});

describe('proposals', () => {
  it('are replaced as their votes come in', () => {
    const store = newStore();
    store.conversations.put(conversation());
    store.proposals.put(conversationId(), proposal(7));
    const voted = proposal(7, { votes: [], ownVote: false, reason: 'noise' });
    store.proposals.put(conversationId(), voted);
    expect(store.proposals.get(conversationId(), proposalId(7))).toEqual(voted);
    expect(store.proposals.get(conversationId(1), proposalId(7))).toBeUndefined();
  });

  it('are recent once decided, the newest decision first, and keep their place when put again', () => {
    const store = newStore();
    store.conversations.put(conversation());
    for (const id of [1, 2, 3, 4]) store.proposals.put(conversationId(), proposal(id));
    const recent = (limit = 10): number[] =>
      store.proposals.recent(conversationId(), limit).map((decided) => decided.proposalId);
    expect(recent()).toEqual([]);
    for (const id of [3, 1, 4]) store.proposals.put(conversationId(), proposal(id, { outcome: 'accepted' }));
    expect(recent()).toEqual([4, 1, 3]);
    store.proposals.put(conversationId(), proposal(3, { outcome: 'accepted', targetName: 'Bob' }));
    expect(recent()).toEqual([4, 1, 3]);
    expect(recent(2)).toEqual([4, 1]);
    store.proposals.put(conversationId(), proposal(3));
    expect(recent()).toEqual([4, 1]);
  });
});

const packet = (more: Partial<OutboxRow> = {}): Omit<OutboxRow, 'id'> => ({
  conversationId: conversationId(),
  subtopic: 'app_msg',
  payload: new Uint8Array([1, 2, 3]),
  subject: { kind: 'message', messageId: messageId(1) },
  createdAt: 10,
  expiresAt: 1000,
  ...more,
});

describe('the outbox', () => {
  it('gives packets oldest first and never uses an id again', () => {
    const store = newStore();
    for (const index of [0, 1]) store.conversations.put(conversation(index));
    const second = packet({
      conversationId: conversationId(1),
      subtopic: 'welcome',
      subject: { kind: 'announcement' },
    });
    const third = packet({ subject: { kind: 'governance' }, payload: new Uint8Array() });
    const ids = [second, packet(), third].map((row) => store.outbox.add(row));
    expect(store.outbox.conversations()).toEqual([conversationId(1), conversationId()]);
    expect(store.outbox.list(conversationId())).toEqual([
      { ...packet(), id: ids[1] },
      { ...third, id: ids[2] },
    ]);
    expect(store.outbox.list(conversationId(1))).toEqual([{ ...second, id: ids[0] }]);
    store.outbox.remove(ids[2]!);
    store.outbox.remove(ids[2]!);
    expect(store.outbox.add(packet())).toBeGreaterThan(ids[2]!);
  });

  it('gives up what expired, and says what', () => {
    const store = newStore();
    store.conversations.put(conversation());
    for (const expiresAt of [30, 10, 20]) store.outbox.add(packet({ expiresAt }));
    expect(store.outbox.removeExpired(9)).toEqual([]);
    expect(store.outbox.removeExpired(20).map((row) => row.expiresAt)).toEqual([10, 20]);
    expect(store.outbox.list(conversationId()).map((row) => row.expiresAt)).toEqual([30]);
  });

  it('refuses a packet that no topic would carry', () => {
    const store = newStore();
    store.conversations.put(conversation());
    const payload = new Uint8Array(MAX_TOPIC_PACKET_BYTES + 1);
    expect(thrownBy(() => store.outbox.add(packet({ payload })))).toMatchObject({ code: 'TOO_LARGE' });
  });
});

describe('people', () => {
  it('have the name that they told last', () => {
    const { people } = newStore();
    expect(people.name(bob)).toBeUndefined();
    expect(people.putName(bob, 'Bob')).toBe(true);
    expect(people.putName(bob, 'Bob')).toBe(false);
    expect(people.putName(bob, 'Robert')).toBe(true);
    expect(people.name(bob)).toBe('Robert');
  });

  it('are known by the device that they were seen with last, beside the one whose numbers were compared', () => {
    const { people } = newStore();
    const [first, second] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
    people.putVerifiedKey(bob, first);
    expect(people.device(bob), 'nobody is verified who was never seen').toBeUndefined();
    people.putDevice(bob, first);
    people.putVerifiedKey(bob, first);
    expect(people.device(bob)).toEqual({ signatureKey: first, verifiedKey: first });
    people.putDevice(bob, second);
    expect(people.device(bob)).toEqual({ signatureKey: second, verifiedKey: first });
    people.putVerifiedKey(bob, undefined);
    expect(people.device(bob)).toEqual({ signatureKey: second });
  });

  it('are remembered as peers up to a bound, the ones seen last', () => {
    const { people } = newStore();
    const row = (index: number): ReturnType<typeof people.peers>[number] => ({
      peerId: peerId(index),
      addresses: [`/ip4/10.0.0.1/tcp/${index + 1}`],
      lastSeenAt: index,
    });
    people.putPeers(Array.from({ length: MAX_STORED_PEERS }, (_, index) => row(index)));
    people.putPeers([row(MAX_STORED_PEERS), { ...row(1), lastSeenAt: 10_000, addresses: [] }]);
    const peers = people.peers();
    expect(peers).toHaveLength(MAX_STORED_PEERS);
    expect(peers[0]).toEqual({ ...row(1), lastSeenAt: 10_000, addresses: [] });
    expect(peers[1]).toEqual(row(MAX_STORED_PEERS));
    expect(peers.some((peer) => peer.peerId === peerId(0))).toBe(false);
    expect(thrownBy(() => people.putPeers([{ ...row(3), addresses: Array(99).fill('/ip4/1') }]))).toMatchObject({
      code: 'TOO_LARGE',
    });
  });
});
