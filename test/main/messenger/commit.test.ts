/** One step, one transaction, over a real encrypted store: what is durable, what is told, and what a repeat changes. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Message } from '../../../shared/api/model.ts';
import { friendsPreset } from '../../../shared/api/settings.ts';
import type { ConversationId, MemberId, MessageId, ProposalId } from '../../../shared/model/ids.ts';
import { commitSteps, type CommitContext } from '../../../main/messenger/commit.ts';
import { detailOf, detailOfView, type DetailContext } from '../../../main/messenger/detail.ts';
import type { Storage } from '../../../main/messenger/ports/storage.ts';
import type {
  ConversationLifecycle,
  ConversationState,
  ConversationView,
  Effect,
  Step,
} from '../../../main/protocol/conversation/contract.ts';
import type { User } from '../../../main/protocol/user/contract.ts';
import { openStorage } from '../../../main/storage/index.ts';

const conversationId = 'aaaaaaaaaaaaaaaaaaaaaaaaaa' as ConversationId;
const ana = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266' as MemberId;
const messageId = '01890a5d-ac96-774b-bcce-b302099a8057' as MessageId;
const now = 1_750_000_000_000;

let directory = '';
let storage: Storage;
let view: ConversationView;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'conclave-commit-'));
  storage = openStorage({ file: join(directory, 'conclave.db'), key: new Uint8Array(32).fill(3), create: true });
  view = {
    conversationId,
    name: 'Choir',
    phase: 'working',
    mode: 'normal',
    epoch: 1,
    journalHead: undefined,
    gaps: [],
    queues: {
      approvedChanges: 0,
      openVotes: 0,
      earlyVotes: 0,
      automaticVotes: 0,
      waitingJoiners: 0,
      parkedPackets: 0,
      stashedCandidates: 0,
      queuedMessages: 0,
      unacknowledged: 0,
      keptWelcomes: 0,
    },
    epochAuthenticator: 'aa',
    electionEpoch: 0,
    retryRound: 0,
    members: [
      {
        memberId: ana,
        signatureKey: new Uint8Array(32).fill(1),
        role: 'epochSteward',
        score: 100,
        pendingLeave: false,
        pendingRemoval: false,
      },
    ],
    stewards: [ana],
    openProposals: [],
    approvedProposals: [],
    freeze: null,
    settings: friendsPreset,
    inviteSecret: undefined,
    counters: {},
  };
});
afterEach(() => {
  storage.close();
  rmSync(directory, { recursive: true });
});

/** A registry that shows the view above while the conversation runs. */
function contextOf(running: () => boolean): { commit: CommitContext; detail: DetailContext } {
  const user: Pick<User, 'memberId' | 'view' | 'viewOf' | 'writesOf'> = {
    memberId: ana,
    view: () => (running() ? view : undefined),
    viewOf: () => view,
    writesOf: () => ({ parts: [{ name: 'phase', bytes: Uint8Array.of(1) }], scores: [{ memberId: ana, score: 100n }] }),
  };
  const detail: DetailContext = {
    storage,
    user: user as User,
    nameOf: (memberId) => storage.people.name(memberId),
    isOnline: () => false,
    wasAnnounced: () => false,
  };
  const commit: CommitContext = {
    storage,
    user: user as User,
    now: () => now,
    nameOf: detail.nameOf,
    detailOf: (shown) => detailOfView(shown, detail),
  };
  return { commit, detail };
}

const state: ConversationState = { conversationId };
const stepOf = (
  effects: readonly Effect[],
  lifecycle: readonly ConversationLifecycle[] = [],
  [before, after]: readonly [ConversationState | undefined, ConversationState | undefined] = [state, { ...state }],
): Step => ({ conversationId, before, after, effects, lifecycle, reply: {}, nextWakeupAt: undefined });

const message: Message = {
  messageId,
  conversationId,
  sender: ana,
  sentAt: now,
  receivedAt: now,
  text: 'hello',
  status: 'pending',
};
const created: ConversationLifecycle = { kind: 'Created', conversationId };
const beginning = stepOf([], [created], [undefined, state]);

describe('committing a step', () => {
  it('writes state, message and packet together and tells of them afterwards', () => {
    const { commit } = contextOf(() => true);
    commitSteps([beginning], commit);
    const committed = commitSteps(
      [
        stepOf([
          { kind: 'message', message },
          {
            kind: 'publish',
            subtopic: 'app_msg',
            payload: Uint8Array.of(9),
            subject: { kind: 'message', messageId },
            expiresAt: now + 1,
          },
        ]),
      ],
      commit,
    );
    expect(committed.events.map((event) => event.type)).toEqual(['message.added', 'conversation.updated']);
    expect([...committed.outgoing]).toEqual([conversationId]);
    expect(storage.outbox.list(conversationId)).toHaveLength(1);
    expect(storage.conversations.load(conversationId).parts.get('phase')).toEqual(Uint8Array.of(1));
    expect(storage.conversations.load(conversationId).scores).toEqual([[ana, 100n]]);
  });

  it('tells of a message with a name that came in the same step, wherever it stands', () => {
    const { commit } = contextOf(() => true);
    commitSteps([beginning], commit);
    const named: Effect = { kind: 'memberName', memberId: ana, displayName: 'Ana' };
    const { events } = commitSteps([stepOf([{ kind: 'message', message }, named])], commit);
    const added = events.find((event) => event.type === 'message.added');
    expect(added).toMatchObject({ message: { senderName: 'Ana' } });
  });

  it('repeats nothing visible when a message arrives twice', () => {
    const { commit } = contextOf(() => true);
    commitSteps([beginning], commit);
    const arrival = stepOf([{ kind: 'message', message }]);
    expect(commitSteps([arrival], commit).events.some((event) => event.type === 'message.added')).toBe(true);
    expect(commitSteps([arrival], commit).events.some((event) => event.type === 'message.added')).toBe(false);
    expect(storage.messages.list(conversationId, { limit: 10 })).toHaveLength(1);
  });

  it('keeps a message whose id somebody else took first, and a repeat of it changes nothing', () => {
    const { commit } = contextOf(() => true);
    commitSteps([beginning], commit);
    const thief = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8' as MemberId;
    const copy: Message = { ...message, sender: thief, text: 'stolen' };
    const committed = [copy, message, message, copy].map((each) =>
      commitSteps([stepOf([{ kind: 'message', message: each }])], commit),
    );
    const told = committed.map(({ events }) => events.filter((event) => event.type === 'message.added').length);
    expect(told).toEqual([1, 1, 0, 0]);
    const stored = storage.messages.list(conversationId, { limit: 10 });
    expect(stored.map(({ sender, text }) => [sender, text])).toEqual([
      [ana, 'hello'],
      [thief, 'stolen'],
    ]);
    expect(stored[0]?.messageId).toMatch(/^01890a5d-ac96-7[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('writes nothing at all when one step of several cannot be written', () => {
    const { commit } = contextOf(() => true);
    commitSteps([beginning], commit);
    const stranger = 'bbbbbbbbbbbbbbbbbbbbbbbbbb' as ConversationId;
    const unwritable: Effect = { kind: 'message', message: { ...message, conversationId: stranger } };
    expect(() => commitSteps([stepOf([{ kind: 'message', message }]), stepOf([unwritable])], commit)).toThrow();
    expect(storage.messages.list(conversationId, { limit: 10 })).toEqual([]);
  });

  it('leaves no trace of a join that was cancelled', () => {
    const { commit, detail } = contextOf(() => false);
    commitSteps([beginning], commit);
    view = { ...view, phase: 'pendingJoin', epoch: -1, members: [] };
    const end: ConversationLifecycle = { kind: 'Removed', conversationId, cause: 'left' };
    const committed = commitSteps([stepOf([], [end], [state, undefined])], commit);
    expect(committed.events).toEqual([{ type: 'conversation.removed', conversationId }]);
    expect(detailOf(conversationId, detail)).toBeUndefined();
  });

  it('R-061 W-48 keeps the history of a group that voted us out, with the vote that did it', () => {
    const { commit, detail } = contextOf(() => false);
    commitSteps([beginning], commit);
    const proposalId = 42 as ProposalId;
    const committed = commitSteps(
      [
        stepOf(
          [
            { kind: 'message', message },
            {
              kind: 'proposal',
              change: 'decided',
              proposal: {
                proposalId,
                kind: 'removeMember',
                target: ana,
                proposer: ana,
                createdAt: now,
                expiresAt: now,
                votes: [],
                expectedVoters: 3,
                needed: 2,
                outcome: 'accepted',
              },
            },
            { kind: 'journal', entry: { at: now, epoch: 2, kind: 'left', target: ana, proposalId, cause: 'removed' } },
          ],
          [{ kind: 'Removed', conversationId, cause: 'removed' }],
          [state, undefined],
        ),
      ],
      commit,
    );
    expect(committed.events.at(-1)).toEqual({ type: 'conversation.updated', conversationId });
    expect(detailOf(conversationId, detail)).toMatchObject({
      state: 'left',
      name: 'Choir',
      ended: { at: now, cause: 'removed', proposal: { proposalId, outcome: 'accepted' } },
    });
    expect(storage.messages.list(conversationId, { limit: 10 })).toHaveLength(1);
    expect(storage.conversations.load(conversationId).parts.size).toBe(0);
  });

  it('takes no steps of two conversations at once, of which one would lose its state', () => {
    const { commit } = contextOf(() => true);
    const other = 'bbbbbbbbbbbbbbbbbbbbbbbbbb' as ConversationId;
    const elsewhere = { ...beginning, conversationId: other };
    expect(() => commitSteps([beginning, elsewhere], commit)).toThrow('several conversations');
    expect(storage.conversations.list()).toEqual([]);
  });
});
