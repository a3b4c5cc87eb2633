/** `identity.*`: who we are. Its answers may carry a recovery phrase: they are never logged. */
import type { Messenger } from '../messenger/contract.ts';
import { route, type Routes } from './route.ts';

export function identityRoutes(messenger: Messenger): Routes<'identity'> {
  return {
    'identity.status': route('identity.status', messenger['identity.status']),
    'identity.create': route('identity.create', messenger['identity.create']),
    'identity.restore': route('identity.restore', messenger['identity.restore']),
    'identity.restoreCopy': route('identity.restoreCopy', messenger['identity.restoreCopy']),
    'identity.revealRecoveryPhrase': route('identity.revealRecoveryPhrase', messenger['identity.revealRecoveryPhrase']),
    'identity.setDisplayName': route('identity.setDisplayName', messenger['identity.setDisplayName']),
  };
}
