/** `governance.*`: who decided what. */
import type { Messenger } from '../messenger/contract.ts';
import { route, type Routes } from './route.ts';

export function governanceRoutes(messenger: Messenger): Routes<'governance'> {
  return {
    'governance.log': route('governance.log', messenger['governance.log']),
    'governance.export': route('governance.export', messenger['governance.export']),
    'governance.verify': route('governance.verify', messenger['governance.verify']),
    'governance.exportDecision': route('governance.exportDecision', messenger['governance.exportDecision']),
  };
}
