/** `diagnostics.*`: why nobody is found, and why a group does what it does. */
import type { Messenger } from '../messenger/contract.ts';
import { route, type Routes } from './route.ts';

export function diagnosticsRoutes(messenger: Messenger): Routes<'diagnostics'> {
  return {
    'diagnostics.conversation': route('diagnostics.conversation', messenger['diagnostics.conversation']),
    'diagnostics.network': route('diagnostics.network', messenger['diagnostics.network']),
  };
}
