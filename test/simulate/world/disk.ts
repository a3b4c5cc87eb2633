/**
 * What a device has on its disk: it survives every crash. Plain data with an undo log; knows no crash and no reader.
 */
import type { GovernanceEntry, Message, Proposal } from '../../../shared/api/model.ts';
import { defaultSettings, type Settings } from '../../../shared/api/settings.ts';
import type { ConversationId, MemberId, MessageId, ProposalId } from '../../../shared/model/ids.ts';
import type { LogEntry } from '../../../main/protocol/conversation/contract.ts';
import type {
  ConversationRow,
  GroupJournalRow,
  KnownDevice,
  KnownPeerRow,
  OutboxRow,
  ProfileRow,
} from '../../../main/messenger/ports/storage.ts';

export interface ShelvedPacket {
  readonly entry: LogEntry;
  readonly storedAt: number;
}

/** Everything of one conversation; it goes when the conversation is deleted. */
export interface Shelf {
  row: ConversationRow;
  readonly parts: Map<string, Uint8Array>;
  readonly scores: Map<MemberId, bigint>;
  readonly messages: Map<MessageId, Message>;
  readonly journal: Map<number, { readonly entry: GovernanceEntry; readonly hash: Uint8Array }>;
  /** By epoch. */
  readonly groupJournal: Map<number, GroupJournalRow>;
  /** Kept packets by position. */
  readonly packetLog: Map<number, ShelvedPacket>;
  readonly proposals: Map<ProposalId, { readonly proposal: Proposal; readonly decision: number | undefined }>;
}

export interface Disk {
  profile: ProfileRow | undefined;
  settings: Settings;
  readonly shelves: Map<ConversationId, Shelf>;
  readonly outbox: Map<number, OutboxRow>;
  /** Numbers of rows, never used twice. */
  counter: number;
  readonly names: Map<MemberId, string>;
  readonly devices: Map<MemberId, KnownDevice>;
  peers: readonly KnownPeerRow[];
}

export const emptyDisk = (): Disk => ({
  profile: undefined,
  settings: defaultSettings,
  shelves: new Map(),
  outbox: new Map(),
  counter: 0,
  names: new Map(),
  devices: new Map(),
  peers: [],
});

export const emptyShelf = (row: ConversationRow): Shelf => ({
  row,
  parts: new Map(),
  scores: new Map(),
  messages: new Map(),
  journal: new Map(),
  groupJournal: new Map(),
  packetLog: new Map(),
  proposals: new Map(),
});

/** Remembers how to take writes back. */
export class UndoLog {
  #steps: (() => void)[] = [];

  set<Key, Value>(map: Map<Key, Value>, key: Key, value: Value): void {
    const had = map.has(key);
    const old = map.get(key);
    this.#steps.push(() => {
      if (had) map.set(key, old as Value);
      else map.delete(key);
    });
    map.set(key, value);
  }

  /** Puts the whole map back, so that its order is what it was. */
  delete<Key, Value>(map: Map<Key, Value>, key: Key): void {
    if (!map.has(key)) return;
    const order = [...map];
    this.#steps.push(() => {
      map.clear();
      for (const [each, value] of order) map.set(each, value);
    });
    map.delete(key);
  }

  change(apply: () => void, undo: () => void): void {
    this.#steps.push(undo);
    apply();
  }

  undo(): void {
    for (const step of this.#steps.reverse()) step();
    this.#steps = [];
  }
}
