/** `settings.*`: this person's settings on this device. */
import type { Messenger } from '../messenger/contract.ts';
import { route, type Routes } from './route.ts';

export function settingsRoutes(messenger: Messenger): Routes<'settings'> {
  return {
    'settings.get': route('settings.get', messenger['settings.get']),
    'settings.set': route('settings.set', messenger['settings.set']),
  };
}
