/**
 * The running desktop app: window, node and door, and what one tells the others.
 */
import type { BrowserWindow } from 'electron';
import { app, ipcMain, powerMonitor, session } from 'electron';
import type { Logger, StartNode } from '../messenger/contract.ts';
import type { DesktopOptions } from './arguments.ts';
import { serveAppFiles } from './content.ts';
import { externalOpener } from './external.ts';
import { endAfterCrashes, endWithoutNode } from './failures.ts';
import { listenForLaunches, registerForLinks } from './instance.ts';
import { createIpcDoor } from './ipcDoor.ts';
import { setApplicationMenu } from './menu.ts';
import { startDesktopNode } from './node.ts';
import { createNotifier } from './notifier.ts';
import { eventOfLink } from './openedLinks.ts';
import { bundle, type ProfilePaths } from './paths.ts';
import { stopBeforeQuit } from './quit.ts';
import { fileSaver } from './savedFiles.ts';
import { hardenContents, hardenSession } from './security.ts';
import { useTheme } from './theme.ts';
import { createMainWindow, recallTheme } from './window.ts';

/** Must run before the app is ready. */
export function startDesktop(startNode: StartNode, options: DesktopOptions, paths: ProfilePaths, logger: Logger): void {
  let window: BrowserWindow | undefined;
  const running = startDesktopNode(startNode, options, paths, logger);
  const api = running.then((node) => node.api);
  // A start that fails is told below, once the app is ready; here nobody may be waiting yet.
  api.catch(() => {});
  const door = createIpcDoor({
    registry: ipcMain,
    contents: () => window?.webContents,
    api,
    logger,
    saveFile: fileSaver(() => window, logger),
  });

  const openWindow = (): void => {
    window = createMainWindow({
      paths,
      logger,
      nodeSettled: running,
      onPageLeft: () => door.pageLeft(),
      onCrash: () =>
        door.deliverSurely({ type: 'notice', level: 'warning', text: 'The window crashed and was loaded again.' }),
      onGivenUp: endAfterCrashes,
    });
    window.once('closed', () => (window = undefined));
  };
  const showWindow = (): void => {
    if (!app.isReady()) return;
    if (window === undefined) {
      openWindow();
      return;
    }
    if (window.isMinimized()) window.restore();
    window.show();
    window.focus();
  };
  const openLink = (link: string): void => {
    void api
      .then((ready) => eventOfLink(ready, link))
      .then((event) => door.deliverSurely(event))
      .catch((error: unknown) => logger.debug({ error }, 'a link came while the app could not start'));
  };

  hardenContents(
    externalOpener(() => window, logger),
    logger,
  );
  listenForLaunches({ onActivated: showWindow, onLink: openLink });
  stopBeforeQuit(async () => {
    // A node that never came needs no end.
    const started = await running.catch(() => undefined);
    if (started === undefined) return;
    await door.farewell();
    await started.node.stop();
  }, logger);
  if (options.link !== undefined) openLink(options.link);

  running
    .then(
      ({ node, api: ready }) => {
        node.onShutdownRequested(() => app.quit());
        const tell = createNotifier({
          messenger: node.messenger,
          isLookedAt: () => window?.isFocused() === true,
          open: ({ conversationId, messageId }) => {
            showWindow();
            door.deliverSurely({
              type: 'notification.opened',
              conversationId,
              ...(messageId === undefined ? {} : { messageId }),
            });
          },
          logger,
        });
        ready.subscribe((event) => {
          if (event.type === 'settings.changed') useTheme(event.settings.theme);
          tell(event);
          door.deliver(event);
        });
        return node.messenger['settings.get']({}).then(({ theme }) => useTheme(theme));
      },
      () => {},
    )
    .catch((error: unknown) => logger.error({ error }, 'the theme is not known'));

  app
    .whenReady()
    .then(async () => {
      hardenSession(session.defaultSession, logger);
      serveAppFiles(session.defaultSession.protocol, bundle.renderer(), logger);
      setApplicationMenu();
      recallTheme(paths);
      openWindow();
      if (options.profile.kind === 'named') registerForLinks();
      const { node } = await running;
      powerMonitor.on('resume', () => node.wake());
    })
    .catch((error: unknown) => endWithoutNode(error, paths, logger));
}
