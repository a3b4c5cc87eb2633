/**
 * Whether every message that its sender saw as sent is, at the end, at every member who was there when it was sent and stayed, once, and
 * in the same order at all of them. Knows what senders were shown and what stores hold; nothing of how messages travel.
 */
import { PAST_EPOCH_MS } from '../../../shared/limits.ts';
import type { ApiEvent } from '../../../shared/api/events.ts';
import type { Message } from '../../../shared/api/model.ts';
import type { ConversationId, MemberId, MessageId } from '../../../shared/model/ids.ts';
import type { Step } from '../../../main/protocol/conversation/contract.ts';
import type { State } from '../../../main/protocol/conversation/index.ts';
import type { Device } from '../world/device.ts';
import { inOrder } from '../world/store.ts';
import type { Violation } from './watch.ts';

/** What one member was told about a message of its own. */
interface Acknowledged {
  readonly messageId: MessageId;
  readonly text: string;
  readonly sender: Device;
  /** True time. */
  readonly at: number;
  readonly epoch: number;
  /** Who was a member, as its sender knew. */
  readonly roster: ReadonlySet<MemberId>;
}

/** How the messages of a run fared. */
interface DeliveryReport {
  /** What nobody but an author who is gone could have said again, to somebody who had no way to read it any more. */
  readonly goneWithAuthor: number;
  readonly acknowledged: number;
  readonly everywhere: number;
  /** What is missing or in another order. */
  readonly shortfalls: readonly Violation[];
}

const DELIVERED = 'an acknowledged message is at every member';
const ORDERED = 'messages are in the same order for everybody';

const isChat = ({ system }: Message): boolean => system === undefined;

export class DeliveryWatch {
  readonly #acknowledged = new Map<string, Acknowledged>();
  /** When each device became a member, without having been one. True time. */
  readonly #joined = new Map<Device, number>();
  /** When some honest member applied the removal of a member. True time, the latest. */
  readonly #removed = new Map<MemberId, number>();

  /** When a member left an epoch, by true time; 0 when it never had what the epoch ended with (it came in again). */
  readonly #left = new Map<Device, Map<number, number>>();

  installed(device: Device, { before, after }: Pick<Step<State>, 'before' | 'after'>, now: number): void {
    if (after?.kind !== 'active') return;
    if (before?.kind !== 'active') {
      this.#joined.set(device, now);
      return;
    }
    if (before.group.epoch === after.group.epoch) return;
    this.#leaves(device, Number(before.group.epoch), Number(after.group.epoch), now);
    const present = rosterOf(device, after);
    for (const memberId of rosterOf(device, before)) if (!present.has(memberId)) this.#removed.set(memberId, now);
  }

  #leaves(device: Device, from: number, to: number, now: number): void {
    const left = this.#left.get(device) ?? new Map<number, number>();
    for (let epoch = from; epoch < to; epoch += 1) left.set(epoch, to > from + 1 ? 0 : now);
    this.#left.set(device, left);
  }

  /** Something appeared on a screen. */
  sees(device: Device, event: ApiEvent, now: number): void {
    if (event.type !== 'message.added' && event.type !== 'message.updated') return;
    const { message, conversationId } = event;
    if (message.sender !== device.memberId || !isChat(message) || message.status === 'pending') return;
    if (this.#acknowledged.has(message.messageId)) return;
    const state = device.active(conversationId);
    if (state === undefined) return;
    const { messageId, text } = message;
    const epoch = Number(state.group.epoch);
    this.#acknowledged.set(messageId, {
      messageId,
      text,
      sender: device,
      at: now,
      epoch,
      roster: rosterOf(device, state),
    });
  }

  /** Compares what the honest members that are still there have. */
  report(devices: readonly Device[], conversationId: ConversationId): DeliveryReport {
    const present = devices.filter((device) => device.active(conversationId) !== undefined);
    const shelves = new Map(present.map((device) => [device, messagesOf(device, conversationId)]));
    let everywhere = 0;
    let acknowledged = 0;
    let goneWithAuthor = 0;
    const shortfalls: Violation[] = [];
    for (const message of this.#acknowledged.values()) {
      const owed = present.filter((device) => this.#isOwed(message, device));
      if (owed.length === 0) continue;
      const has = (device: Device): boolean => shelves.get(device)?.has(message.messageId) === true;
      const isGone = !present.includes(message.sender);
      const isHeld = present.some(has);
      const lacking = owed.filter((device) => !has(device));
      const owedStill = isGone ? lacking.filter((device) => isHeld && this.#couldRead(message, device)) : lacking;
      if (owedStill.length === 0 && lacking.length > 0) {
        goneWithAuthor += 1;
        continue;
      }
      acknowledged += 1;
      if (lacking.length === 0) everywhere += 1;
      else
        shortfalls.push({
          invariant: DELIVERED,
          detail: `${owedStill.map(({ name }) => name).join(', ')} lack "${message.text}", ${isGone ? 'whose author is gone' : 'said'} in epoch ${message.epoch}`,
        });
    }
    return { acknowledged, everywhere, goneWithAuthor, shortfalls: [...shortfalls, ...orderDifferences(shelves)] };
  }

  /** Whether a member was still in the epoch of a message when its log could have brought it (H-31): it was away, or behind. */
  #couldRead({ epoch, at }: Acknowledged, device: Device): boolean {
    const left = this.#left.get(device)?.get(epoch);
    return left === undefined || left > at + PAST_EPOCH_MS;
  }

  /** A member when it was said, and ever since; and its sender was one too, for all that anybody knows. */
  #isOwed({ sender, at, roster }: Acknowledged, device: Device): boolean {
    if (device === sender || !roster.has(device.memberId)) return false;
    if ((this.#joined.get(device) ?? 0) > at || (this.#removed.get(device.memberId) ?? 0) > at) return false;
    const left = this.#removed.get(sender.memberId) ?? 0;
    return left < (this.#joined.get(sender) ?? 0) || left > at;
  }
}

/** Messages that are at a device more than once, under whatever ids. */
export function repeated(device: Device, conversationId: ConversationId): string[] {
  const said = [...messagesOf(device, conversationId).values()].map(({ sender, text }) => `${sender} "${text}"`);
  return said.filter((each, index) => said.indexOf(each) !== index);
}

const rosterOf = (device: Device, { group }: State & { readonly kind: 'active' }): ReadonlySet<MemberId> =>
  new Set(device.process?.mls.members(group).map(({ memberId }) => memberId));

/** In the order in which its person sees them, oldest first. */
function messagesOf(device: Device, conversationId: ConversationId): ReadonlyMap<MessageId, Message> {
  const messages = inOrder(device.disk.shelves.get(conversationId)?.messages.values() ?? []).filter(isChat);
  return new Map(messages.map((message) => [message.messageId, message]));
}

/** The first difference of each device's order from the order of the first that has any. */
function orderDifferences(shelves: ReadonlyMap<Device, ReadonlyMap<MessageId, Message>>): Violation[] {
  const [first, ...others] = [...shelves];
  if (first === undefined) return [];
  const [reference, order] = first;
  return others.flatMap(([device, messages]): Violation[] => {
    const common = [...order.keys()].filter((messageId) => messages.has(messageId));
    const here = [...messages.keys()].filter((messageId) => order.has(messageId));
    const at = common.findIndex((messageId, index) => here[index] !== messageId);
    if (at < 0) return [];
    const detail = `${reference.name} shows "${order.get(common[at]!)?.text ?? ''}" where ${device.name} shows "${messages.get(here[at]!)?.text ?? ''}"`;
    return [{ invariant: ORDERED, detail }];
  });
}
