/**
 * Electron's security checklist as far as it is switched on at run time: sandbox, permissions, navigation, network,
 * certificates. The judgement of addresses stands in urls.ts, the IPC door in ipcDoor.ts.
 */
import { app, type Session, type WebContents } from 'electron';
import type { Logger } from '../messenger/contract.ts';
import { isPageUrl, isPermitted, isRequestAllowed } from './urls.ts';

/** Must run before the app is ready. */
export function hardenProcess(): void {
  // With both, child processes end as soon as they start; --no-sandbox is given by who runs as root.
  if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox();
  // Chromium itself reaches no network: pages are files, peers are dialled by the node.
  app.commandLine.appendSwitch('host-resolver-rules', 'MAP * ~NOTFOUND');
  app.commandLine.appendSwitch('disable-background-networking');
  app.commandLine.appendSwitch('force-webrtc-ip-handling-policy', 'disable_non_proxied_udp');
}

export function hardenSession(session: Session, logger: Logger): void {
  const development = !app.isPackaged;
  session.setPermissionRequestHandler((_contents, permission, answer, details) => {
    answer(details.isMainFrame && isPermitted(permission, details.requestingUrl));
  });
  session.setPermissionCheckHandler((_contents, permission, _origin, details) =>
    isPermitted(permission, details.requestingUrl ?? ''),
  );
  session.setDevicePermissionHandler(() => false);
  session.setCertificateVerifyProc((_request, answer) => {
    answer(NOT_TRUSTED);
  });
  session.webRequest.onBeforeRequest((details, answer) => {
    const allowed = isRequestAllowed(details.url, development);
    if (!allowed) logger.warn({ type: details.resourceType }, 'the page asked for something from outside');
    answer({ cancel: !allowed });
  });
  session.on('will-download', (event) => {
    event.preventDefault();
  });
  // Only macOS checks spelling with dictionaries that are there; the others would download them.
  session.setSpellCheckerEnabled(process.platform === 'darwin');
  if (process.platform !== 'darwin') session.setSpellCheckerLanguages([]);
}

/** setCertificateVerifyProc: -2 fails the connection. */
const NOT_TRUSTED = -2;

/** Holds for every page that is ever made. `openOutside` is asked about links that lead away. */
export function hardenContents(openOutside: (url: string) => void, logger: Logger): void {
  app.on('web-contents-created', (_event, contents) => {
    keepInPlace(contents, openOutside, logger);
  });
  app.on('certificate-error', (event, _contents, _url, _error, _certificate, answer) => {
    event.preventDefault();
    answer(false);
  });
  app.on('select-client-certificate', (event) => {
    event.preventDefault();
  });
  app.on('login', (event) => {
    event.preventDefault();
  });
}

function keepInPlace(contents: WebContents, openOutside: (url: string) => void, logger: Logger): void {
  const refuse = (event: { preventDefault(): void }): void => {
    logger.warn({ contents: contents.id }, 'a navigation was refused');
    event.preventDefault();
  };
  contents.on('will-frame-navigate', (event) => {
    if (event.isMainFrame && isPageUrl(event.url)) return;
    refuse(event);
    if (event.isMainFrame) openOutside(event.url);
  });
  contents.on('will-redirect', refuse);
  contents.on('will-attach-webview', refuse);
  contents.setWindowOpenHandler(({ url }) => {
    openOutside(url);
    return { action: 'deny' };
  });
}
