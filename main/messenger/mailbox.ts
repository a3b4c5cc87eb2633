/**
 * One conversation's mailbox: inputs are taken in order, computed, committed in one transaction, and only then let out.
 * Knows neither storage nor network: what computing, committing and emitting mean is handed in.
 */
import {
  MAX_DELIVERED_PACKETS,
  MAX_MAILBOX_BATCH,
  MAX_MAILBOX_COMMANDS,
  MAX_MAILBOX_PACKETS,
  STORAGE_RETRY_MS,
  WAKE_RETRY_MS,
} from '../../shared/limits.ts';
import type { Clock } from '../clock.ts';
import type { ConversationInput, Step } from '../protocol/conversation/contract.ts';

/** What a mailbox does with its inputs. */
export interface MailboxWork {
  /** Computes the next step; rejects for a command that cannot be. Never rejects for a packet. */
  compute(input: ConversationInput): Promise<Step>;
  /** Lets later inputs of the batch see the step. */
  install(step: Step): void;
  /** Makes the steps durable, all or none; throws when the store cannot. */
  commit(steps: readonly Step[]): void;
  /** Takes steps back that could not be made durable. */
  revert(steps: readonly Step[]): void;
  /** Lets the effects out. Must not throw. */
  emit(steps: readonly Step[]): void;
  /** An input failed although it is no command, or the store failed and will be tried again. */
  report(error: unknown, input: ConversationInput): void;
}

interface Item {
  readonly input: ConversationInput;
  resolve(step: Step): void;
  reject(error: unknown): void;
  /** The mailbox closed before it was durable, and somebody waits. */
  abandon?(): void;
}

type Outcome = { readonly item: Item; readonly step: Step } | { readonly item: Item; readonly error: unknown };

/** Thrown for a command that found the queue full. */
export class MailboxFullError extends Error {
  readonly code = 'MAILBOX_FULL';
  constructor() {
    super('too many commands wait for this conversation');
    this.name = 'MailboxFullError';
  }
}

/** Somebody waited for a packet's step when the mailbox closed. */
export class MailboxClosedError extends Error {
  readonly code = 'MAILBOX_CLOSED';
  constructor() {
    super('the conversation ended, or the app is closing');
    this.name = 'MailboxClosedError';
  }
}

export interface Mailbox {
  /** Queues a command and resolves once its step is durable. */
  send(input: ConversationInput): Promise<Step>;
  /**
   * Queues a packet as soon as there is room, which leaves some for those that come by themselves; resolves once its step is durable,
   * rejects when the mailbox closes.
   */
  deliver(packet: ConversationInput & { readonly kind: 'packet' }): Promise<Step>;
  /** Queues something that nobody waits for; false when the queue was full and it was dropped. */
  post(input: ConversationInput): boolean;
  /** When the conversation wants to be woken; undefined for never. */
  wakeAt(time: number | undefined): void;
  /** Takes no more inputs and resolves when the current ones are done. */
  close(): Promise<void>;
}

/** Inputs that a store failure must not lose: nobody would send them again. */
const mustKeep = (input: ConversationInput): boolean => input.kind === 'packet' || input.kind === 'wake';

export function createMailbox(work: MailboxWork, clock: Clock): Mailbox {
  let queue: Item[] = [];
  let running: Promise<void> | undefined;
  let closed = false;
  let timer: ReturnType<Clock['setTimeout']> | undefined;
  let packets = 0;
  let waitingForRoom: (() => void)[] = [];

  const computeAll = async (batch: readonly Item[]): Promise<Outcome[]> => {
    const outcomes: Outcome[] = [];
    for (const item of batch) {
      try {
        const step = await work.compute(item.input);
        work.install(step);
        outcomes.push({ item, step });
        if (step.after === undefined) break;
      } catch (error) {
        outcomes.push({ item, error });
      }
    }
    return outcomes;
  };

  const settle = (outcome: Outcome): void => {
    if ('step' in outcome) outcome.item.resolve(outcome.step);
    else outcome.item.reject(outcome.error);
  };

  const runBatch = async (): Promise<void> => {
    const batch = queue.splice(0, MAX_MAILBOX_BATCH);
    packets -= batch.filter((item) => mustKeep(item.input)).length;
    const outcomes = await computeAll(batch);
    makeRoom();
    const rest = batch.slice(outcomes.length);
    const steps = outcomes.flatMap((outcome) => ('step' in outcome ? [outcome.step] : []));
    try {
      if (steps.length > 0) work.commit(steps);
    } catch (error) {
      work.revert(steps);
      const kept = [...outcomes.map((outcome) => outcome.item), ...rest].filter((item) => mustKeep(item.input));
      for (const { item } of outcomes) {
        if (mustKeep(item.input)) continue;
        work.report(error, item.input);
        item.reject(error);
      }
      for (const item of rest) if (!mustKeep(item.input)) item.reject(error);
      if (closed) {
        // Nobody writes them any more: whoever waits is told.
        for (const item of kept) item.abandon?.();
        return;
      }
      queue = [...kept, ...queue];
      packets += kept.length;
      const first = kept[0];
      if (first !== undefined) work.report(error, first.input);
      await new Promise<void>((resolve) => {
        clock.setTimeout(resolve, STORAGE_RETRY_MS);
      });
      return;
    }
    queue = [...rest, ...queue];
    packets += rest.filter((item) => mustKeep(item.input)).length;
    const last = steps.at(-1);
    if (last !== undefined) mailbox.wakeAt(last.nextWakeupAt);
    // A deadline that could not be kept is tried again: a conversation must not sleep for ever because of one failure.
    else if (outcomes.some(({ item }) => item.input.kind === 'wake')) mailbox.wakeAt(clock.now() + WAKE_RETRY_MS);
    work.emit(steps);
    for (const outcome of outcomes) settle(outcome);
  };

  const makeRoom = (): void => {
    if (packets >= MAX_DELIVERED_PACKETS && !closed) return;
    const woken = waitingForRoom;
    waitingForRoom = [];
    for (const wake of woken) wake();
  };

  const run = async (): Promise<void> => {
    // One turn later, so that inputs of the same moment share a transaction.
    await Promise.resolve();
    while (queue.length > 0) await runBatch();
    running = undefined;
  };

  const start = (): void => {
    running ??= run();
  };

  const mailbox: Mailbox = {
    send(input) {
      return new Promise((resolve, reject) => {
        if (closed || queue.length - packets >= MAX_MAILBOX_COMMANDS) {
          reject(new MailboxFullError());
          return;
        }
        queue.push({ input, resolve, reject });
        start();
      });
    },
    async deliver(input) {
      while (packets >= MAX_DELIVERED_PACKETS && !closed)
        await new Promise<void>((resolve) => {
          waitingForRoom.push(resolve);
        });
      if (closed) throw new MailboxClosedError();
      return new Promise((resolve, reject) => {
        packets += 1;
        const abandon = (): void => {
          reject(new MailboxClosedError());
        };
        queue.push({ input, resolve, reject, abandon });
        start();
      });
    },
    post(input) {
      if (closed) return false;
      if (mustKeep(input) ? packets >= MAX_MAILBOX_PACKETS : queue.length - packets >= MAX_MAILBOX_COMMANDS)
        return false;
      if (mustKeep(input)) packets += 1;
      queue.push({
        input,
        resolve: () => undefined,
        reject: (error) => {
          work.report(error, input);
        },
      });
      start();
      return true;
    },
    wakeAt(time) {
      if (timer !== undefined) clock.clearTimeout(timer);
      timer = undefined;
      if (time === undefined || closed) return;
      timer = clock.setTimeout(
        () => {
          timer = undefined;
          mailbox.post({ kind: 'wake' });
        },
        Math.max(0, time - clock.now()),
      );
    },
    async close() {
      closed = true;
      mailbox.wakeAt(undefined);
      // A failing store must not keep the app from ending: what it could not write stays unwritten, nothing was let out.
      const dropped = queue.filter((item) => mustKeep(item.input));
      queue = queue.filter((item) => !mustKeep(item.input));
      packets = 0;
      for (const item of dropped) item.abandon?.();
      makeRoom();
      await running;
    },
  };
  return mailbox;
}
