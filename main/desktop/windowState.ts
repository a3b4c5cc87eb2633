/**
 * Where the window was and how large, as a small file of JSON in the profile. Whatever is wrong with the file or the
 * screens since, a window that can be seen and used comes out. Pure but for the two functions that touch the file.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { settingsSchema, type Settings } from '../../shared/api/settings.ts';
import { MAX_WINDOW_STATE_BYTES } from '../../shared/limits.ts';

export const minimalSize = { width: 720, height: 560 } as const;
const defaultSize = { width: 1280, height: 820 } as const;
/** So much of a window must be on a screen for it to be found and dragged. */
const GRIP = 64;

export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface WindowState {
  /** Undefined: the operating system chooses the place. */
  readonly position?: { readonly x: number; readonly y: number };
  readonly width: number;
  readonly height: number;
  readonly maximised: boolean;
  /** The theme that was last in use, so that the first frame has its colour. */
  readonly theme: Settings['theme'];
}

const coordinate = z.int().min(-100_000).max(100_000);
const storedSchema = z.strictObject({
  bounds: z.strictObject({ x: coordinate, y: coordinate, width: coordinate.min(1), height: coordinate.min(1) }),
  maximised: z.boolean(),
  theme: settingsSchema.shape.theme,
});
export type StoredWindowState = z.infer<typeof storedSchema>;

export const defaultWindowState: WindowState = { ...defaultSize, maximised: false, theme: 'system' };

/** The state in a file's text, fitted to the work areas of the screens that are there now. */
export function parseWindowState(text: string, screens: readonly Rectangle[]): WindowState {
  const stored = storedSchema.safeParse(parseJson(text));
  if (!stored.success) return defaultWindowState;
  const { bounds, maximised, theme } = stored.data;
  const screen = screens.find((area) => isReachable(bounds, area));
  const width = clamp(bounds.width, minimalSize.width, screen?.width ?? defaultSize.width);
  const height = clamp(bounds.height, minimalSize.height, screen?.height ?? defaultSize.height);
  return {
    ...(screen === undefined ? {} : { position: { x: bounds.x, y: bounds.y } }),
    width,
    height,
    maximised,
    theme,
  };
}

export function formatWindowState(state: StoredWindowState): string {
  return `${JSON.stringify(storedSchema.parse(state))}\n`;
}

/** Never throws: a state that cannot be read is none. */
export function readWindowState(file: string, screens: readonly Rectangle[]): WindowState {
  try {
    const bytes = readFileSync(file);
    return bytes.length > MAX_WINDOW_STATE_BYTES ? defaultWindowState : parseWindowState(bytes.toString(), screens);
  } catch {
    // Not there yet, or not readable: the default is as good.
    return defaultWindowState;
  }
}

/** Replaces the file as a whole. Throws what the file system throws. */
export function writeWindowState(file: string, state: StoredWindowState): void {
  const fresh = `${file}.new`;
  writeFileSync(fresh, formatWindowState(state), { mode: 0o600 });
  renameSync(fresh, file);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whether the top of the window can be seen and grabbed on a screen. */
function isReachable(bounds: Rectangle, screen: Rectangle): boolean {
  const visibleWidth = Math.min(bounds.x + bounds.width, screen.x + screen.width) - Math.max(bounds.x, screen.x);
  return visibleWidth >= GRIP && bounds.y >= screen.y && bounds.y <= screen.y + screen.height - GRIP;
}

/** `least` wins over `most`: a window may be larger than a tiny screen, never too small to use. */
function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(value, most));
}
