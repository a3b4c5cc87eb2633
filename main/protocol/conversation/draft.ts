/**
 * The working copy of a member's state during one step: parts are replaced, plug-ins are restored when first needed, and
 * `finishDraft` yields a state that shares every unchanged part. Knows no rule of the protocol.
 */
import { createHash } from 'node:crypto';
import { bytesToHex } from '@noble/hashes/utils.js';
import { MAX_OWN_PAYLOAD_HASHES } from '../../../shared/limits.ts';
import type { GovernanceEntry } from '../../../shared/api/model.ts';
import type { MemberId, ProposalId } from '../../../shared/model/ids.ts';
import type { PeerScoreStorage } from '../peer-scoring/contract.ts';
import type { ConversationPlugins } from '../plugins.ts';
import { encodeAppMessage } from '../wire/index.ts';
import type { ConversationContext } from './context.ts';
import type { Effect, EndCause, PacketSubject, SessionEvent, Subtopic } from './contract.ts';
import { keepOwn } from './keptMessages.ts';
import type { Reason } from './reasons.ts';
import { withSent } from './sent.ts';
import type { ActiveState, VolatilePart } from './state.ts';

type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

export interface Draft {
  readonly context: ConversationContext;
  readonly now: number;
  readonly self: MemberId;
  /** The packet of this step travelled when we were away (`ConversationInput`). */
  isLate: boolean;
  /** A message of now that had to wait is read: those before it may be on their way still. */
  isOfNow: boolean;
  /** Parts are replaced, never changed in place. */
  readonly state: Mutable<ActiveState>;
  readonly effects: Effect[];
  /** Set when the conversation ends for us in this step. */
  ended: EndCause | undefined;
  reply: { proposalId?: ProposalId };
  /** Restored on first use; only `plugins` touches it. */
  restored: { readonly plugins: ConversationPlugins; readonly scores: Map<MemberId, bigint> } | undefined;
  scoresChanged: boolean;
}

export function beginDraft(context: ConversationContext, state: ActiveState, now: number): Draft {
  return {
    context,
    now,
    self: context.identity.memberId,
    isLate: false,
    isOfNow: false,
    state: { ...state },
    effects: [],
    ended: undefined,
    reply: {},
    restored: undefined,
    scoresChanged: false,
  };
}

/** The plug-ins of this step, as the state before it left them. */
export function plugins(draft: Draft): ConversationPlugins {
  if (draft.restored === undefined) {
    const scores = new Map(draft.state.scores);
    const storage: PeerScoreStorage = {
      get: (memberId) => scores.get(memberId),
      set: (memberId, score) => {
        draft.scoresChanged = true;
        scores.set(memberId, score);
      },
      remove: (memberId) => {
        if (scores.delete(memberId)) draft.scoresChanged = true;
      },
      all: () => [...scores],
    };
    const { conversationId, rules, consensus, stewardList } = draft.state;
    const made = draft.context.plugins.create(conversationId, {
      settings: rules.settings,
      scores: storage,
      snapshots: { consensus, stewardList },
    });
    draft.restored = { plugins: made, scores };
  }
  return draft.restored.plugins;
}

/** The state as it is now, plug-ins included. */
export function savedState({ restored, scoresChanged, state }: Draft): ActiveState {
  if (restored === undefined) return { ...state };
  return {
    ...state,
    consensus: restored.plugins.consensus.snapshot(),
    stewardList: restored.plugins.stewardList.snapshot(),
    ...(scoresChanged ? { scores: new Map(restored.scores) } : {}),
  };
}

/** The state after the step: the very state before it when nothing changed. */
export function finishDraft(draft: Draft, before: ActiveState | undefined): ActiveState {
  const state = savedState(draft);
  if (before !== undefined) {
    const keys = Object.keys(state) as (keyof ActiveState)[];
    if (keys.every((key) => state[key] === before[key])) return before;
  }
  return state;
}

/** SHA-256 as hex: how packets and commits are named. */
export function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export const hexOf = (bytes: Uint8Array): string => bytesToHex(bytes);

/** A drop or no-op, counted by its name (§19.1). */
export function count(draft: Draft, reason: Reason): void {
  draft.state.volatile = counted(draft.state.volatile, reason);
}

export function counted(part: VolatilePart, reason: Reason): VolatilePart {
  return { ...part, counters: { ...part.counters, [reason]: (part.counters[reason] ?? 0) + 1 } };
}

/** Remembers a payload of our own (H-32). */
export function rememberOwn(part: VolatilePart, payload: Uint8Array): VolatilePart {
  return { ...part, ownPayloads: [...part.ownPayloads.slice(1 - MAX_OWN_PAYLOAD_HASHES), hashOf(payload)] };
}

export function emit(draft: Draft, event: SessionEvent): void {
  draft.effects.push({ kind: 'event', event });
}

export function journal(draft: Draft, entry: GovernanceEntry): void {
  draft.effects.push({ kind: 'journal', entry });
}

export function publish(
  draft: Draft,
  packet: {
    readonly subtopic: Subtopic;
    readonly payload: Uint8Array;
    readonly subject: PacketSubject;
    readonly expiresAt: number;
  },
): void {
  draft.state.volatile = rememberOwn(draft.state.volatile, packet.payload);
  draft.effects.push({ kind: 'publish', ...packet });
}

export type AppMessageInit = Parameters<typeof encodeAppMessage>[0];

/** Encrypts an AppMessage at the current epoch; the ratchet that it used up is part of the step. */
export async function encryptMessage(draft: Draft, message: AppMessageInit): Promise<Uint8Array> {
  const { group, ciphertext } = await draft.context.mls.encrypt(draft.state.group, encodeAppMessage(message));
  draft.state.group = group;
  return ciphertext;
}

/** Encrypts and broadcasts an AppMessage. */
export async function broadcast(
  draft: Draft,
  message: AppMessageInit,
  subject: PacketSubject,
  expiresAt: number,
): Promise<void> {
  await broadcastEncoded(draft, encodeAppMessage(message), subject, expiresAt);
}

/** The same of an encoded one; remembered while the epoch may be given up for another (H-27). */
export async function broadcastEncoded(
  draft: Draft,
  message: Uint8Array,
  subject: PacketSubject,
  expiresAt: number,
): Promise<void> {
  const { group, ciphertext } = await draft.context.mls.encrypt(draft.state.group, message);
  draft.state.group = group;
  draft.effects.push(...keepOwn(group.epoch, message, ciphertext));
  const { grace } = draft.state;
  if (grace !== undefined && grace.abandoned === undefined)
    draft.state.sent = withSent(draft.state.sent, { message, subject, expiresAt });
  publish(draft, { subtopic: 'app_msg', payload: ciphertext, subject, expiresAt });
}

export const governance: PacketSubject = { kind: 'governance' };
