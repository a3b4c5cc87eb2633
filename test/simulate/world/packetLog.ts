/** Kept packets on a simulated disk. Nothing grows old there: a simulated group lives for minutes. Knows no device. */
import { MAX_PAGE_SIZE } from '../../../shared/limits.ts';
import type { ConversationId } from '../../../shared/model/ids.ts';
import type { LogEntry } from '../../../main/protocol/conversation/contract.ts';
import type { Storage } from '../../../main/messenger/ports/storage.ts';
import type { Shelf, ShelvedPacket, UndoLog } from './disk.ts';

type Write = (name: string, change: (undo: UndoLog) => void, bytes?: Uint8Array) => void;
type Packet = Exclude<LogEntry, { kind: 'epoch' }>;

const nameOf = (entry: LogEntry): string =>
  Buffer.from(entry.kind === 'epoch' ? entry.branch : entry.hash).toString('hex');

export function packetLogOf(
  shelfOf: (conversationId: ConversationId) => Shelf,
  write: Write,
  nextPosition: () => number,
): Storage['packetLog'] {
  const all = (conversationId: ConversationId): [number, ShelvedPacket][] => [...shelfOf(conversationId).packetLog];
  const packets = (conversationId: ConversationId, kind: Packet['kind'], epoch?: number) =>
    all(conversationId).flatMap(([position, { entry }]) =>
      entry.kind === kind && (epoch === undefined || entry.epoch === epoch)
        ? [{ position, hash: entry.hash, payload: entry.payload }]
        : [],
    );
  return {
    put(conversationId, entry, now) {
      const { packetLog } = shelfOf(conversationId);
      const isGivenUp = ({ entry: other }: ShelvedPacket): boolean =>
        (entry.kind === 'epoch' && other.epoch >= entry.epoch) ||
        (entry.kind === 'commit' && other.kind === 'commit' && other.epoch === entry.epoch);
      const isKnown = all(conversationId).some(
        ([, { entry: other }]) =>
          other.kind === entry.kind && other.epoch === entry.epoch && nameOf(other) === nameOf(entry),
      );
      if (isKnown && entry.kind !== 'epoch' && entry.kind !== 'commit') return;
      write(`log ${entry.kind} ${entry.epoch} ${nameOf(entry)}`, (undo) => {
        for (const [position, packet] of [...packetLog]) if (isGivenUp(packet)) undo.delete(packetLog, position);
        undo.set(packetLog, nextPosition(), { entry, storedAt: now });
      });
    },
    dropFrom(conversationId, from) {
      const { packetLog } = shelfOf(conversationId);
      write(`log abandoned ${from}`, (undo) => {
        for (const [position, { entry }] of [...packetLog])
          if (entry.epoch >= from || (entry.kind === 'commit' && entry.epoch === from - 1))
            undo.delete(packetLog, position);
      });
    },
    epoch(conversationId, epoch) {
      const row = all(conversationId).find(([, { entry }]) => entry.kind === 'epoch' && entry.epoch === epoch)?.[1];
      return row?.entry.kind === 'epoch' ? row.entry : undefined;
    },
    commit: (conversationId, epoch) => packets(conversationId, 'commit', epoch)[0],
    hashes: (conversationId, epoch) => packets(conversationId, 'app', epoch).map(({ hash }) => hash),
    messages: (conversationId, epoch, { after, limit }) =>
      packets(conversationId, 'app', epoch)
        .filter(({ position }) => position > (after ?? 0))
        .slice(0, Math.min(limit, MAX_PAGE_SIZE + 1)),
    welcomes: (conversationId) =>
      packets(conversationId, 'welcome')
        .reverse()
        .map(({ payload }) => payload),
  };
}
