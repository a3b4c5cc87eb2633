/** The outbox: oldest first, gone once taken, kept while nobody listens. */
import { describe, expect, it } from 'vitest';
import { OUTBOX_LINGER_MS, OUTBOX_RETRY_MS } from '../../../shared/limits.ts';
import type { Message } from '../../../shared/api/model.ts';
import type { ConversationId, MessageId, PeerId } from '../../../shared/model/ids.ts';
import { createOutbox, type OutboxContext } from '../../../main/messenger/outbox.ts';
import type { NetworkPacket } from '../../../main/messenger/ports/network.ts';
import type { OutboxRow } from '../../../main/messenger/ports/storage.ts';
import { manualClock, settle, type ManualClock } from './support.ts';

const conversationId = 'aaaaaaaaaaaaaaaaaaaaaaaaaa' as ConversationId;
const somebody = 'peer' as PeerId;

function world(clock: ManualClock) {
  let rows: OutboxRow[] = [];
  const sent: number[] = [];
  const statuses: string[] = [];
  const control = { listeners: [somebody] as PeerId[], recipients: 1, fail: false, isFull: false };
  const storage: OutboxContext['storage'] = {
    transaction: <T>(work: () => T): T => work(),
    outbox: {
      list: () => rows,
      remove: (id: number) => {
        rows = rows.filter((row) => row.id !== id);
      },
      removeExpired: (now: number) => {
        const expired = rows.filter((row) => row.expiresAt <= now);
        rows = rows.filter((row) => row.expiresAt > now);
        return expired;
      },
    },
    messages: {
      setStatus: (_: ConversationId, messageId: MessageId, status: string): Message | undefined => {
        if (control.isFull) throw new Error('disk full');
        statuses.push(`${messageId} ${status}`);
        return undefined;
      },
    },
  };
  const expired: number[] = [];
  const failures: unknown[] = [];
  const outbox = createOutbox({
    storage,
    clock,
    network: {
      topicPeers: () => control.listeners,
      publish: async (packet: NetworkPacket) => {
        await Promise.resolve();
        if (control.fail) throw new Error('no network');
        if (control.recipients > 0) sent.push(packet.payload[0] ?? -1);
        return { recipients: control.recipients };
      },
    },
    taken: () => undefined,
    expired: (row) => expired.push(row.id),
    failed: (error) => failures.push(error),
  });
  const put = (id: number, expiresAt = Number.MAX_SAFE_INTEGER): void => {
    rows.push({
      id,
      conversationId,
      subtopic: 'app_msg',
      payload: Uint8Array.of(id),
      subject: { kind: 'message', messageId: `m${String(id)}` as MessageId },
      createdAt: clock.now(),
      expiresAt,
    });
  };
  return { outbox, put, sent, statuses, control, expired, failures, left: () => rows.map((row) => row.id) };
}

describe('the outbox', () => {
  it('hands packets over oldest first, marks the message as sent, and lets the packet go a moment later', async () => {
    const clock = manualClock();
    const { outbox, put, sent, statuses, left } = world(clock);
    put(1);
    put(2);
    outbox.flush(conversationId);
    await settle();
    expect(sent).toEqual([1, 2]);
    expect(statuses).toEqual(['m1 sent', 'm2 sent']);
    // A crash now would lose what is still on its way out of the process.
    expect(left()).toEqual([1, 2]);
    outbox.flush(conversationId);
    await settle();
    expect(sent).toEqual([1, 2]);
    await clock.advance(2 * OUTBOX_LINGER_MS);
    expect(left()).toEqual([]);
    expect(clock.pending()).toBe(0);
  });

  it('has nothing left that was taken when it closes in order', async () => {
    const clock = manualClock();
    const { outbox, put, left } = world(clock);
    put(1);
    outbox.flush(conversationId);
    await settle();
    await outbox.close();
    expect(left()).toEqual([]);
    expect(clock.pending()).toBe(0);
  });

  it('keeps everything, and arms no timer, while nobody listens', async () => {
    const clock = manualClock();
    const { outbox, put, control, left } = world(clock);
    control.listeners = [];
    put(1);
    outbox.flush(conversationId);
    await settle();
    expect(left()).toEqual([1]);
    expect(clock.pending()).toBe(0);
  });

  it('R-194 W-50 tries again when somebody listens but nobody took the packet, and when the network failed', async () => {
    const clock = manualClock();
    const { outbox, put, control, left, failures } = world(clock);
    control.recipients = 0;
    put(1);
    outbox.flush(conversationId);
    await settle();
    expect(left()).toEqual([1]);
    control.fail = true;
    await clock.advance(OUTBOX_RETRY_MS);
    expect(failures).toHaveLength(1);
    control.fail = false;
    control.recipients = 2;
    await clock.advance(OUTBOX_RETRY_MS * 4);
    await clock.advance(OUTBOX_LINGER_MS);
    expect(left()).toEqual([]);
  });

  it('R-194 notes a message as sent as soon as there is space for the note', async () => {
    const clock = manualClock();
    const { outbox, put, control, left, failures, statuses } = world(clock);
    control.isFull = true;
    put(1);
    outbox.flush(conversationId);
    await settle();
    expect(failures).toHaveLength(1);
    control.isFull = false;
    await clock.advance(OUTBOX_RETRY_MS);
    expect(statuses).toEqual(['m1 sent']);
    await clock.advance(OUTBOX_LINGER_MS);
    expect(left()).toEqual([]);
  });

  it('sends what was added while it was sending', async () => {
    const { outbox, put, sent } = world(manualClock());
    put(1);
    outbox.flush(conversationId);
    put(2);
    outbox.flush(conversationId);
    await settle();
    expect(sent).toEqual([1, 2]);
  });

  it('forgets what grew too old', async () => {
    const clock = manualClock();
    const { outbox, put, sent, expired } = world(clock);
    put(1, clock.now() + 10);
    await clock.advance(11);
    outbox.flush(conversationId);
    await settle();
    expect(sent).toEqual([]);
    expect(expired).toEqual([1]);
  });

  it('closes without sending the rest', async () => {
    const { outbox, put, left } = world(manualClock());
    put(1);
    put(2);
    await outbox.close();
    outbox.flush(conversationId);
    await settle();
    expect(left()).toEqual([1, 2]);
  });
});
