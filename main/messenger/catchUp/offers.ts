/**
 * What both sides of an exchange say of where they are, and which messages the other needs to see listed. Knows the log's names of
 * packets, not the packets.
 */
import { createHash } from 'node:crypto';
import {
  MAX_HASHES_IN_EXCHANGE,
  MAX_HASHES_IN_FRAME,
  MAX_OFFERED_CONVERSATIONS,
  PACKET_HASH_BYTES,
} from '../../../shared/limits.ts';
import type { ConversationId, MemberId } from '../../../shared/model/ids.ts';
import type { Standing } from '../../protocol/conversation/whereabouts.ts';
import type { User } from '../../protocol/user/contract.ts';
import { isConversationId, type CatchUpOffer } from '../../protocol/wire/index.ts';
import type { Storage } from '../ports/storage.ts';
import { ExchangeError, type Frames } from './frames.ts';

/** An epoch that somebody can read. */
export interface OfferedEpoch {
  readonly epoch: number;
  readonly branch: Uint8Array;
  readonly count: number;
  readonly digest: Uint8Array;
}

/** Where somebody says that it is. */
export interface Offered {
  readonly conversationId: ConversationId;
  /** Ascending; none while it waits to join. */
  readonly readable: readonly OfferedEpoch[];
  readonly awaited: Uint8Array | undefined;
}

export type Offers = ReadonlyMap<ConversationId, Offered>;

export interface OfferContext {
  readonly user: Pick<User, 'conversations' | 'standing' | 'isWelcomeFor'>;
  readonly log: Storage['packetLog'];
  readonly now: () => number;
}

const NO_BRANCH = new Uint8Array(PACKET_HASH_BYTES);

/** The same for the same packets, in whatever order they were kept. */
function digestOf(hashes: readonly Uint8Array[]): Uint8Array {
  const sum = createHash('sha256');
  for (const hash of [...hashes].sort((a, b) => Buffer.compare(a, b))) sum.update(hash);
  return new Uint8Array(sum.digest().subarray(0, PACKET_HASH_BYTES));
}

function offerOf(standing: Standing, { log }: OfferContext): Offered {
  const { conversationId, awaited } = standing;
  if (standing.kind === 'joiner') return { conversationId, readable: [], awaited };
  const readable = standing.readable.map((epoch) => {
    const hashes = log.hashes(conversationId, epoch);
    const branch = log.epoch(conversationId, epoch)?.branch ?? NO_BRANCH;
    return { epoch, branch, count: hashes.length, digest: digestOf(hashes) };
  });
  return { conversationId, readable, awaited };
}

/**
 * Where we are in every conversation that fits. One that the other named already is answered whatever we know of it: members say
 * where they are in the clear, too (H-28).
 */
export function ownOffers(
  context: OfferContext,
  fits: (standing: Standing) => boolean,
  left: Offers = new Map(),
): Map<ConversationId, Offered> {
  const offers = new Map<ConversationId, Offered>();
  for (const conversationId of context.user.conversations()) {
    if (offers.size >= MAX_OFFERED_CONVERSATIONS || left.has(conversationId)) continue;
    const standing = context.user.standing(conversationId, context.now());
    if (standing !== undefined && fits(standing)) offers.set(conversationId, offerOf(standing, context));
  }
  return offers;
}

/** Whether a member of ours is the other side, or a conversation in which we wait is its own. */
export const concerns =
  (them: MemberId | undefined, listensTo: (conversationId: ConversationId) => boolean) =>
  (standing: Standing): boolean =>
    standing.kind === 'joiner'
      ? listensTo(standing.conversationId)
      : them !== undefined && standing.members.includes(them);

export async function sendOffers(frames: Frames, offers: Offers): Promise<void> {
  const standings = [...offers.values()].map(({ conversationId, readable, awaited }) => ({
    conversationId,
    readable: readable.map((each) => ({ ...each, epoch: BigInt(each.epoch) })),
    awaited: awaited ?? new Uint8Array(),
  }));
  await frames.send({ case: 'offer', value: { standings } });
}

/** Takes in what the other side says. Throws ExchangeError for what nobody would say. */
export function readOffers({ standings }: CatchUpOffer): Map<ConversationId, Offered> {
  const offers = new Map<ConversationId, Offered>();
  for (const { conversationId, readable, awaited } of standings) {
    if (!isConversationId(conversationId) || offers.has(conversationId))
      throw new ExchangeError('a conversation that is none, or twice');
    const epochs = readable.map((each) => ({ ...each, epoch: Number(each.epoch) }));
    if (epochs.some(({ epoch }, index) => !Number.isSafeInteger(epoch) || epoch <= (epochs[index - 1]?.epoch ?? -1)))
      throw new ExchangeError('epochs out of order');
    offers.set(conversationId, {
      conversationId: conversationId,
      readable: epochs,
      awaited: awaited.length === 0 ? undefined : awaited,
    });
  }
  return offers;
}

/** Which messages the other side has, by conversation and epoch; only where that is not plain from the digests. */
export interface Listed {
  has(conversationId: ConversationId, epoch: number, hash: Uint8Array): boolean;
}

const keyOf = (conversationId: ConversationId, epoch: number): string => `${conversationId} ${epoch}`;
const nameOf = (hash: Uint8Array): string => Buffer.from(hash).toString('latin1');

/** Whether the other side may lack, or have, something of that epoch that only a list tells. */
function needsList(own: OfferedEpoch, theirs: Offered): boolean {
  const present = theirs.readable.at(-1);
  if (own.count === 0 || present === undefined || present.epoch < own.epoch) return false;
  const same = theirs.readable.find(({ epoch }) => epoch === own.epoch);
  if (same === undefined) return true;
  return Buffer.compare(same.branch, own.branch) === 0 && Buffer.compare(same.digest, own.digest) !== 0;
}

export async function sendLists(frames: Frames, own: Offers, theirs: Offers, log: Storage['packetLog']): Promise<void> {
  let room = MAX_HASHES_IN_EXCHANGE;
  for (const { conversationId, readable } of own.values()) {
    const other = theirs.get(conversationId);
    if (other === undefined) continue;
    for (const each of readable.filter((epoch) => needsList(epoch, other))) {
      const hashes = log.hashes(conversationId, each.epoch).slice(0, room);
      room -= hashes.length;
      for (let at = 0; at < hashes.length; at += MAX_HASHES_IN_FRAME)
        await frames.send({
          case: 'hashes',
          value: { conversationId, epoch: BigInt(each.epoch), hashes: hashes.slice(at, at + MAX_HASHES_IN_FRAME) },
        });
    }
  }
  await frames.send({ case: 'listed', value: {} });
}

/** Takes in the other side's lists; where there is none and the digests are equal, it has what we have. */
export async function readLists(frames: Frames, own: Offers, theirs: Offers): Promise<Listed> {
  const lists = new Map<string, Set<string>>();
  let room = MAX_HASHES_IN_EXCHANGE;
  for (;;) {
    const frame = await frames.receive();
    if (frame.case === 'listed') break;
    if (frame.case !== 'hashes') throw new ExchangeError('no list');
    const conversationId = frame.value.conversationId as ConversationId;
    const epoch = Number(frame.value.epoch);
    const offered = theirs.get(conversationId)?.readable.some((each) => each.epoch === epoch) === true;
    // An empty list takes room, too: there is no end of them otherwise.
    room -= Math.max(1, frame.value.hashes.length);
    if (!offered || room < 0) throw new ExchangeError('a list that nobody asked for');
    const key = keyOf(conversationId, epoch);
    const list = lists.get(key) ?? new Set<string>();
    for (const hash of frame.value.hashes) list.add(nameOf(hash));
    lists.set(key, list);
  }
  const digestIn = (offers: Offers, conversationId: ConversationId, epoch: number): Uint8Array | undefined =>
    offers.get(conversationId)?.readable.find((each) => each.epoch === epoch)?.digest;
  return {
    has(conversationId, epoch, hash) {
      const list = lists.get(keyOf(conversationId, epoch));
      if (list !== undefined) return list.has(nameOf(hash));
      const [mine, other] = [digestIn(own, conversationId, epoch), digestIn(theirs, conversationId, epoch)];
      return mine !== undefined && other !== undefined && Buffer.compare(mine, other) === 0;
    },
  };
}
