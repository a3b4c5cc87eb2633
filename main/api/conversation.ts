/** `conversation.*`: the groups of this person. */
import type { Messenger } from '../messenger/contract.ts';
import { route, type Routes } from './route.ts';

export function conversationRoutes(messenger: Messenger): Routes<'conversation'> {
  return {
    'conversation.create': route('conversation.create', messenger['conversation.create']),
    'conversation.list': route('conversation.list', messenger['conversation.list']),
    'conversation.get': route('conversation.get', messenger['conversation.get']),
    'conversation.join': route('conversation.join', messenger['conversation.join']),
    'conversation.leave': route('conversation.leave', messenger['conversation.leave']),
    'conversation.delete': route('conversation.delete', messenger['conversation.delete']),
    'conversation.setMuted': route('conversation.setMuted', messenger['conversation.setMuted']),
    'conversation.markRead': route('conversation.markRead', messenger['conversation.markRead']),
  };
}
