/** The mailbox: order, one transaction for what arrives together, and what happens when the store refuses. */
import { describe, expect, it } from 'vitest';
import { STORAGE_RETRY_MS, WAKE_RETRY_MS } from '../../../shared/limits.ts';
import type { ConversationId } from '../../../shared/model/ids.ts';
import { createMailbox, type MailboxWork } from '../../../main/messenger/mailbox.ts';
import type { ConversationInput, ConversationState, Step } from '../../../main/protocol/conversation/contract.ts';
import { manualClock, settle } from './support.ts';

const conversationId = 'aaaaaaaaaaaaaaaaaaaaaaaaaa' as ConversationId;
const packet = (byte: number): ConversationInput => ({
  kind: 'packet',
  subtopic: 'app_msg',
  payload: Uint8Array.of(byte),
});

interface CountedState extends ConversationState {
  readonly inputs: readonly ConversationInput[];
}

/** A conversation that remembers its inputs, a store that can refuse, and what was let out. */
function world() {
  let present: CountedState = { conversationId, inputs: [] };
  let durable: CountedState = present;
  const log: string[] = [];
  const control = { refuse: false, nextWakeupAt: undefined as number | undefined };
  const work: MailboxWork = {
    async compute(input) {
      await Promise.resolve();
      if (input.kind === 'vote') throw new Error('no such vote');
      const before = present;
      const after: CountedState = { conversationId, inputs: [...before.inputs, input] };
      const step: Step = {
        conversationId,
        before,
        after,
        effects: [],
        lifecycle: [],
        reply: {},
        nextWakeupAt: control.nextWakeupAt,
      };
      return step;
    },
    install(step) {
      present = step.after as CountedState;
    },
    commit(steps) {
      if (control.refuse) throw new Error('disk full');
      durable = present;
      log.push(`commit ${String(steps.length)}`);
    },
    revert(steps) {
      present = steps[0]?.before as CountedState;
      log.push(`revert ${String(steps.length)}`);
    },
    emit: (steps) => log.push(`emit ${String(steps.length)}`),
    report: (error) => log.push(`report ${(error as Error).message}`),
  };
  return { work, control, log, present: () => present, durable: () => durable };
}

describe('the mailbox of a conversation', () => {
  it('takes inputs in order and lets nothing out before it is durable', async () => {
    const { work, log, durable } = world();
    const mailbox = createMailbox(work, manualClock());
    mailbox.post(packet(1));
    await mailbox.send({ kind: 'leave' });
    expect(durable().inputs.map((input) => input.kind)).toEqual(['packet', 'leave']);
    expect(log).toEqual(['commit 2', 'emit 2']);
  });

  it('shares one transaction between inputs that arrive together', async () => {
    const { work, log } = world();
    const mailbox = createMailbox(work, manualClock());
    for (let byte = 0; byte < 10; byte += 1) mailbox.post(packet(byte));
    await settle();
    expect(log).toEqual(['commit 10', 'emit 10']);
  });

  it('R-303 W-45 answers a command that cannot be with its error and carries on with the rest', async () => {
    const { work, durable } = world();
    const mailbox = createMailbox(work, manualClock());
    const vote = mailbox.send({ kind: 'vote', proposalId: 1 as never, approve: true });
    const leave = mailbox.send({ kind: 'leave' });
    await expect(vote).rejects.toThrow('no such vote');
    await leave;
    expect(durable().inputs).toHaveLength(1);
  });

  it('takes everything back when the store refuses, tells the command, and tries the packets again', async () => {
    const { work, control, log, present, durable } = world();
    const clock = manualClock();
    const mailbox = createMailbox(work, clock);
    control.refuse = true;
    mailbox.post(packet(1));
    const leave = mailbox.send({ kind: 'leave' });
    await expect(leave).rejects.toThrow('disk full');
    expect(present()).toEqual(durable());
    expect(log).not.toContain('emit 2');

    control.refuse = false;
    await clock.advance(STORAGE_RETRY_MS);
    expect(durable().inputs).toEqual([packet(1)]);
    expect(log.at(-1)).toBe('emit 1');
  });

  it('wakes a conversation once, when it asked to be woken', async () => {
    const { work, durable } = world();
    const clock = manualClock();
    const mailbox = createMailbox(work, clock);
    mailbox.wakeAt(clock.now() + 500);
    await clock.advance(499);
    expect(durable().inputs).toEqual([]);
    await clock.advance(1);
    expect(durable().inputs).toEqual([{ kind: 'wake' }]);
    expect(clock.pending()).toBe(0);
  });

  it('R-307 wakes a conversation again when its waking failed', async () => {
    const { work, durable } = world();
    const clock = manualClock();
    let failures = 1;
    const failing: MailboxWork = {
      ...work,
      compute: async (input) => {
        failures -= 1;
        if (failures >= 0) throw new Error('a bug');
        return work.compute(input);
      },
    };
    createMailbox(failing, clock).wakeAt(clock.now() + 1);
    await clock.advance(1);
    expect(durable().inputs).toEqual([]);
    await clock.advance(WAKE_RETRY_MS);
    expect(durable().inputs).toEqual([{ kind: 'wake' }]);
  });

  it('R-307 closes although the store refuses, and takes nothing after that', async () => {
    const { work, control } = world();
    const clock = manualClock();
    const mailbox = createMailbox(work, clock);
    control.refuse = true;
    mailbox.post(packet(1));
    const closed = mailbox.close();
    await clock.advance(STORAGE_RETRY_MS);
    await closed;
    expect(mailbox.post(packet(2))).toBe(false);
    await expect(mailbox.send({ kind: 'leave' })).rejects.toThrow();
  });
  it('tells whoever waits for a packet that was being written when it closed and the store refused', async () => {
    const { work, control, log } = world();
    const clock = manualClock();
    const mailbox = createMailbox(work, clock);
    control.refuse = true;
    const waiting = [1, 2].map((byte) =>
      mailbox.deliver({ kind: 'packet', subtopic: 'app_msg', payload: Uint8Array.of(byte) }),
    );
    const ends = Promise.allSettled(waiting);
    // Taken out of the queue, and not written yet.
    await Promise.resolve();
    const closed = mailbox.close();
    await clock.advance(STORAGE_RETRY_MS);
    await closed;
    expect((await ends).map((end) => (end.status === 'rejected' ? (end.reason as Error).name : end.status))).toEqual([
      'MailboxClosedError',
      'MailboxClosedError',
    ]);
    expect(log.some((line) => line.startsWith('emit'))).toBe(false);
  });
});
