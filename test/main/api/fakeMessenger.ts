/**
 * A messenger for unit tests: every method answers with a sample that fits its schema, notes what it was given, and can
 * be told to do something else. Used only where the messenger itself is not the subject.
 */
import type { ApiEvent } from '../../../shared/api/events.ts';
import { methods, type CheckedParams, type Method, type Params, type Result } from '../../../shared/api/methods.ts';
import type { ConversationDetail, Message, Peer, Proposal } from '../../../shared/api/model.ts';
import { defaultSettings, friendsPreset } from '../../../shared/api/settings.ts';
import type { ConversationId, MemberId, MessageId, PeerId, ProposalId } from '../../../shared/model/ids.ts';
import { createApi, type Api } from '../../../main/api/index.ts';
import type { Handlers, Logger, Messenger } from '../../../main/messenger/contract.ts';

export const memberId = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed' as MemberId;
export const conversationId = 'abcdefghijklmnopqrstuvwxyz' as ConversationId;
export const messageId = '01890a5d-ac96-774b-bcce-b302099a8057' as MessageId;
const commitHash = 'ab'.repeat(32);
const proposalId = 7 as ProposalId;
const peerId = '12D3KooWGbckVVmBxvrjdYRBfPzfWHUMaJ8ZPCeTAxoHzAYSrCZg' as PeerId;

const message: Message = {
  messageId,
  conversationId,
  sender: memberId,
  sentAt: 1,
  receivedAt: 2,
  text: 'hello',
  status: 'sent',
};

const proposal: Proposal = {
  proposalId,
  kind: 'addMember',
  target: memberId,
  proposer: memberId,
  createdAt: 1,
  expiresAt: 2,
  votes: [{ memberId, approve: true, at: 1 }],
  expectedVoters: 1,
  needed: 1,
  outcome: 'open',
};

const peer: Peer = { peerId, memberId, displayName: 'Ana', addresses: ['/ip4/127.0.0.1/tcp/1'], connected: true };

const detail: ConversationDetail = {
  id: conversationId,
  name: 'Friends',
  state: 'working',
  mode: 'normal',
  epoch: 0,
  epochAuthenticator: 'ab',
  electionEpoch: 0,
  retryRound: 0,
  members: [],
  stewards: [memberId],
  openProposals: [proposal],
  approvedProposals: [],
  freeze: null,
  settings: friendsPreset,
  self: memberId,
};

/** Params that each method takes. */
export const sampleParams: { readonly [M in Method]: Params<M> } = {
  'app.info': {},
  'app.shutdown': {},
  'identity.status': {},
  'identity.create': { displayName: 'Ana' },
  'identity.restore': { displayName: 'Ana', recoveryPhrase: 'legal winner thank year wave sausage' },
  'identity.restoreCopy': {},
  'identity.revealRecoveryPhrase': {},
  'identity.setDisplayName': { displayName: 'Ana' },
  'conversation.create': { name: 'Friends' },
  'conversation.list': {},
  'conversation.get': { conversationId },
  'conversation.join': { invite: 'conclave:abc' },
  'conversation.leave': { conversationId },
  'conversation.delete': { conversationId },
  'conversation.setMuted': { conversationId, muted: true },
  'conversation.markRead': { conversationId, messageId },
  'invite.create': { conversationId },
  'invite.reset': { conversationId },
  'invite.inspect': { invite: 'conclave:abc' },
  'invite.send': { conversationId, peerId },
  'member.remove': { conversationId, memberId, reason: 'spam' },
  'member.safetyNumber': { memberId },
  'member.setVerified': { memberId, verified: true, safetyNumber: '12345'.repeat(12) },
  'proposal.list': { conversationId },
  'proposal.vote': { conversationId, proposalId, approve: true },
  'governance.log': { conversationId, limit: 10 },
  'governance.export': { conversationId },
  'governance.verify': { conversationId, commitHash },
  'governance.exportDecision': { conversationId, commitHash },
  'message.send': { conversationId, text: 'hello' },
  'message.list': { conversationId, limit: 10 },
  'message.search': { query: 'hello', conversationId },
  'draft.set': { conversationId, text: 'half a thought', replyTo: messageId },
  'draft.list': {},
  'peer.list': {},
  'peer.connect': { address: '/ip4/127.0.0.1/tcp/1' },
  'settings.get': {},
  'settings.set': { patch: { theme: 'dark' } },
  'diagnostics.conversation': { conversationId },
  'diagnostics.network': {},
};

/** Answers that fit each method's schema. */
export const sampleResults: { readonly [M in Method]: Result<M> } = {
  'app.info': { version: '1', node: '24', profile: 'p', peerId: '', listenAddresses: [] },
  'app.shutdown': {},
  'identity.status': { exists: true, memberId, displayName: 'Ana', keychain: 'file' },
  'identity.create': { memberId, recoveryPhrase: 'legal winner' },
  'identity.restore': { memberId },
  'identity.restoreCopy': { takenAt: 1, setAside: 'conclave.db.damaged-2' },
  'identity.revealRecoveryPhrase': { recoveryPhrase: 'legal winner' },
  'identity.setDisplayName': {},
  'conversation.create': { conversationId },
  'conversation.list': {
    conversations: [
      { id: conversationId, name: 'Friends', state: 'working', unread: 0, lastMessage: message, memberCount: 1 },
    ],
  },
  'conversation.get': detail,
  'conversation.join': { conversationId },
  'conversation.leave': {},
  'conversation.delete': {},
  'conversation.setMuted': {},
  'conversation.markRead': {},
  'invite.create': { invite: 'conclave:abc' },
  'invite.reset': {},
  'invite.inspect': { conversationId, conversationName: 'Friends', invitedBy: memberId, addresses: [] },
  'invite.send': {},
  'member.remove': { proposalId },
  'member.safetyNumber': { safetyNumber: '12345'.repeat(12) },
  'member.setVerified': {},
  'proposal.list': { open: [proposal], recent: [] },
  'proposal.vote': {},
  'governance.log': { entries: [{ at: 1, epoch: 0, kind: 'joined', target: memberId }] },
  'governance.export': { records: [{ epoch: 0, record: 'AAAA' }] },
  'governance.verify': { check: { outcome: 'refuted', record: 0, fault: 'Malformed' } },
  'governance.exportDecision': { fileName: 'decision.json', content: '{}' },
  'message.send': { messageId },
  'message.list': { messages: [message] },
  'message.search': { hits: [{ message: message, snippet: 'hello' }], next: 3 },
  'draft.set': {},
  'draft.list': { drafts: [{ conversationId, text: 'half a thought', replyTo: message }] },
  'peer.list': { peers: [peer] },
  'peer.connect': { peerId },
  'settings.get': defaultSettings,
  'settings.set': defaultSettings,
  'diagnostics.conversation': {
    state: 'working',
    mode: 'normal',
    epoch: 3,
    electionEpoch: 2,
    retryRound: 0,
    round: null,
    journalHead: '00',
    log: { state: 'intact', length: 4 },
    queues: { approvedChanges: 1 },
    counters: [{ reason: 'OwnEcho', count: 2, meaning: 'Our own packet came back.' }],
  },
  'diagnostics.network': {
    listenAddresses: [],
    interfaces: [],
    mdns: { enabled: false, sockets: [] },
    peers: [peer],
    topics: [],
    counters: {},
    advice: 'All is well.',
  },
};

export const methodNames = Object.keys(methods) as Method[];

interface LogLine {
  readonly level: keyof Logger;
  readonly data: object;
  readonly message: string;
}

function recordingLogger(): Logger & { readonly lines: LogLine[] } {
  const lines: LogLine[] = [];
  const at = (level: keyof Logger) => (data: object, message: string) => {
    lines.push({ level, data, message });
  };
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

interface FakeMessenger {
  readonly messenger: Messenger;
  readonly calls: { readonly method: Method; readonly params: unknown }[];
  /** Replaces what one method does. */
  answer<M extends Method>(method: M, handler: (params: CheckedParams<M>) => Promise<Result<M>>): void;
}

function fakeMessenger(): FakeMessenger {
  const calls: FakeMessenger['calls'] = [];
  const handlers = new Map<Method, (params: never) => Promise<unknown>>();
  const handlerOf = (method: Method) => async (params: never) => {
    calls.push({ method, params });
    return handlers.has(method) ? handlers.get(method)!(params) : sampleResults[method];
  };
  return {
    messenger: Object.fromEntries(methodNames.map((method) => [method, handlerOf(method)])) as Handlers,
    calls,
    answer: (method, handler) => handlers.set(method, handler),
  };
}

/** The real App API over a fake messenger, and a way to emit events. */
export function fakeNode() {
  const fake = fakeMessenger();
  const logger = recordingLogger();
  const subscribers = new Set<(event: ApiEvent) => void>();
  const api: Api = createApi({
    messenger: fake.messenger,
    subscribe: (handler) => {
      subscribers.add(handler);
      return () => subscribers.delete(handler);
    },
    logger,
  });
  const emit = (event: ApiEvent): void => {
    for (const subscriber of subscribers) subscriber(event);
  };
  return { ...fake, api, logger, emit, subscribers };
}
