/**
 * The desktop app, as a table of contents. Everything up to the last line has to happen before Electron is ready.
 */
import { app } from 'electron';
import { readDesktopArguments, type DesktopOptions } from './desktop/arguments.ts';
import { registerAppScheme } from './desktop/content.ts';
import { endWithUsage, logCrashes } from './desktop/failures.ts';
import { claimInstance } from './desktop/instance.ts';
import { useProfile } from './desktop/paths.ts';
import { hardenProcess } from './desktop/security.ts';
import { startDesktop } from './desktop/start.ts';
import { createLogger } from './logging.ts';
import type { StartNode } from './messenger/contract.ts';

/** Loaded on demand: the window paints its first frame while the libraries of the node are read. */
const startNode: StartNode = async (options) => (await import('./node.ts')).startNode(options);

const command = readDesktopArguments(process.argv.slice(1));

if (command.kind === 'wrong') endWithUsage(command.problem);
else run(command.options);

function run(options: DesktopOptions): void {
  const logger = createLogger('warn');
  const paths = useProfile(options.profile);
  if (!claimInstance(options)) {
    app.quit();
    return;
  }
  logCrashes(logger);
  hardenProcess();
  registerAppScheme();
  startDesktop(startNode, options, paths, logger);
}
