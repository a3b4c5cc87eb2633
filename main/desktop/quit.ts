/**
 * A clean end: the node is stopped before the app quits, however the end was asked for, and an end that hangs does not
 * keep the process. A window is closed last: its page may have something to store.
 */
import { app, BrowserWindow } from 'electron';
import { SHUTDOWN_MS } from '../../shared/limits.ts';
import type { Logger } from '../messenger/contract.ts';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Runs `stop` once, before the app quits. */
export function stopBeforeQuit(stop: () => Promise<void>, logger: Logger): void {
  let state: 'running' | 'stopping' | 'stopped' = 'running';

  const end = async (): Promise<void> => {
    // Nothing in it would be answered any more.
    for (const window of BrowserWindow.getAllWindows()) window.hide();
    const late = new Promise<'late'>((resolve) => setTimeout(() => resolve('late'), SHUTDOWN_MS));
    try {
      if ((await Promise.race([stop(), late])) === 'late')
        logger.error({ afterMs: SHUTDOWN_MS }, 'the node did not stop in time');
    } catch (error) {
      logger.error({ error }, 'the node did not stop cleanly');
    }
    state = 'stopped';
    app.quit();
  };

  app.on('before-quit', (event) => {
    if (state === 'stopped') return;
    event.preventDefault();
    if (state === 'stopping') return;
    state = 'stopping';
    void end();
  });
  app.on('browser-window-created', (_event, window) => {
    window.on('close', (event) => {
      if (state === 'stopped') return;
      event.preventDefault();
      app.quit();
    });
  });
  app.on('window-all-closed', () => {
    app.quit();
  });
  for (const signal of signals) process.on(signal, () => app.quit());
}
