/**
 * Which device each member is in a group with: remembers it, and says in the chat when somebody comes with another one. Knows the
 * store, and no network.
 */
import { createHash } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import type { Message } from '../../shared/api/model.ts';
import type { ConversationId, MemberId, MessageId } from '../../shared/model/ids.ts';
import type { ConversationView, Step } from '../protocol/conversation/contract.ts';
import type { User } from '../protocol/user/contract.ts';
import type { Storage } from './ports/storage.ts';

interface DevicesContext {
  readonly storage: Storage;
  readonly user: Pick<User, 'memberId' | 'viewOf'>;
  readonly now: () => number;
}

export const isSameKey = (one: Uint8Array | undefined, other: Uint8Array | undefined): boolean =>
  one !== undefined && other !== undefined && Buffer.compare(one, other) === 0;

/** Only these change who is in a group, or with which device. */
const mayBringDevices = ({ effects }: Step): boolean =>
  effects.some(
    (effect) => effect.kind === 'event' && (effect.event.kind === 'CommitApplied' || effect.event.kind === 'Joined'),
  );

/**
 * Remembers the devices that a step brought into a group, in the transaction of that step. Answers with a line for each member that
 * was known with another one. A device that was in this group before is no news, whatever was seen in another group since.
 */
export function noteDevices(step: Step, { storage, user, now }: DevicesContext): readonly Message[] {
  if (step.after === undefined || !mayBringDevices(step)) return [];
  const view = user.viewOf(step.after);
  const before = step.before === undefined ? [] : user.viewOf(step.before).members;
  const lines: Message[] = [];
  for (const { memberId, signatureKey } of view.members) {
    if (memberId === user.memberId) continue;
    const was = before.find((member) => member.memberId === memberId)?.signatureKey;
    if (isSameKey(was, signatureKey)) continue;
    const known = storage.people.device(memberId);
    storage.people.putDevice(memberId, signatureKey);
    if (known !== undefined && !isSameKey(known.signatureKey, signatureKey))
      lines.push(lineAbout(memberId, signatureKey, { view, storage, at: now() }));
  }
  return lines;
}

function lineAbout(
  memberId: MemberId,
  signatureKey: Uint8Array,
  { view, storage, at }: { readonly view: ConversationView; readonly storage: Storage; readonly at: number },
): Message {
  const { conversationId, epoch } = view;
  return {
    messageId: idOf(conversationId, memberId, signatureKey, at),
    conversationId,
    sender: memberId,
    // Below what is there, whatever clocks say.
    sentAt: Math.max(at, (storage.messages.latest(conversationId)?.sentAt ?? 0) + 1),
    receivedAt: at,
    text: '',
    status: 'delivered',
    system: { at, epoch, kind: 'deviceChanged', target: memberId },
  };
}

/** UUIDv7 of the time and of what the line is about: a step that is computed anew says nothing twice. */
function idOf(conversationId: ConversationId, memberId: MemberId, signatureKey: Uint8Array, at: number): MessageId {
  const hash = createHash('sha256').update(`${conversationId} ${memberId} `).update(signatureKey).digest();
  return uuidv7({ msecs: at, random: hash.subarray(0, 16) }) as MessageId;
}
