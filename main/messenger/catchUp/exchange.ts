/**
 * One exchange from its first frame to its last: who, where, what the other has, then both directions at once. Knows no peer but
 * this, and not when exchanges are made.
 */
import type { ConversationId, MemberId, PeerId } from '../../../shared/model/ids.ts';
import type { Clock } from '../../clock.ts';
import { CATCH_UP_HANDSHAKE_MS, CATCH_UP_LONGEST_MS } from '../../../shared/limits.ts';
import type { Identity } from '../../protocol/identity/contract.ts';
import type { User } from '../../protocol/user/contract.ts';
import type { DirectChannel } from '../ports/network.ts';
import type { Storage } from '../ports/storage.ts';
import { ExchangeError, framesOver, type Frames } from './frames.ts';
import { giveAll } from './giving.ts';
import { greet } from './handshake.ts';
import {
  concerns,
  ownOffers,
  readLists,
  readOffers,
  sendLists,
  sendOffers,
  type OfferContext,
  type Offers,
} from './offers.ts';
import { takeAll, type Taken, type TakingOptions } from './taking.ts';

export interface ExchangeContext {
  readonly clock: Clock;
  readonly identity: Identity;
  readonly ownPeerId: PeerId;
  readonly user: Pick<User, 'conversations' | 'standing' | 'isWelcomeFor' | 'sharesConversationWith'>;
  readonly log: Storage['packetLog'];
  readonly deliver: TakingOptions['deliver'];
  /** Who a peer proved to be in its hello. */
  readonly memberOf: (peerId: PeerId) => MemberId | undefined;
  /** Whether a peer listens to a conversation's topics. */
  readonly listensTo: (peerId: PeerId, conversationId: ConversationId) => boolean;
}

export interface ExchangeOutcome extends Taken {
  /** Undefined when the other side stayed unnamed. */
  readonly them: MemberId | undefined;
  /** Conversations that it was about. */
  readonly conversations: readonly ConversationId[];
  readonly given: number;
}

/** Runs one exchange over a fresh channel. Rejects when it broke; what came until then stays. */
export async function runExchange(
  channel: DirectChannel,
  role: 'opener' | 'taker',
  remotePeerId: PeerId,
  context: ExchangeContext,
): Promise<ExchangeOutcome> {
  const { clock } = context;
  const giveUpAfter = (ms: number, why: string): object =>
    clock.setTimeout(() => {
      channel.abort(new ExchangeError(why));
    }, ms);
  const patience = giveUpAfter(CATCH_UP_HANDSHAKE_MS, 'a slow beginning');
  const whole = giveUpAfter(CATCH_UP_LONGEST_MS, 'too long');
  try {
    const frames = framesOver(channel, clock);
    const offering: OfferContext = { user: context.user, log: context.log, now: () => clock.now() };
    const { them, own, theirs } = await begin(frames, role, remotePeerId, context, offering);
    clock.clearTimeout(patience);
    const [, listed] = await Promise.all([sendLists(frames, own, theirs, context.log), readLists(frames, own, theirs)]);
    const enough = new Set<ConversationId>();
    const [given, taken] = await bothOrNone(channel, [
      giveAll({ ...offering, frames, them, theirs: within(theirs, own), listed, enough }),
      takeAll({
        ...offering,
        frames,
        them,
        own,
        theirs,
        deliver: context.deliver,
        onEnough: (conversationId) => {
          // Said once of what it is about: what is kept here has a bound.
          if (enough.has(conversationId) || !own.has(conversationId) || !theirs.has(conversationId))
            throw new ExchangeError('enough of nothing');
          enough.add(conversationId);
        },
      }),
    ]);
    await leave(channel, frames);
    return { ...taken, them, given, conversations: [...within(theirs, own).keys()] };
  } catch (error) {
    channel.abort(error instanceof Error ? error : new ExchangeError('it failed'));
    throw error;
  } finally {
    clock.clearTimeout(patience);
    clock.clearTimeout(whole);
  }
}

/**
 * Both said everything: what was taken counts. A side that keeps its end open all the same, or goes on talking, is cut off, so that
 * nothing of the exchange stays behind.
 */
async function leave(channel: DirectChannel, frames: Frames): Promise<void> {
  try {
    await frames.close();
  } catch (error) {
    channel.abort(error instanceof Error ? error : new ExchangeError(String(error)));
  }
}

/** Both directions of an exchange to their ends. When one fails the other is not waited out, but ended, and its failure is told too. */
async function bothOrNone(
  channel: DirectChannel,
  [giving, taking]: readonly [Promise<number>, Promise<Taken>],
): Promise<readonly [number, Taken]> {
  const failures: Error[] = [];
  const endBoth = (error: unknown): undefined => {
    const failure = error instanceof Error ? error : new ExchangeError(String(error));
    failures.push(failure);
    channel.abort(failure);
    return undefined;
  };
  const [given, taken] = await Promise.all([giving.catch(endBoth), taking.catch(endBoth)]);
  const [first, second] = failures;
  if (second !== undefined && first !== undefined && second !== first)
    throw new ExchangeError(`${first.message}; ${second.message}`, { cause: second.cause ?? first });
  if (first !== undefined) throw first;
  if (given === undefined || taken === undefined) throw new ExchangeError('it failed');
  return [given, taken];
}

const within = (theirs: Offers, own: Offers): Offers => new Map([...theirs].filter(([id]) => own.has(id)));

interface Beginning {
  readonly them: MemberId | undefined;
  readonly own: Offers;
  readonly theirs: Offers;
}

/** Who is who, and where: the opener's offer, the taker's, and what the opener left out because it did not know that they share it. */
async function begin(
  frames: Frames,
  role: 'opener' | 'taker',
  remotePeerId: PeerId,
  context: ExchangeContext,
  offering: OfferContext,
): Promise<Beginning> {
  const { identity, ownPeerId, clock } = context;
  const random = (length: number): Uint8Array => clock.random(length);
  const { prove, stayUnnamed, hear } = await greet(frames, { identity, ownPeerId, remotePeerId, random });
  const listensTo = (conversationId: ConversationId): boolean => context.listensTo(remotePeerId, conversationId);
  if (role === 'opener') {
    const expected = context.memberOf(remotePeerId);
    await prove();
    const first = ownOffers(offering, concerns(expected, listensTo));
    await sendOffers(frames, first);
    const them = await hear();
    if (them !== undefined && expected !== undefined && them !== expected) throw new ExchangeError('somebody else');
    const theirs = readOffers(await frames.expect('offer'));
    const rest = ownOffers(offering, ({ conversationId }) => theirs.has(conversationId), first);
    await sendOffers(frames, rest);
    return { them, own: new Map([...first, ...rest]), theirs };
  }
  const them = await hear();
  if (them === undefined) throw new ExchangeError('an opener without a name');
  const first = readOffers(await frames.expect('offer'));
  const fits = concerns(them, listensTo);
  const own = ownOffers(offering, (standing) => first.has(standing.conversationId) || fits(standing));
  // A group of ours that it names is one that it knows: there members say in the clear who they are (H-28).
  const mayKnow =
    context.user.sharesConversationWith(them) ||
    [...first.values()].some(({ conversationId, readable }) => readable.length > 0 && own.has(conversationId));
  await (mayKnow ? prove() : stayUnnamed());
  await sendOffers(frames, own);
  const rest = readOffers(await frames.expect('offer'));
  return { them, own, theirs: new Map([...first, ...rest]) };
}
