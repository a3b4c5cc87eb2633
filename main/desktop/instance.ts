/**
 * One app per profile: another launch hands its link to the one that runs and ends. Also where the operating system
 * hands over links.
 */
import { app } from 'electron';
import type { DesktopOptions } from './arguments.ts';
import { findInviteLink, readInviteLink } from './links.ts';

const linkScheme = 'conclave';

export interface InstanceHandlers {
  /** Somebody launched the app again. */
  onActivated(): void;
  onLink(link: string): void;
}

/** False when another app has this profile: it was told, and this one has to end. Must run after useProfile. */
export function claimInstance(options: DesktopOptions): boolean {
  return app.requestSingleInstanceLock(options.link === undefined ? {} : { link: options.link });
}

/** Links and launches that come from now on. Must run before the app is ready, for links that it is started with. */
export function listenForLaunches(handlers: InstanceHandlers): void {
  app.on('second-instance', (_event, argv, _directory, data) => {
    handlers.onActivated();
    const link = linkOf(data) ?? findInviteLink(argv);
    if (link !== undefined) handlers.onLink(link);
  });
  // macOS hands links over by event, never in the command line.
  app.on('open-url', (event, url) => {
    event.preventDefault();
    handlers.onActivated();
    const link = readInviteLink(url);
    if (link !== undefined) handlers.onLink(link);
  });
  app.on('activate', () => {
    handlers.onActivated();
  });
}

/**
 * Makes this app the one for `conclave:` links. In development only where the program and its folder can be named
 * together; elsewhere the link would start a bare Electron.
 */
export function registerForLinks(): void {
  if (app.isPackaged) app.setAsDefaultProtocolClient(linkScheme);
  else if (process.platform === 'win32')
    app.setAsDefaultProtocolClient(linkScheme, process.execPath, [app.getAppPath()]);
}

function linkOf(data: unknown): string | undefined {
  if (typeof data !== 'object' || data === null || !('link' in data)) return undefined;
  return readInviteLink(data.link);
}
