/** `draft.*`: what was typed and not sent. */
import type { Messenger } from '../messenger/contract.ts';
import { route, type Routes } from './route.ts';

export function draftRoutes(messenger: Messenger): Routes<'draft'> {
  return {
    'draft.set': route('draft.set', messenger['draft.set']),
    'draft.list': route('draft.list', messenger['draft.list']),
  };
}
