/**
 * Hands stored packets to the network, oldest first, and forgets each a moment after somebody took it: what the network took has
 * not left the process yet, and a crash right then must not lose it. What nobody can take waits for a peer to appear. Knows no
 * protocol: a packet is bytes with a subject.
 */
import { OUTBOX_LINGER_MS, OUTBOX_RETRY_MAX_MS, OUTBOX_RETRY_MS } from '../../shared/limits.ts';
import type { Message } from '../../shared/api/model.ts';
import type { ConversationId } from '../../shared/model/ids.ts';
import type { Clock } from '../clock.ts';
import type { Network } from './ports/network.ts';
import type { OutboxRow, Storage } from './ports/storage.ts';

export interface OutboxContext {
  readonly storage: Pick<Storage, 'transaction'> & {
    readonly outbox: Pick<Storage['outbox'], 'list' | 'remove' | 'removeExpired'>;
    readonly messages: Pick<Storage['messages'], 'setStatus'>;
  };
  readonly network: Pick<Network, 'publish' | 'topicPeers'>;
  readonly clock: Clock;
  /** A packet was taken by at least one peer. `message` is the one that it made 'sent'. */
  taken(row: OutboxRow, message: Message | undefined): void;
  /** A packet grew too old. */
  expired(row: OutboxRow): void;
  failed(error: unknown): void;
}

export interface Outbox {
  /** Sends what waits for that conversation, if somebody listens. Safe to call at any time, as often as one likes. */
  flush(conversationId: ConversationId): void;
  close(): Promise<void>;
}

export function createOutbox(context: OutboxContext): Outbox {
  const { storage, network, clock } = context;
  const running = new Map<ConversationId, Promise<void>>();
  const again = new Set<ConversationId>();
  const timers = new Map<ConversationId, { readonly timer: ReturnType<Clock['setTimeout']>; readonly delay: number }>();
  /** Rows that the network took; they go when they must have left the process. */
  const taken = new Set<number>();
  let forgetTimer: ReturnType<Clock['setTimeout']> | undefined;
  let closed = false;

  const forget = (rows: readonly number[]): void => {
    if (rows.length === 0) return;
    storage.transaction(() => {
      for (const id of rows) storage.outbox.remove(id);
    });
    for (const id of rows) taken.delete(id);
  };

  /** One timer for all: those that came since it was armed wait for the next. */
  const forgetLater = (): void => {
    if (closed || forgetTimer !== undefined || taken.size === 0) return;
    const due = [...taken];
    forgetTimer = clock.setTimeout(() => {
      forgetTimer = undefined;
      try {
        forget(due);
      } catch (error) {
        context.failed(error);
      }
      forgetLater();
    }, OUTBOX_LINGER_MS);
  };

  const retryLater = (conversationId: ConversationId, previousDelay: number): void => {
    if (closed) return;
    const delay = Math.min(OUTBOX_RETRY_MAX_MS, Math.max(OUTBOX_RETRY_MS, previousDelay * 2));
    const timer = clock.setTimeout(() => {
      outbox.flush(conversationId);
    }, delay);
    timers.set(conversationId, { timer, delay });
  };

  const dropExpired = (): void => {
    for (const row of storage.outbox.removeExpired(clock.now())) context.expired(row);
  };

  const sendAll = async (conversationId: ConversationId, previousDelay: number): Promise<void> => {
    dropExpired();
    for (const row of storage.outbox.list(conversationId)) {
      if (taken.has(row.id)) continue;
      if (closed || network.topicPeers(conversationId).length === 0) return;
      const { recipients } = await network.publish({
        conversationId,
        subtopic: row.subtopic,
        payload: row.payload,
      });
      if (recipients === 0) {
        retryLater(conversationId, previousDelay);
        return;
      }
      const { subject } = row;
      // What cannot be noted, on a full disk, counts as not taken: it goes out once more, and whoever has it says so.
      const message =
        subject.kind === 'message'
          ? storage.transaction(() => storage.messages.setStatus(conversationId, subject.messageId, 'sent'))
          : undefined;
      taken.add(row.id);
      forgetLater();
      context.taken(row, message);
    }
  };

  const run = async (conversationId: ConversationId): Promise<void> => {
    const waiting = timers.get(conversationId);
    if (waiting !== undefined) clock.clearTimeout(waiting.timer);
    timers.delete(conversationId);
    try {
      await sendAll(conversationId, waiting?.delay ?? 0);
    } catch (error) {
      context.failed(error);
      retryLater(conversationId, waiting?.delay ?? 0);
    }
    running.delete(conversationId);
    if (again.delete(conversationId)) outbox.flush(conversationId);
  };

  const outbox: Outbox = {
    flush(conversationId) {
      if (closed) return;
      if (running.has(conversationId)) {
        again.add(conversationId);
        return;
      }
      running.set(conversationId, run(conversationId));
    },
    async close() {
      closed = true;
      for (const { timer } of timers.values()) clock.clearTimeout(timer);
      timers.clear();
      again.clear();
      await Promise.all(running.values());
      // The network is stopped in order after this: what it took goes out.
      if (forgetTimer !== undefined) clock.clearTimeout(forgetTimer);
      try {
        forget([...taken]);
      } catch (error) {
        // The next start sends them once more, and whoever has them says so.
        context.failed(error);
      }
    },
  };
  return outbox;
}
