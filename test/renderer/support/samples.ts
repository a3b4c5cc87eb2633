/** Objects of the App API for tests: complete, small, and changed where a test says so. */
import type {
  ConversationDetail,
  ConversationSummary,
  GovernanceEntry,
  Member,
  Message,
  NetworkDiagnostics,
  Peer,
  Proposal,
} from '../../../shared/api/model.ts';
import { friendsPreset } from '../../../shared/api/presets.ts';
import type { ConversationId, MemberId, MessageId, PeerId, ProposalId } from '../../../shared/model/ids.ts';

export const T0 = Date.UTC(2026, 4, 4, 12, 0, 0);

export const memberId = (number: number): MemberId =>
  `0x${number.toString(16).padStart(2, '0').repeat(20)}` as MemberId;
export const conversationId = (letter: string): ConversationId => letter.repeat(26) as ConversationId;
export const messageId = (number: number): MessageId =>
  `0190f000-0000-7000-8000-${number.toString(16).padStart(12, '0')}` as MessageId;
export const peerId = (name: string): PeerId => `12D3KooW${name}` as PeerId;

export const me = memberId(1);
export const ana = memberId(0xa1);
export const bo = memberId(0xb0);
export const cy = memberId(0xc7);
const names: Readonly<Record<MemberId, string>> = { [me]: 'Mia', [ana]: 'Ana', [bo]: 'Bo', [cy]: 'Cy' };
export const group = conversationId('a');

export function member(id: MemberId, more: Partial<Member> = {}): Member {
  return {
    memberId: id,
    displayName: names[id] ?? 'Somebody',
    role: 'member',
    score: 100,
    pendingLeave: false,
    pendingRemoval: false,
    online: true,
    verified: false,
    self: id === me,
    ...more,
  };
}

export function message(number: number, sender: MemberId, words: string, more: Partial<Message> = {}): Message {
  return {
    messageId: messageId(number),
    conversationId: group,
    sender,
    senderName: names[sender] ?? 'Somebody',
    sentAt: T0 + number * 60_000,
    receivedAt: T0 + number * 60_000,
    text: words,
    status: 'sent',
    ...more,
  };
}

export function entry(more: Partial<GovernanceEntry> & Pick<GovernanceEntry, 'kind'>): GovernanceEntry {
  return { at: T0, epoch: 3, ...more };
}

export function systemMessage(number: number, system: GovernanceEntry): Message {
  return message(number, system.actor ?? ana, '', { system, status: 'delivered' });
}

export function proposal(number: number, more: Partial<Proposal> = {}): Proposal {
  return {
    proposalId: number as ProposalId,
    kind: 'removeMember',
    target: bo,
    targetName: 'Bo',
    proposer: ana,
    proposerName: 'Ana',
    reason: 'Never answers',
    createdAt: T0,
    expiresAt: T0 + 300_000,
    votes: [{ memberId: ana, displayName: 'Ana', approve: true, at: T0 }],
    expectedVoters: 4,
    needed: 3,
    silenceCountsAsYes: false,
    outcome: 'open',
    ...more,
  };
}

export function detail(more: Partial<ConversationDetail> = {}): ConversationDetail {
  return {
    id: group,
    name: 'Garden',
    state: 'working',
    mode: 'normal',
    epoch: 3,
    epochAuthenticator: 'ab'.repeat(32),
    electionEpoch: 0,
    retryRound: 0,
    members: [
      member(me),
      member(ana, { role: 'epochSteward', score: 110 }),
      member(bo, { role: 'backupSteward', score: 40, online: false }),
      member(cy, { score: 70 }),
    ],
    stewards: [ana, bo],
    openProposals: [],
    approvedProposals: [],
    freeze: null,
    settings: friendsPreset,
    self: me,
    ...more,
  };
}

export function summary(more: Partial<ConversationSummary> = {}): ConversationSummary {
  return { id: group, name: 'Garden', state: 'working', unread: 0, memberCount: 4, ...more };
}

export function peer(name: string, more: Partial<Peer> = {}): Peer {
  return {
    peerId: peerId(name),
    displayName: name,
    addresses: ['/ip4/192.168.1.20/tcp/4001'],
    connected: true,
    roundTripMs: 3,
    ...more,
  };
}

export const diagnostics: NetworkDiagnostics = {
  listenAddresses: ['/ip4/192.168.1.7/tcp/40123'],
  interfaces: [
    { name: 'wlan0', address: '192.168.1.7', family: 'IPv4', usable: true },
    { name: 'docker0', address: '172.17.0.1', family: 'IPv4', usable: false, reason: 'container' },
  ],
  mdns: { enabled: true, sockets: [{ interface: 'wlan0', state: 'open' }], lastAnswerAt: T0 },
  peers: [peer('Ana', { memberId: ana })],
  topics: [],
  counters: {},
  advice: 'The network works: Conclave is connected to one other device.',
};
