/**
 * Where a profile's data lies, and what belongs to Chromium. Two profiles share nothing, so that they run side by side.
 */
import { app } from 'electron';
import { basename, join, resolve } from 'node:path';
import type { DesktopOptions } from './arguments.ts';

export interface ProfilePaths {
  /** How the profile is named to people. */
  readonly name: string;
  /** The node's own. */
  readonly directory: string;
  /** Caches and storage of the page: nothing of a conversation is kept there. */
  readonly chromium: string;
  readonly windowState: string;
}

/** Must run before the app is ready: Chromium takes its folder then. */
export function useProfile(profile: DesktopOptions['profile']): ProfilePaths {
  const directory =
    profile.kind === 'directory' ? resolve(profile.directory) : join(app.getPath('userData'), 'profiles', profile.name);
  const paths: ProfilePaths = {
    name: profile.kind === 'directory' ? basename(directory) : profile.name,
    directory,
    chromium: join(directory, 'electron'),
    windowState: join(directory, 'window.json'),
  };
  app.setPath('userData', paths.chromium);
  app.setPath('sessionData', paths.chromium);
  return paths;
}

/** What the build put beside the program. */
export const bundle = {
  renderer: (): string => join(app.getAppPath(), 'out', 'renderer'),
  preload: (): string => join(app.getAppPath(), 'out', 'preload', 'index.cjs'),
};
