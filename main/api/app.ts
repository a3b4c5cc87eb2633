/** `app.*`: what runs here, and its end. */
import type { Messenger } from '../messenger/contract.ts';
import { route, type Routes } from './route.ts';

export function appRoutes(messenger: Messenger): Routes<'app'> {
  return {
    'app.info': route('app.info', messenger['app.info']),
    'app.shutdown': route('app.shutdown', messenger['app.shutdown']),
  };
}
