/** Saves what a page hands over where the person says. Knows nothing of what is in it. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { app, dialog, type BrowserWindow } from 'electron';
import type { SavedFile } from '../../shared/api/bridge.ts';
import { ApiError } from '../../shared/api/errors.ts';
import type { Logger } from '../messenger/contract.ts';

/** A function that asks about one file at a time. Rejects with an ApiError STORAGE that says why it could not be written. */
export function fileSaver(
  window: () => BrowserWindow | undefined,
  logger: Logger,
): (file: SavedFile) => Promise<boolean> {
  let asking = false;
  return async ({ name, content }) => {
    const parent = window();
    if (parent === undefined || asking) throw new ApiError('WRONG_STATE', 'Another file is being saved.');
    asking = true;
    try {
      const { canceled, filePath } = await dialog.showSaveDialog(parent, {
        defaultPath: join(app.getPath('documents'), name),
        properties: ['showOverwriteConfirmation', 'createDirectory'],
      });
      if (canceled || filePath === '') return false;
      await writeFile(filePath, content, 'utf8');
      return true;
    } catch (error) {
      logger.warn({ error }, 'a file could not be saved');
      throw new ApiError('STORAGE', 'The file could not be written there. Choose another place.');
    } finally {
      asking = false;
    }
  };
}
