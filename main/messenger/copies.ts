/**
 * Copies of the store, taken while it is at work: when one is due, and what must not be in one. Knows no file.
 */
import { STORE_COPY_AFTER_START_MS, STORE_COPY_RETRY_MS } from '../../shared/limits.ts';
import type { Clock } from '../clock.ts';
import type { User } from '../protocol/user/contract.ts';
import type { Logger } from './contract.ts';
import type { CopyableStorage, Storage, StoreCopies } from './ports/storage.ts';

export interface CopiesContext {
  readonly storage: Pick<CopyableStorage, 'takeCopy'>;
  readonly copies: Pick<StoreCopies, 'dueAt'>;
  readonly key: Uint8Array;
  readonly user: Pick<User, 'renewedWrites'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Takes every group's secrets out of a copy: an epoch's must not outlive its window in one (H-31), and whoever goes on from it
 * must not use them twice. What waited to be sent was made with them.
 */
export async function renewAll(copy: Storage, user: Pick<User, 'renewedWrites'>, now: number): Promise<void> {
  for (const { conversationId, ended } of copy.conversations.list()) {
    if (ended !== undefined) continue;
    const writes = await user.renewedWrites(copy.conversations.load(conversationId), now);
    copy.transaction(() => {
      copy.conversations.write(conversationId, writes);
      for (const { id } of copy.outbox.list(conversationId)) copy.outbox.remove(id);
    });
  }
}

/** Takes copies from now on. */
export function keepCopies(context: CopiesContext): {
  /** Resolves when no copy is being taken any more. */
  close(): Promise<void>;
} {
  const { storage, copies, key, user, clock, logger } = context;
  let timer: ReturnType<Clock['setTimeout']> | undefined;
  let running: Promise<void> | undefined;
  let closed = false;

  const take = async (): Promise<void> => {
    const now = clock.now();
    try {
      await storage.takeCopy({ key, now, prepare: (copy) => renewAll(copy, user, now) });
      arm(copies.dueAt(clock.now()) - clock.now());
    } catch (error) {
      logger.warn({ error }, 'no copy of the messages could be taken; it is tried again');
      arm(STORE_COPY_RETRY_MS);
    }
    running = undefined;
  };

  const arm = (delayMs: number): void => {
    if (closed) return;
    timer = clock.setTimeout(
      () => {
        running = take();
      },
      Math.max(delayMs, STORE_COPY_AFTER_START_MS),
    );
  };

  arm(copies.dueAt(clock.now()) - clock.now());

  return {
    async close() {
      closed = true;
      if (timer !== undefined) clock.clearTimeout(timer);
      await running;
    },
  };
}
