/** Opens a web address in the person's browser, after they saw it whole and agreed. */
import { dialog, shell, type BrowserWindow } from 'electron';
import type { Logger } from '../messenger/contract.ts';
import { externalUrl } from './urls.ts';

/** A function that asks about one address at a time; others are passed over while a question is open. */
export function externalOpener(window: () => BrowserWindow | undefined, logger: Logger): (text: string) => void {
  let asking = false;

  const ask = async (text: string): Promise<void> => {
    const url = externalUrl(text);
    const parent = window();
    if (url === undefined || parent === undefined || asking) {
      logger.warn({}, 'an address that leads outside was refused');
      return;
    }
    asking = true;
    try {
      const { response } = await dialog.showMessageBox(parent, {
        type: 'question',
        message: `Open ${url.host} in your browser?`,
        detail: url.href,
        buttons: ['Open', 'Cancel'],
        defaultId: 1,
        cancelId: 1,
        noLink: true,
      });
      if (response === 0) await shell.openExternal(url.href);
    } finally {
      asking = false;
    }
  };

  return (text) => {
    ask(text).catch((error: unknown) => {
      logger.error({ error }, 'an address could not be opened outside');
    });
  };
}
