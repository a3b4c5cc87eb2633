/**
 * Taking what the other side of an exchange gives: frame by frame into the conversations' mailboxes, never more than they have room
 * for. What came counts as there once its step is durable. Knows no packet from the inside.
 */
import { MAX_USELESS_PACKETS } from '../../../shared/limits.ts';
import type { ConversationId, MemberId } from '../../../shared/model/ids.ts';
import type { ConversationInput, Step } from '../../protocol/conversation/contract.ts';
import { CatchUpKind, type CatchUpPackets } from '../../protocol/wire/index.ts';
import { ExchangeError, type Frames } from './frames.ts';
import type { OfferContext, Offers } from './offers.ts';

type Packet = ConversationInput & { readonly kind: 'packet' };

export interface TakingOptions extends Pick<OfferContext, 'user' | 'now'> {
  readonly frames: Frames;
  readonly them: MemberId | undefined;
  readonly own: Offers;
  readonly theirs: Offers;
  /** Resolves once the step is durable, waits while there is no room; undefined when the conversation is no more. */
  readonly deliver: (conversationId: ConversationId, packet: Packet) => Promise<Step | undefined>;
  /** The other side wants nothing more of that conversation. */
  readonly onEnough: (conversationId: ConversationId) => void;
}

export interface Taken {
  /** Packets that changed something. */
  readonly useful: number;
  /** Conversations of which the other side has something that it cannot give. */
  readonly missing: ReadonlySet<ConversationId>;
  /** Conversations that did not get on although the commit came. */
  readonly stuck: ReadonlySet<ConversationId>;
}

/**
 * Takes everything until the other side is done. Throws ExchangeError for what must not come; however it ends, nothing of what came
 * is on its way to a mailbox any more.
 */
export async function takeAll(options: TakingOptions): Promise<Taken> {
  const { frames, user, now } = options;
  const stuck = new Set<ConversationId>();
  let useful = 0;
  let useless = 0;
  /** The frame before: it is carried out while the next one comes. Never rejects, so that its failure waits to be met. */
  let before: Promise<ExchangeError | undefined> = Promise.resolve(undefined);
  const finishBefore = async (): Promise<void> => {
    const failure = await before;
    if (failure !== undefined) throw failure;
  };

  const epochOf = (conversationId: ConversationId): number | undefined => {
    const standing = user.standing(conversationId, now());
    return standing?.kind === 'member' ? standing.epoch : undefined;
  };
  const stop = async (conversationId: ConversationId): Promise<void> => {
    stuck.add(conversationId);
    await frames.send({ case: 'enough', value: { conversationId } });
  };

  const deliverAll = async (
    conversationId: ConversationId,
    packets: readonly Packet[],
  ): Promise<ExchangeError | undefined> => {
    const ends = await Promise.allSettled(packets.map((packet) => options.deliver(conversationId, packet)));
    const failed = ends.find((end) => end.status === 'rejected');
    const good = ends.filter((end) => end.status === 'fulfilled' && end.value !== undefined && isUseful(end.value));
    useful += good.length;
    useless += ends.length - good.length;
    return failed === undefined ? undefined : new ExchangeError('what came was not taken', { cause: failed.reason });
  };

  const take = async ({ conversationId: text, epoch, kind, payloads }: CatchUpPackets): Promise<void> => {
    const conversationId = text as ConversationId;
    if (!options.own.has(conversationId) || !options.theirs.has(conversationId))
      throw new ExchangeError('packets of another conversation');
    if (payloads.length === 0) throw new ExchangeError('no packets');
    if (kind !== CatchUpKind.WELCOME && options.them === undefined)
      throw new ExchangeError('packets of somebody unnamed');
    if (stuck.has(conversationId)) return;
    const subtopic = kind === CatchUpKind.WELCOME ? 'welcome' : 'app_msg';
    const packets = payloads.map((payload): Packet => ({ kind: 'packet', subtopic, payload, late: true }));
    await finishBefore();
    if (useless > useful + MAX_USELESS_PACKETS) throw new ExchangeError('too much that is of no use');
    const present = epochOf(conversationId);
    if (kind === CatchUpKind.MESSAGES && (present === undefined || epoch > present)) {
      await stop(conversationId);
      return;
    }
    before = deliverAll(conversationId, packets);
    if (kind !== CatchUpKind.COMMIT) return;
    await finishBefore();
    const reached = epochOf(conversationId);
    if (reached !== undefined && present === Number(epoch) && reached === present) await stop(conversationId);
  };

  const takeUntilDone = async (): Promise<Taken> => {
    for (;;) {
      const frame = await frames.receive();
      if (frame.case === 'packets') await take(frame.value);
      else if (frame.case === 'enough') options.onEnough(frame.value.conversationId as ConversationId);
      else if (frame.case === 'done') {
        await finishBefore();
        return { useful, missing: new Set(frame.value.missing as ConversationId[]), stuck };
      } else throw new ExchangeError(`${frame.case ?? 'nothing'} among the packets`);
    }
  };
  try {
    return await takeUntilDone();
  } catch (error) {
    const failure = await before;
    if (failure === undefined || failure === error) throw error;
    // Both are to be told: what the other side did, and that it is not the only thing that went wrong.
    throw new ExchangeError(`${String(error)}; ${failure.message}`, { cause: failure.cause });
  }
}

/** It is kept for others now, or it led somewhere. */
const isUseful = (step: Step): boolean => step.after !== step.before && step.effects.some(({ kind }) => kind === 'log');
