/**
 * Encrypts own messages, for the first time or again, always under the same id and number (architecture 5). Alone there is
 * nobody to say them to. Knows the message as it travels.
 */
import { OWN_MESSAGE_MS, SAY_BATCH, SAY_PAUSE_MS } from '../../../../shared/limits.ts';
import { hexToBytes } from '@noble/hashes/utils.js';
import { encodeAppMessage } from '../../wire/index.ts';
import { publish, type AppMessageInit, type Draft } from '../draft.ts';
import { keepOwn } from '../keptMessages.ts';
import { epochOf, members } from '../roster.ts';
import { earn } from './budget.ts';
import { baseAt, changeOwn, wasSaid } from './own.ts';
import { changeMemory, maySay } from './reach.ts';
import type { OwnMessage } from './state.ts';
import { alongWith } from './vectors.ts';

/** Says what waits, in the order in which it was written, as far as one step may; false when nothing was said. */
export async function sayWaiting(draft: Draft): Promise<boolean> {
  if (!maySay(draft)) return false;
  const waiting = draft.state.own.filter((message) => message.waiting);
  if (waiting.length === 0) return false;
  const batch = waiting.slice(0, SAY_BATCH);
  for (const message of batch) await say(draft, message);
  if (waiting.length > batch.length) changeMemory(draft, { sayAfter: draft.now + SAY_PAUSE_MS });
  return true;
}

async function say(draft: Draft, message: OwnMessage): Promise<void> {
  const { messageId, number } = message;
  const others = members(draft).filter((memberId) => memberId !== draft.self);
  const epoch = epochOf(draft.state);
  noteNumber(draft, epoch, number);
  if (others.length === 0) {
    if (!wasSaid(message)) draft.effects.push({ kind: 'messageStatus', messageId, status: 'sent' });
  } else await encryptOwn(draft, message);
  changeOwn(draft, (other) =>
    other.number !== number
      ? other
      : {
          ...other,
          waiting: false,
          said: { epoch, at: draft.now, times: other.said.times + 1 },
          outstanding: wasSaid(other) ? other.outstanding : others,
          lacking: [],
          lackingSince: 0,
        },
  );
}

/** Where the numbers of this epoch begin: who comes in now is not told of those before. */
function noteNumber(draft: Draft, epoch: number, number: number): void {
  const base = baseAt(draft, epoch);
  draft.state.chat = { ...draft.state.chat, base, said: Math.max(draft.state.chat.said, number) };
}

async function encryptOwn(draft: Draft, { messageId, number, text, replyTo, sentAt }: OwnMessage): Promise<void> {
  const { chat, conversationId, group } = draft.state;
  const value = {
    message: new TextEncoder().encode(text),
    sender: draft.self,
    conversationName: conversationId,
    messageId,
    sequence: BigInt(number),
    sentAtMs: BigInt(sentAt),
    run: hexToBytes(chat.run),
    base: BigInt(chat.base.number),
    ...(replyTo === undefined ? {} : { replyTo }),
  };
  const message = (acknowledgements?: object): AppMessageInit => ({
    payload: {
      case: 'conversationMessage',
      value: acknowledgements === undefined ? value : { ...value, acknowledgements },
    },
  });
  const encoded = alongWith(draft, (acknowledgements) => encodeAppMessage(message(acknowledgements)));
  const encrypted = await draft.context.mls.encrypt(group, encoded);
  draft.state.group = encrypted.group;
  draft.effects.push(...keepOwn(encrypted.group.epoch, encoded, encrypted.ciphertext));
  earn(draft, encrypted.ciphertext.length);
  publish(draft, {
    subtopic: 'app_msg',
    payload: encrypted.ciphertext,
    subject: { kind: 'message', messageId },
    expiresAt: draft.now + OWN_MESSAGE_MS,
  });
}
