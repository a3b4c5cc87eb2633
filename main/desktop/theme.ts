/** Light or dark: what the person chose decides what Chromium and the window's first frame show. */
import { nativeTheme, type BrowserWindow } from 'electron';
import type { Settings } from '../../shared/api/settings.ts';

/** What the style sheets use as the background, so that a new window does not flash. */
const backgrounds = { light: '#ffffff', dark: '#16181d' } as const;

export const windowBackground = (): string => (nativeTheme.shouldUseDarkColors ? backgrounds.dark : backgrounds.light);

export function useTheme(theme: Settings['theme']): void {
  nativeTheme.themeSource = theme;
}

/** Keeps the window's own background in step with the theme, for resizing. */
export function followTheme(window: BrowserWindow): void {
  const update = (): void => {
    window.setBackgroundColor(windowBackground());
  };
  nativeTheme.on('updated', update);
  window.once('closed', () => nativeTheme.off('updated', update));
}

/** What the person chose. */
export const currentTheme = (): Settings['theme'] => nativeTheme.themeSource;
