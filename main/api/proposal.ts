/** `proposal.*`: votes that are open, that were decided, and casting one. */
import type { Messenger } from '../messenger/contract.ts';
import { route, type Routes } from './route.ts';

export function proposalRoutes(messenger: Messenger): Routes<'proposal'> {
  return {
    'proposal.list': route('proposal.list', messenger['proposal.list']),
    'proposal.vote': route('proposal.vote', messenger['proposal.vote']),
  };
}
