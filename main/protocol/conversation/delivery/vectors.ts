/**
 * Acknowledgement vectors (architecture 5): what we have of each member's messages, sent in batches and along with our own
 * messages as far as the budget allows; and what others have of ours. Knows the messages; sets of numbers are in numbers.ts.
 */
import { hexToBytes } from '@noble/hashes/utils.js';
import {
  ACKNOWLEDGE_DELAY_MS,
  ACKNOWLEDGE_SPREAD_MS,
  ASK_PAUSE_MS,
  LACKING_AFTER_MS,
  MAX_HEARD_MEMBERS,
} from '../../../../shared/limits.ts';
import type { MemberId } from '../../../../shared/model/ids.ts';
import { memberIdToBytes } from '../../identity/index.ts';
import { paddedLength } from '../../mls/padding.ts';
import type { Acknowledgements } from '../../wire/index.ts';
import { count, encryptMessage, governance, publish, type AppMessageInit, type Draft } from '../draft.ts';
import { epochOf, isMember, members } from '../roster.ts';
import { affordableAt, creditOf, spend } from './budget.ts';
import { hearSaid, keyOf } from './heard.ts';
import { hasNumber, lengthsOf, setOf } from './numbers.ts';
import { baseAt, changeOwn, wasSaid } from './own.ts';
import { askedNow, askDueAt, stopAsking } from './questions.ts';
import { changeMemory, isReachable, memoryOf } from './reach.ts';
import type { HeardRun, OwnMessage } from './state.ts';

const MINUTE_MS = 60_000;
/** Runs in one vector, so that it fits the burst that the budget allows. */
const MAX_ENTRIES = 32;
/** What a packet takes beside its entries, and one entry: measured, and only used to judge when sending makes sense. */
const PACKET_BYTES = 224;
const ENTRY_BYTES = 16;

/** What `encodeAppMessage` takes of it. */
type AcknowledgementsInit = Extract<NonNullable<AppMessageInit['payload']>, { case: 'acknowledgements' }>['value'];

interface News {
  readonly memberId: MemberId;
  readonly run: HeardRun;
  readonly lengths: readonly number[];
}

/** Runs of which we have something else than we told last. */
function newsOf({ state }: Draft): readonly News[] {
  return state.heard.flatMap(({ memberId, runs }) =>
    runs.flatMap((run) => {
      const lengths = lengthsOf(run.have, run.top);
      const isTold = lengths.length === run.told.length && lengths.every((length, index) => length === run.told[index]);
      return isTold ? [] : [{ memberId, run, lengths }];
    }),
  );
}

const entriesOf = (news: readonly News[]) =>
  news.map(({ memberId, run, lengths }) => ({ key: keyOf(memberId, run.run), lengths: lengths.map(BigInt) }));

function noteTold(draft: Draft, news: readonly News[]): void {
  draft.state.heard = draft.state.heard.map((member) => {
    const told = news.filter(({ memberId }) => memberId === member.memberId);
    if (told.length === 0) return member;
    const runs = member.runs.map((run) => {
      const lengths = told.find((other) => other.run === run)?.lengths;
      return lengths === undefined ? run : { ...run, told: lengths };
    });
    return { ...member, runs };
  });
  if (newsOf(draft).length === 0) changeMemory(draft, { dueAt: undefined });
}

/** Something is new: it is told a little later, together with what comes meanwhile, and not by all members at once. */
export function scheduleVector(draft: Draft): void {
  if (memoryOf(draft).dueAt !== undefined || newsOf(draft).length === 0) return;
  const [high = 0, low = 0] = draft.context.random(2);
  const spread = ACKNOWLEDGE_SPREAD_MS * members(draft).length;
  const jitter = Math.floor(((high * 256 + low) * spread) / 65_536);
  changeMemory(draft, { dueAt: draft.now + ACKNOWLEDGE_DELAY_MS + jitter });
}

/** When a vector goes by itself; undefined while there is nothing to tell or to ask, or nobody to hear it. */
export function vectorDueAt(draft: Draft): number | undefined {
  if (!isReachable(draft) || members(draft).length < 2) return undefined;
  const news = newsOf(draft).length;
  const asked = askDueAt(draft);
  // After a restart nobody remembers when it was to be told.
  const told = news === 0 ? undefined : (memoryOf(draft).dueAt ?? draft.now);
  const wanted = asked === undefined || told === undefined ? (asked ?? told) : Math.min(asked, told);
  if (wanted === undefined) return undefined;
  return Math.max(wanted, affordableAt(draft, PACKET_BYTES + ENTRY_BYTES * Math.min(news, MAX_ENTRIES)));
}

export async function sendVector(draft: Draft): Promise<void> {
  const news = newsOf(draft).slice(0, MAX_ENTRIES);
  const value: AcknowledgementsInit = { entries: entriesOf(news), ...question(draft) };
  const payload = await encryptMessage(draft, { payload: { case: 'acknowledgements', value } });
  publish(draft, { subtopic: 'app_msg', payload, subject: governance, expiresAt: draft.now + MINUTE_MS });
  spend(draft, payload.length);
  noteTold(draft, news);
}

function question(draft: Draft): Pick<AcknowledgementsInit & object, 'said'> {
  const { chat } = draft.state;
  const asked = askedNow(draft);
  if (asked.length === 0) return {};
  return {
    said: {
      run: hexToBytes(chat.run),
      highest: BigInt(chat.said),
      base: BigInt(baseAt(draft, epochOf(draft.state)).number),
      asked: asked.map(memberIdToBytes),
    },
  };
}

/** Encodes an own message together with what is to be acknowledged, when that is cheap: often it hides in the padding. */
export function alongWith(draft: Draft, encode: (acknowledgements?: object) => Uint8Array): Uint8Array {
  const alone = encode();
  const news = newsOf(draft).slice(0, MAX_ENTRIES);
  if (news.length === 0) return alone;
  const both = encode({ entries: entriesOf(news) });
  const more = paddedLength(both.length) - paddedLength(alone.length);
  if (more > creditOf(draft)) return alone;
  spend(draft, more);
  noteTold(draft, news);
  return both;
}

/** What a member has of our messages, and what it says of its own. */
export function receiveAcknowledgements(draft: Draft, { entries, said }: Acknowledgements, sender: MemberId): void {
  if (said !== undefined) {
    hearSaid(draft, sender, { run: said.run, top: said.highest, base: said.base });
    const own = memberIdToBytes(draft.self);
    if (said.asked.some((memberId) => Buffer.compare(memberId, own) === 0)) answer(draft, sender);
  }
  const { run, said: highest } = draft.state.chat;
  if (run === '' || !isMember(draft, sender)) return;
  const key = keyOf(draft.self, run);
  const entry = entries.find((other) => Buffer.compare(other.key, key) === 0);
  if (entry === undefined) return;
  const known = setOf(entry.lengths, highest);
  // Nobody has what we did not say.
  if (known === undefined) count(draft, 'AcknowledgementRefused');
  else {
    changeOwn(draft, (message) => acknowledged(draft, message, sender, hasNumber(known.have, message.number)));
    stopAsking(draft);
  }
}

function acknowledged(draft: Draft, message: OwnMessage, sender: MemberId, isThere: boolean): OwnMessage {
  const { outstanding, deliveredTo, lacking, lackingSince, said } = message;
  if (!wasSaid(message) || !outstanding.includes(sender)) return message;
  const others = (memberId: MemberId): boolean => memberId !== sender;
  if (isThere) {
    return {
      ...message,
      outstanding: outstanding.filter(others),
      deliveredTo: [...deliveredTo, sender],
      lacking: lacking.includes(sender) ? lacking.filter(others) : lacking,
    };
  }
  // A packet that is on its way is not lacking.
  if (lacking.includes(sender) || draft.now < said.at + LACKING_AFTER_MS) return message;
  return {
    ...message,
    lacking: [...lacking, sender],
    lackingSince: lacking.length === 0 ? draft.now : lackingSince,
  };
}

/** Somebody waits for our acknowledgement: it is told again although nothing is new, once in a while. */
function answer(draft: Draft, asker: MemberId): void {
  const { answered } = memoryOf(draft);
  const last = answered.find(({ memberId }) => memberId === asker);
  if (last !== undefined && draft.now < last.at + ASK_PAUSE_MS) return;
  const others = answered.filter((other) => other !== last).slice(1 - MAX_HEARD_MEMBERS);
  changeMemory(draft, { answered: [...others, { memberId: asker, at: draft.now }] });
  draft.state.heard = draft.state.heard.map((member) =>
    member.memberId !== asker ? member : { ...member, runs: member.runs.map((run) => ({ ...run, told: [] })) },
  );
}
