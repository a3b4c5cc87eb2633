/** What the app says and does when it cannot go on. */
import { app, dialog } from 'electron';
import { toApiError } from '../api/errors.ts';
import type { Logger } from '../messenger/contract.ts';
import type { ProfilePaths } from './paths.ts';

const exitCodes = { failed: 1, usage: 2, locked: 3 } as const;

/** The node could not start. Shows why, then ends the process. */
export function endWithoutNode(error: unknown, paths: ProfilePaths, logger: Logger): void {
  if (error instanceof Error && 'code' in error && error.code === 'PROFILE_LOCKED') {
    const text = `The profile "${paths.name}" is in use by another Conclave, perhaps one without a window (${paths.directory}). End that one first.`;
    tell('This profile is already open', text);
    app.exit(exitCodes.locked);
    return;
  }
  tell('Conclave could not start', toApiError(error, 'start', logger).message);
  app.exit(exitCodes.failed);
}

export function endAfterCrashes(): void {
  tell('Conclave keeps crashing', 'Its window crashed several times in a minute. Your groups and messages are kept.');
  app.quit();
}

/** A command line that makes no sense. Before there is anything to show. */
export function endWithUsage(problem: string): void {
  process.stderr.write(`${problem}\n`);
  app.exit(exitCodes.usage);
}

/** A forgotten promise is a bug that need not end the app; an exception out of nowhere leaves nothing to rely on. */
export function logCrashes(logger: Logger): void {
  process.on('unhandledRejection', (error) => {
    logger.error({ code: 'INTERNAL', error }, 'a promise was rejected and nobody listened');
  });
  process.on('uncaughtException', (error) => {
    logger.error({ code: 'INTERNAL', error }, 'an exception that nobody caught');
    tell('Conclave has to close', 'Something went wrong inside Conclave. Your groups and messages are kept.');
    app.exit(exitCodes.failed);
  });
}

function tell(title: string, text: string): void {
  process.stderr.write(`${title}: ${text}\n`);
  dialog.showErrorBox(title, text);
}
