/**
 * Starting, joining, reading, leaving and deleting groups.
 */
import { ApiError } from '../../shared/api/errors.ts';
import { conversationSettingsSchema, friendsPreset, type ConversationSettings } from '../../shared/api/settings.ts';
import type { CheckedParams } from '../../shared/api/methods.ts';
import { decodeInviteLink } from '../protocol/wire/inviteLink.ts';
import type { Handlers } from './contract.ts';
import { requireConversation, requireRunning, type UseCaseContext } from './context.ts';
import { knownPeersOf } from './addresses.ts';

type ConversationHandlers = Pick<Handlers, Extract<keyof Handlers, `conversation.${string}`>>;

/** The Friends preset with what the person chose, checked as a whole. Throws ApiError INVALID_PARAMS. */
export function completeSettings(chosen: CheckedParams<'conversation.create'>['settings']): ConversationSettings {
  const given = Object.fromEntries(Object.entries(chosen ?? {}).filter(([, value]) => value !== undefined));
  const checked = conversationSettingsSchema.safeParse({ ...friendsPreset, ...given });
  if (checked.success) return checked.data;
  const issues = checked.error.issues.map((issue) => ({
    path: ['settings', ...issue.path].join('.'),
    message: issue.message,
  }));
  throw new ApiError('INVALID_PARAMS', `These rules do not fit together: ${issues[0]?.message ?? ''}.`, { issues });
}

export function conversationHandlers(context: UseCaseContext): ConversationHandlers {
  return {
    'conversation.create': async ({ name, settings }) => {
      const session = context.session();
      const complete = completeSettings(settings);
      const conversationId = await session.begin(() =>
        session.user.createConversationWithConfig({ name, settings: complete }, context.clock.now()),
      );
      return { conversationId };
    },

    'conversation.list': async () => ({ conversations: [...context.session().summaries()] }),

    'conversation.get': async ({ conversationId }) => requireConversation(context.session(), conversationId),

    'conversation.join': async ({ invite: link }) => {
      const session = context.session();
      const invite = decodeInviteLink(link);
      const present = session.detail(invite.conversationId);
      if (present !== undefined && present.state !== 'left')
        throw new ApiError('ALREADY_EXISTS', 'You are already in this group, or waiting to be let in.');
      session.network.addKnownPeers(knownPeersOf(invite.addresses));
      // The link is gone after this: a crash must not take its addresses along.
      session.savePeers();
      const conversationId = await session.begin(() =>
        session.user.startConversation({ kind: 'join', invite }, context.clock.now()),
      );
      return { conversationId };
    },

    'conversation.leave': async ({ conversationId }) => {
      const session = context.session();
      requireRunning(session, conversationId);
      await session.send(conversationId, { kind: 'leave' });
      return {};
    },

    'conversation.delete': async ({ conversationId }) => {
      const session = context.session();
      const { state } = requireConversation(session, conversationId);
      if (state !== 'left')
        throw new ApiError('WRONG_STATE', 'Leave the group before deleting its history.', { state });
      session.storage.transaction(() => {
        session.storage.conversations.delete(conversationId);
      });
      session.emit({ type: 'conversation.removed', conversationId });
      return {};
    },

    'conversation.setMuted': async ({ conversationId, muted }) => {
      const session = context.session();
      requireConversation(session, conversationId);
      session.storage.transaction(() => session.storage.conversations.setMuted(conversationId, muted));
      session.emit({ type: 'conversation.updated', conversationId });
      return {};
    },

    'conversation.markRead': async ({ conversationId, messageId }) => {
      const session = context.session();
      requireConversation(session, conversationId);
      const changed = session.storage.transaction(() => {
        const row = session.storage.conversations.get(conversationId);
        if (row === undefined || session.storage.messages.get(conversationId, messageId) === undefined)
          throw new ApiError('NOT_FOUND', 'There is no such message.');
        return session.storage.conversations.markRead(conversationId, messageId);
      });
      if (changed) session.emit({ type: 'conversation.read', conversationId, messageId });
      return {};
    },
  };
}
