/**
 * The messenger's store over a simulated disk: transactions that happen as a whole or not at all, and a place before every write
 * at which the device may die. Knows no device.
 */
import { MAX_PAGE_SIZE, MAX_STATE_PART_BYTES, MAX_TOPIC_PACKET_BYTES } from '../../../shared/limits.ts';
import type { Message } from '../../../shared/api/model.ts';
import type { ConversationId } from '../../../shared/model/ids.ts';
import { compareMessages } from '../../../shared/model/messageOrder.ts';
import type { OutboxRow, Storage } from '../../../main/messenger/ports/storage.ts';
import { canonicalJson, chainNext, chainStart } from '../../../main/storage/entryChain.ts';
import { StorageError } from '../../../main/storage/errors.ts';
import { packetLogOf } from './packetLog.ts';
import { UndoLog, emptyShelf, type Disk, type Shelf } from './disk.ts';

/** A write, or the end of a transaction, is about to happen, or has just become durable; throws to die there, or for want of space. */
export type Point = (name: string, bytes?: Uint8Array) => void;

const copy = (bytes: Uint8Array): Uint8Array => Uint8Array.from(bytes);

/** The newest first, strictly older than the one named. */
function page<Key, Value>(
  rows: ReadonlyMap<Key, Value>,
  before: ((key: Key) => boolean) | undefined,
  limit: number,
): [Key, Value][] {
  const all = [...rows].reverse();
  const from = before === undefined ? 0 : all.findIndex(([key]) => before(key)) + 1;
  return all.slice(from, from + Math.min(limit, MAX_PAGE_SIZE));
}

export const inOrder = (messages: Iterable<Message>): Message[] => [...messages].sort(compareMessages);

export function openStore(disk: Disk, point: Point): Storage {
  let log: UndoLog | undefined;
  let closed = false;

  const transaction = <T>(work: () => T): T => {
    if (log !== undefined) throw new StorageError('misuse', 'A transaction must not begin inside another one.');
    if (closed) throw new StorageError('misuse', 'The store is closed.');
    log = new UndoLog();
    try {
      const result = work();
      point('commit');
      log = undefined;
      point('durable');
      return result;
    } catch (error) {
      log?.undo();
      log = undefined;
      throw error;
    }
  };

  /** One write, in a transaction of its own when there is none. */
  const write = (name: string, change: (undo: UndoLog) => void, bytes?: Uint8Array): void => {
    if (log === undefined) {
      transaction(() => {
        write(name, change, bytes);
      });
      return;
    }
    point(name, bytes);
    change(log);
  };

  const shelfOf = (conversationId: ConversationId): Shelf => {
    const shelf = disk.shelves.get(conversationId);
    if (shelf === undefined) throw new StorageError('misuse', 'A row belongs to no conversation.');
    return shelf;
  };
  const rowsOf = (conversationId: ConversationId): OutboxRow[] =>
    [...disk.outbox.values()].filter((row) => row.conversationId === conversationId);

  const scores: Storage['conversations']['scores'] = (conversationId) => ({
    get: (memberId) => shelfOf(conversationId).scores.get(memberId),
    set: (memberId, score) =>
      write(`score ${memberId} ${score}`, (undo) => undo.set(shelfOf(conversationId).scores, memberId, score)),
    remove: (memberId) => write(`score ${memberId} -`, (undo) => undo.delete(shelfOf(conversationId).scores, memberId)),
    all: () => [...shelfOf(conversationId).scores],
  });

  return {
    transaction,
    close() {
      closed = true;
    },
    profile: {
      get: () => disk.profile,
      put: (row) => {
        const old = disk.profile;
        write('profile', (undo) =>
          undo.change(
            () => (disk.profile = row),
            () => (disk.profile = old),
          ),
        );
      },
      settings: () => disk.settings,
      putSettings: (settings) => {
        const old = disk.settings;
        write('settings', (undo) =>
          undo.change(
            () => (disk.settings = settings),
            () => (disk.settings = old),
          ),
        );
      },
    },
    conversations: {
      list: () => [...disk.shelves.values()].map(({ row }) => row),
      get: (conversationId) => disk.shelves.get(conversationId)?.row,
      put(row) {
        write(`conversation ${row.ended?.cause ?? 'runs'}`, (undo) => {
          const shelf = disk.shelves.get(row.conversationId);
          if (shelf === undefined) {
            undo.set(disk.shelves, row.conversationId, emptyShelf(row));
            return;
          }
          const old = shelf.row;
          undo.change(
            () => (shelf.row = row),
            () => (shelf.row = old),
          );
        });
      },
      markRead(conversationId, messageId) {
        const { row } = shelfOf(conversationId);
        const arrived = [...shelfOf(conversationId).messages.values()];
        const read = arrived.find((message) => message.messageId === messageId);
        if (read === undefined) return false;
        const latest = arrived.findLastIndex((message) => compareMessages(message, read) <= 0);
        if (latest <= arrived.findIndex((message) => message.messageId === row.readUpTo)) return false;
        this.put({ ...row, readUpTo: arrived[latest]?.messageId ?? messageId });
        return true;
      },
      setMuted(conversationId, muted) {
        const { muted: _before, ...row } = shelfOf(conversationId).row;
        this.put({ ...row, ...(muted ? { muted: true as const } : {}) });
      },
      delete(conversationId) {
        write('delete', (undo) => {
          for (const row of rowsOf(conversationId)) undo.delete(disk.outbox, row.id);
          undo.delete(disk.shelves, conversationId);
        });
      },
      load(conversationId) {
        const { parts, scores: stored } = shelfOf(conversationId);
        return {
          conversationId,
          parts: new Map([...parts].map(([name, bytes]) => [name, copy(bytes)])),
          scores: [...stored],
        };
      },
      write(conversationId, writes) {
        const shelf = shelfOf(conversationId);
        for (const { name, bytes } of writes.parts) {
          if (bytes === null) {
            write(`part ${name} -`, (undo) => undo.delete(shelf.parts, name));
            continue;
          }
          if (bytes.length > MAX_STATE_PART_BYTES) throw new StorageError('tooLarge', name);
          write(`part ${name} ${bytes.length}`, (undo) => undo.set(shelf.parts, name, copy(bytes)), bytes);
        }
        for (const { memberId, score } of writes.scores) {
          if (score === null) scores(conversationId).remove(memberId);
          else scores(conversationId).set(memberId, score);
        }
      },
      deleteState(conversationId) {
        write('state -', (undo) => {
          const shelf = shelfOf(conversationId);
          for (const name of [...shelf.parts.keys()]) undo.delete(shelf.parts, name);
          for (const at of [...shelf.packetLog.keys()]) undo.delete(shelf.packetLog, at);
          for (const memberId of [...shelf.scores.keys()]) undo.delete(shelf.scores, memberId);
          for (const row of rowsOf(conversationId)) undo.delete(disk.outbox, row.id);
        });
      },
      scores,
    },
    messages: {
      insert(message) {
        const { messages } = shelfOf(message.conversationId);
        if (messages.has(message.messageId)) return false;
        write(`message ${message.messageId}`, (undo) => undo.set(messages, message.messageId, message));
        return true;
      },
      setStatus(conversationId, messageId, status) {
        const { messages } = shelfOf(conversationId);
        const message = messages.get(messageId);
        if (message === undefined) return undefined;
        if (message.status !== 'pending' && status !== 'delivered') return message;
        const changed = { ...message, status };
        write(`status ${messageId} ${status}`, (undo) => undo.set(messages, messageId, changed));
        return changed;
      },
      setDelivery(conversationId, messageId, { deliveredTo, expected }) {
        const { messages } = shelfOf(conversationId);
        const message = messages.get(messageId);
        if (message === undefined) return undefined;
        const isEverywhere = expected > 0 && deliveredTo.length === expected;
        const status = isEverywhere ? 'delivered' : message.status;
        const changed = { ...message, deliveredTo: [...deliveredTo], expected, status };
        write(`delivery ${messageId} ${deliveredTo.length}`, (undo) => undo.set(messages, messageId, changed));
        return changed;
      },
      get: (conversationId, messageId) => disk.shelves.get(conversationId)?.messages.get(messageId),
      list(conversationId, { beside, limit }) {
        const all = inOrder(shelfOf(conversationId).messages.values());
        if (beside === undefined) return all.slice(-limit).toReversed();
        const at = all.findIndex(({ messageId }) => messageId === beside.messageId);
        const stretch =
          beside.side === 'before' ? all.slice(Math.max(0, at - limit), at) : all.slice(at + 1, at + 1 + limit);
        return (at < 0 ? [] : stretch).toReversed();
      },
      // Nobody searches there.
      search: () => [],
      latest: (conversationId) => inOrder(shelfOf(conversationId).messages.values()).at(-1),
      countUnread(conversationId, self) {
        const { messages, row } = shelfOf(conversationId);
        const all = [...messages.values()];
        const from = all.findIndex(({ messageId }) => messageId === row.readUpTo) + 1;
        return all.slice(from).filter(({ system, sender }) => system === undefined && sender !== self).length;
      },
    },
    // Nobody types there.
    drafts: { list: () => [], put: () => undefined, remove: () => undefined },
    journal: {
      append(conversationId, entry) {
        write(`journal ${entry.kind}`, (undo) => {
          const { journal } = shelfOf(conversationId);
          const previous = [...journal.values()].at(-1)?.hash ?? chainStart(conversationId);
          undo.set(journal, ++disk.counter, { entry, hash: chainNext(previous, canonicalJson(entry)) });
        });
      },
      list: (conversationId, { before, limit }) =>
        page(shelfOf(conversationId).journal, before === undefined ? undefined : (at) => at === before, limit).map(
          ([position, line]) => ({ position, ...line }),
        ),
      check(conversationId) {
        let previous = chainStart(conversationId);
        for (const [position, { entry, hash }] of shelfOf(conversationId).journal) {
          previous = chainNext(previous, canonicalJson(entry));
          if (Buffer.compare(previous, hash) !== 0) return { kind: 'broken', position };
        }
        return { kind: 'intact', length: shelfOf(conversationId).journal.size };
      },
    },
    groupJournal: {
      put(conversationId, row) {
        const { groupJournal } = shelfOf(conversationId);
        write(
          `group journal ${row.epoch}`,
          (undo) => {
            for (const epoch of [...groupJournal.keys()]) if (epoch >= row.epoch) undo.delete(groupJournal, epoch);
            undo.set(groupJournal, row.epoch, { ...row, record: copy(row.record) });
          },
          row.record,
        );
      },
      dropFrom(conversationId, from) {
        const { groupJournal } = shelfOf(conversationId);
        write(`abandoned ${from}`, (undo) => {
          for (const epoch of [...groupJournal.keys()]) if (epoch >= from) undo.delete(groupJournal, epoch);
        });
      },
      list: (conversationId, { after, limit }) =>
        [...shelfOf(conversationId).groupJournal.values()]
          .filter(({ epoch }) => after === undefined || epoch > after)
          .sort((left, right) => left.epoch - right.epoch)
          .slice(0, limit),
    },
    packetLog: packetLogOf(shelfOf, write, () => ++disk.counter),
    proposals: {
      put(conversationId, proposal) {
        const { proposals } = shelfOf(conversationId);
        const earlier = proposals.get(proposal.proposalId)?.decision;
        const decision = proposal.outcome === 'open' ? undefined : (earlier ?? ++disk.counter);
        write(`proposal ${proposal.proposalId} ${proposal.outcome}`, (undo) =>
          undo.set(proposals, proposal.proposalId, { proposal, decision }),
        );
      },
      get: (conversationId, proposalId) => disk.shelves.get(conversationId)?.proposals.get(proposalId)?.proposal,
      recent: (conversationId, limit) =>
        [...shelfOf(conversationId).proposals.values()]
          .filter(({ decision }) => decision !== undefined)
          .sort((left, right) => (right.decision ?? 0) - (left.decision ?? 0))
          .slice(0, limit)
          .map(({ proposal }) => proposal),
    },
    outbox: {
      add(row) {
        if (row.payload.length > MAX_TOPIC_PACKET_BYTES) throw new StorageError('tooLarge', 'packet');
        const id = ++disk.counter;
        write(
          `outbox ${row.subtopic} ${row.subject.kind} ${row.payload.length}`,
          (undo) => undo.set(disk.outbox, id, { ...row, id, payload: copy(row.payload) }),
          row.payload,
        );
        return id;
      },
      list: rowsOf,
      conversations: () => [...new Set([...disk.outbox.values()].map(({ conversationId }) => conversationId))],
      remove: (id) => write('outbox -', (undo) => undo.delete(disk.outbox, id)),
      removeExpired(now) {
        const expired = [...disk.outbox.values()].filter(({ expiresAt }) => expiresAt <= now);
        for (const { id } of expired) write('outbox expired', (undo) => undo.delete(disk.outbox, id));
        return expired;
      },
    },
    people: {
      putName(memberId, displayName) {
        if (disk.names.get(memberId) === displayName) return false;
        write(`name ${memberId}`, (undo) => undo.set(disk.names, memberId, displayName));
        return true;
      },
      name: (memberId) => disk.names.get(memberId),
      putDevice(memberId, signatureKey) {
        const known = disk.devices.get(memberId);
        if (known !== undefined && Buffer.compare(known.signatureKey, signatureKey) === 0) return;
        write(`device ${memberId}`, (undo) => undo.set(disk.devices, memberId, { ...known, signatureKey }));
      },
      device: (memberId) => disk.devices.get(memberId),
      putVerifiedKey(memberId, verifiedKey) {
        const known = disk.devices.get(memberId);
        if (known === undefined) return;
        const { signatureKey } = known;
        const device = { signatureKey, ...(verifiedKey === undefined ? {} : { verifiedKey }) };
        write(`verified ${memberId}`, (undo) => undo.set(disk.devices, memberId, device));
      },
      putPeers(peers) {
        const old = disk.peers;
        write(`peers ${peers.length}`, (undo) =>
          undo.change(
            () => (disk.peers = peers),
            () => (disk.peers = old),
          ),
        );
      },
      peers: () => disk.peers,
    },
  };
}
