/**
 * The one window: its place, its first frame, its page, and what happens when the page crashes. Knows nothing of what
 * the page shows.
 */
import { app, BrowserWindow, screen } from 'electron';
import { MAX_PAGE_CRASHES, PAGE_CRASH_WINDOW_MS, SHOW_AT_LATEST_MS } from '../../shared/limits.ts';
import type { Logger } from '../messenger/contract.ts';
import { offerTextMenu } from './menu.ts';
import { bundle, type ProfilePaths } from './paths.ts';
import { currentTheme, followTheme, useTheme, windowBackground } from './theme.ts';
import { pageUrl } from './urls.ts';
import { minimalSize, readWindowState, writeWindowState, type StoredWindowState } from './windowState.ts';

export interface MainWindowDependencies {
  readonly paths: ProfilePaths;
  readonly logger: Logger;
  /** Settles when the node is there, or is known not to come. */
  readonly nodeSettled: Promise<unknown>;
  /** A page is being left: loaded anew, crashed or closed. */
  readonly onPageLeft: () => void;
  readonly onCrash: () => void;
  /** The page crashed too often. */
  readonly onGivenUp: () => void;
}

/** The theme that was in use when the window was last closed. Before the first window is made. */
export function recallTheme(paths: ProfilePaths): void {
  useTheme(readWindowState(paths.windowState, []).theme);
}

export function createMainWindow(dependencies: MainWindowDependencies): BrowserWindow {
  const { paths, logger, onPageLeft } = dependencies;
  const screens = screen.getAllDisplays().map((display) => display.workArea);
  const state = readWindowState(paths.windowState, screens);
  const window = new BrowserWindow({
    width: state.width,
    height: state.height,
    ...state.position,
    minWidth: minimalSize.width,
    minHeight: minimalSize.height,
    title: paths.name === 'default' ? app.name : `${app.name}: ${paths.name}`,
    backgroundColor: windowBackground(),
    show: false,
    autoHideMenuBar: true,
    webPreferences: {
      preload: bundle.preload(),
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      safeDialogs: true,
      spellcheck: process.platform === 'darwin',
      devTools: !app.isPackaged,
    },
  });
  followTheme(window);
  offerTextMenu(window);
  showWhenReady(window, dependencies.nodeSettled, state.maximised);
  // The profile's name stands in the title; the page has no say in it.
  window.on('page-title-updated', (event) => {
    event.preventDefault();
  });
  window.on('close', () => {
    saveState(window, paths.windowState, logger);
  });
  window.webContents.on('did-start-navigation', (details) => {
    if (details.isMainFrame && !details.isSameDocument) onPageLeft();
  });
  window.on('closed', onPageLeft);
  recoverFromCrashes(window, dependencies);
  load(window, logger);
  return window;
}

function load(window: BrowserWindow, logger: Logger): void {
  window.loadURL(pageUrl).catch((error: unknown) => {
    // Aborted: something else is being loaded instead, such as the same page once more.
    const aborted = error instanceof Error && 'code' in error && error.code === 'ERR_ABORTED';
    if (!window.isDestroyed() && !aborted) logger.error({ error }, 'the page could not be loaded');
  });
}

/** Shows the window once its first frame is painted, and not before the node had a moment to come. */
function showWhenReady(window: BrowserWindow, nodeSettled: Promise<unknown>, maximised: boolean): void {
  const painted = new Promise<void>((resolve) => window.once('ready-to-show', resolve));
  const patience = new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, SHOW_AT_LATEST_MS);
    window.once('closed', () => clearTimeout(timer));
  });
  const settled = nodeSettled.then(
    () => {},
    () => {},
  );
  void painted
    .then(() => Promise.race([settled, patience]))
    .then(() => {
      if (window.isDestroyed()) return;
      // Maximising shows a window too, so that it waits until here.
      if (maximised) window.maximize();
      window.show();
    });
}

/** Reloads a page that crashed, unless it does nothing else. */
function recoverFromCrashes(window: BrowserWindow, dependencies: MainWindowDependencies): void {
  const { logger, onPageLeft, onCrash, onGivenUp } = dependencies;
  let crashes: number[] = [];
  window.webContents.on('render-process-gone', (_event, { reason, exitCode }) => {
    onPageLeft();
    if (reason === 'clean-exit') return;
    logger.error({ reason, exitCode }, 'the page crashed');
    const now = Date.now();
    crashes = [...crashes.filter((at) => now - at < PAGE_CRASH_WINDOW_MS), now];
    if (crashes.length > MAX_PAGE_CRASHES) {
      onGivenUp();
      return;
    }
    onCrash();
    // Not from within the event: Chromium is still taking the old page apart.
    setImmediate(() => {
      if (!window.isDestroyed()) load(window, logger);
    });
  });
  window.on('unresponsive', () => {
    logger.warn({}, 'the page does not respond');
  });
}

function saveState(window: BrowserWindow, file: string, logger: Logger): void {
  const bounds = window.getNormalBounds();
  const state: StoredWindowState = { bounds, maximised: window.isMaximized(), theme: currentTheme() };
  try {
    writeWindowState(file, state);
  } catch (error) {
    logger.warn({ error }, 'the place of the window could not be kept');
  }
}
