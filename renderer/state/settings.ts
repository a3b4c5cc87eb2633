/** This person's settings on this device, and the theme that follows from them. */
import { create } from 'zustand';
import type { Settings } from '../../shared/api/settings.ts';
import { call } from './call.ts';
import { failedUnlessShown, loading, ready, type Remote } from './remote.ts';

export const useSettings = create<{ readonly settings: Remote<Settings> }>()(() => ({ settings: loading }));

/** Takes settings over and shows their theme. */
export function applySettings(settings: Settings): void {
  useSettings.setState({ settings: ready(settings) });
  document.documentElement.dataset['theme'] = settings.theme;
}

export async function loadSettings(): Promise<void> {
  try {
    applySettings(await call('settings.get', {}));
  } catch (error) {
    useSettings.setState((state) => ({ settings: failedUnlessShown(state.settings, error) }));
  }
}

/** Changes some settings; rejects with a CallError and leaves the old ones. */
export async function changeSettings(patch: Partial<Settings>): Promise<void> {
  applySettings(await call('settings.set', { patch }));
}
