/** `invite.*`: links that let people in. A link is a secret: it is never logged. */
import type { Messenger } from '../messenger/contract.ts';
import { route, type Routes } from './route.ts';

export function inviteRoutes(messenger: Messenger): Routes<'invite'> {
  return {
    'invite.create': route('invite.create', messenger['invite.create']),
    'invite.reset': route('invite.reset', messenger['invite.reset']),
    'invite.inspect': route('invite.inspect', messenger['invite.inspect']),
    'invite.send': route('invite.send', messenger['invite.send']),
  };
}
