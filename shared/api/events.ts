/**
 * Every event of the App API. An event is emitted after the change it tells of is durable.
 */
import { z } from 'zod';
import { conversationIdSchema, memberIdSchema, messageIdSchema, peerIdSchema, timeSchema } from './common.ts';
import { conversationStateSchema, gapSchema, messageSchema, peerSchema, proposalSchema } from './model.ts';
import { settingsSchema } from './settings.ts';

const about = { conversationId: conversationIdSchema };

export const eventSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('conversation.added'), ...about }),
  z.strictObject({ type: z.literal('conversation.updated'), ...about }),
  /** The conversation left the list: it was deleted. One that was left stays, in state `left`. */
  z.strictObject({ type: z.literal('conversation.removed'), ...about }),
  z.strictObject({ type: z.literal('conversation.stateChanged'), ...about, state: conversationStateSchema }),
  z.strictObject({ type: z.literal('message.added'), ...about, message: messageSchema }),
  z.strictObject({ type: z.literal('message.updated'), ...about, message: messageSchema }),
  /** Messages of a member are known by number and have not come; 0: all came. */
  z.strictObject({ type: z.literal('message.gap'), ...about, ...gapSchema.shape }),
  z.strictObject({ type: z.literal('proposal.opened'), ...about, proposal: proposalSchema }),
  z.strictObject({ type: z.literal('proposal.updated'), ...about, proposal: proposalSchema }),
  z.strictObject({ type: z.literal('proposal.decided'), ...about, proposal: proposalSchema }),
  z.strictObject({
    type: z.literal('commit.applied'),
    ...about,
    epoch: z.int(),
    changes: z.array(z.strictObject({ kind: z.enum(['added', 'removed']), memberId: memberIdSchema })),
  }),
  z.strictObject({ type: z.literal('freeze.progress'), ...about, received: z.int(), expected: z.int() }),
  z.strictObject({ type: z.literal('member.joined'), ...about, memberId: memberIdSchema }),
  z.strictObject({ type: z.literal('member.left'), ...about, memberId: memberIdSchema }),
  z.strictObject({
    type: z.literal('conversation.read'),
    ...about,
    messageId: messageIdSchema,
  }),
  z.strictObject({
    type: z.literal('invite.received'),
    from: peerSchema,
    conversationName: z.string(),
    invite: z.string(),
    at: timeSchema.optional(),
  }),
  z.strictObject({ type: z.literal('peer.updated'), peer: peerSchema }),
  z.strictObject({ type: z.literal('peer.lost'), peerId: peerIdSchema }),
  z.strictObject({ type: z.literal('identity.changed') }),
  z.strictObject({ type: z.literal('settings.changed'), settings: settingsSchema }),
  z.strictObject({ type: z.literal('notice'), level: z.enum(['info', 'warning', 'error']), text: z.string() }),
  /** The reader was too slow and this many events were dropped: read again what is shown. */
  z.strictObject({ type: z.literal('events.lost'), count: z.int().min(1) }),
  /** The app was opened with a `conclave:` link (desktop only). */
  z.strictObject({ type: z.literal('invite.opened'), invite: z.string() }),
  /** The app is about to end: what is not stored yet is stored now (desktop only). */
  z.strictObject({ type: z.literal('app.closing') }),
  /** The person asked to see what the system told of. */
  z.strictObject({
    type: z.literal('notification.opened'),
    conversationId: conversationIdSchema,
    messageId: messageIdSchema.optional(),
  }),
]);

export type ApiEvent = z.infer<typeof eventSchema>;
export type ApiEventType = ApiEvent['type'];
