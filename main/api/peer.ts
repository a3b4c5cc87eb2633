/** `peer.*`: people nearby, and connecting to an address. */
import type { Messenger } from '../messenger/contract.ts';
import { route, type Routes } from './route.ts';

export function peerRoutes(messenger: Messenger): Routes<'peer'> {
  return {
    'peer.list': route('peer.list', messenger['peer.list']),
    'peer.connect': route('peer.connect', messenger['peer.connect']),
  };
}
