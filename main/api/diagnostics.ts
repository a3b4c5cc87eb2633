/** `diagnostics.*`: why nobody is found. */
import type { Messenger } from '../messenger/contract.ts';
import { route, type Routes } from './route.ts';

export function diagnosticsRoutes(messenger: Messenger): Routes<'diagnostics'> {
  return {
    'diagnostics.network': route('diagnostics.network', messenger['diagnostics.network']),
  };
}
