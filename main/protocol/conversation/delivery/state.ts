/**
 * What a member remembers so that nobody misses a message (architecture 5): its own messages until everybody has them, and which
 * numbers of others' messages it has. Plain immutable data; `parts.ts` says how it is stored.
 */
import { ACKNOWLEDGE_BURST_BYTES } from '../../../../shared/limits.ts';
import type { MemberId, MessageId } from '../../../../shared/model/ids.ts';

/** Consecutive numbers, both ends included. */
export type Stretch = readonly [first: number, last: number];

/** What we gave out so far. */
export interface ChatPart {
  /** Names the numbers that this store gives out, as hex; empty until the first message. Kept when we come in again. */
  readonly run: string;
  /** Number of the last message that was written, and of the last that was encrypted. */
  readonly sequence: number;
  readonly said: number;
  /** The last number that was encrypted before `epoch`. */
  readonly base: { readonly epoch: number; readonly number: number };
  /** The time of the last line that we wrote. */
  readonly lastSentAt: number;
  /** How often we asked for acknowledgements, and when we may next, ms. */
  readonly asked: { readonly times: number; readonly nextAt: number };
}

/** A message of ours that somebody has not acknowledged. */
export interface OwnMessage {
  readonly number: number;
  readonly messageId: MessageId;
  readonly text: string;
  readonly replyTo: MessageId | undefined;
  readonly sentAt: number;
  /** It is to be encrypted as soon as that makes sense: for the first time, or again. */
  readonly waiting: boolean;
  /** In which epoch and when, ms, it was encrypted last, and how often; `times` 0: never. */
  readonly said: { readonly epoch: number; readonly at: number; readonly times: number };
  /** Members who were there when it was said first, still are, and have not acknowledged it. */
  readonly outstanding: readonly MemberId[];
  readonly deliveredTo: readonly MemberId[];
  /** What people were told of how many will get it. */
  readonly expected: number;
  /** Those of `outstanding` who said that they lack it, and since when, ms; 0 when there are none. */
  readonly lacking: readonly MemberId[];
  readonly lackingSince: number;
}

/** Messages of one run of a member, as far as they are for us to have. */
export interface HeardRun {
  /** As hex. */
  readonly run: string;
  readonly have: readonly Stretch[];
  /** Numbers up to this one were given before the first word that we had of this run: what lacks of them we do not know. */
  readonly from: number;
  /** The highest number that its author named. */
  readonly top: number;
  /** What we said of it last, as it travels. */
  readonly told: readonly number[];
}

export interface Gap {
  readonly told: number;
  readonly since: number;
  /** Of a gap that people were told of: when it was told, and which members could not fill it since. */
  readonly search?: { readonly from: number; readonly asked: readonly MemberId[] };
}

/** What we have of one member's messages. */
export interface HeardMember {
  readonly memberId: MemberId;
  /** The present run last. */
  readonly runs: readonly HeardRun[];
  /** The latest time on its messages. */
  readonly latestAt: number;
  /** The gap that people were told of, and since when, ms, it has been larger than that; 0: it is not. */
  readonly gap: Gap;
}

/** What a restart may forget. */
export interface DeliveryMemory {
  /** Whether what we say can be heard: at once; nobody is there; somebody is again, and may tell us first what we missed. */
  readonly reach: { readonly kind: 'open' | 'nobody' } | { readonly kind: 'catchingUp'; readonly until: number };
  /** Bytes that acknowledgements may take, as of a time in ms. */
  readonly credit: { readonly bytes: number; readonly at: number };
  /** When we acknowledge what is new; undefined: nothing was new yet. */
  readonly dueAt: number | undefined;
  /** No more own messages are encrypted before, ms. */
  readonly sayAfter: number;
  /** Whose question was answered when, ms. */
  readonly answered: readonly { readonly memberId: MemberId; readonly at: number }[];
}

export const emptyChat: ChatPart = {
  run: '',
  sequence: 0,
  said: 0,
  base: { epoch: 0, number: 0 },
  lastSentAt: 0,
  asked: { times: 0, nextAt: 0 },
};

export const emptyDeliveryMemory: DeliveryMemory = {
  reach: { kind: 'open' },
  credit: { bytes: ACKNOWLEDGE_BURST_BYTES, at: 0 },
  dueAt: undefined,
  sayAfter: 0,
  answered: [],
};
