/** Temporary directories and well-formed rows for the tests of the store. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { afterEach } from 'vitest';
import type { Message, Proposal } from '../../../shared/api/model.ts';
import type { ConversationId, MemberId, MessageId, PeerId, ProposalId } from '../../../shared/model/ids.ts';
import type { ConversationRow, Storage } from '../../../main/messenger/ports/storage.ts';
import { openStorage } from '../../../main/storage/index.ts';

const directories: string[] = [];
const stores: Storage[] = [];

afterEach(() => {
  for (const store of stores.splice(0)) store.close();
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
});

/** A directory that the end of the test removes. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'conclave-storage-'));
  directories.push(directory);
  return directory;
}

export const key = new Uint8Array(32).map((_, index) => index * 7 + 3);

/** A store that the end of the test closes. */
export function open(file: string, options: { readonly key?: Uint8Array; readonly create?: boolean } = {}): Storage {
  const store = openStorage({ file, key: options.key ?? key, create: options.create ?? true });
  stores.push(store);
  return store;
}

export function newStore(): Storage {
  return open(join(temporaryDirectory(), 'conclave.db'));
}

export const alice = '0x52908400098527886E0F7030069857D2E4169EE7' as MemberId;
export const bob = '0x8617E340B3D01FA5F11F306F4090FD50E238070D' as MemberId;

export const conversationId = (index = 0): ConversationId =>
  `conversation${String.fromCharCode(97 + index).repeat(14)}` as ConversationId;
export const messageId = (index: number): MessageId =>
  `01890a5d-ac96-7000-8000-${index.toString(16).padStart(12, '0')}` as MessageId;
export const proposalId = (id: number): ProposalId => id as ProposalId;
export const peerId = (index: number): PeerId => `12D3KooW${index.toString().padStart(6, '0')}` as PeerId;

export const conversation = (index = 0, more: Partial<ConversationRow> = {}): ConversationRow => ({
  conversationId: conversationId(index),
  name: `Group ${index}`,
  createdAt: 1_700_000_000_000 + index,
  ...more,
});

export const message = (index: number, more: Partial<Message> = {}): Message => ({
  messageId: messageId(index),
  conversationId: conversationId(),
  sender: bob,
  sentAt: 1_700_000_000_000 + index,
  receivedAt: 1_700_000_000_500 + index,
  text: `message number ${index}`,
  status: 'sent',
  ...more,
});

export const proposal = (id: number, more: Partial<Proposal> = {}): Proposal => ({
  proposalId: proposalId(id),
  kind: 'removeMember',
  target: bob,
  proposer: alice,
  createdAt: 1_700_000_000_000,
  expiresAt: 1_700_000_300_000,
  votes: [{ memberId: alice, approve: true, at: 1_700_000_000_000 }],
  expectedVoters: 3,
  needed: 2,
  outcome: 'open',
  ...more,
});

export const digest = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');

/** What `work` throws; fails when it does not. */
export function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}
