/**
 * The node without a window: the App API as JSON-RPC 2.0, one object a line on standard input and output. Exits with 0
 * after a clean end, 1 when it could not start or stop, 2 for a wrong command line, 3 when the profile is in use. `verify FILE` checks an
 * exported decision instead, and exits with 4 when it does not hold.
 */
import { basename, resolve } from 'node:path';
import { SHUTDOWN_MS } from '../shared/limits.ts';
import { toApiError } from './api/errors.ts';
import { createApi } from './api/index.ts';
import { systemClock } from './clock.ts';
import { readHeadlessArguments, usage, type HeadlessOptions } from './headless/arguments.ts';
import { firstSignal } from './headless/ending.ts';
import { createRpcOutput } from './headless/output.ts';
import { serveRpc } from './headless/serve.ts';
import { takeStandardOutput } from './headless/stdio.ts';
import { verifyFile } from './headless/verify.ts';
import { createLogger } from './logging.ts';
import type { ConclaveNode, Logger } from './messenger/contract.ts';
import { startNode } from './node.ts';
import { version } from './version.ts';

const standardOutput = takeStandardOutput();
process.exit(await main());

async function main(): Promise<number> {
  const command = readHeadlessArguments(process.argv.slice(2));
  switch (command.kind) {
    case 'help':
      say(usage);
      return 0;
    case 'wrong':
      say(`${command.problem}\n\n${usage}`);
      return 2;
    case 'verify':
      return verifyFile(command.file, standardOutput);
    case 'run':
      return run(command.options);
    default:
      return command satisfies never;
  }
}

async function run(options: HeadlessOptions): Promise<number> {
  const logger = createLogger(options.logLevel);
  const signal = firstSignal();
  logCrashes(logger);

  const started = await start(options, logger);
  if ('exitCode' in started) return started.exitCode;
  const { node } = started;

  const shutdown = new Promise<void>((resolve) => {
    node.onShutdownRequested(resolve);
  });
  const api = createApi({ messenger: node.messenger, subscribe: (handler) => node.subscribe(handler), logger });
  const output = createRpcOutput(standardOutput);
  const { peerId, listenAddresses } = await node.messenger['app.info']({});
  output.notify('ready', { version, peerId, listenAddresses });
  const server = serveRpc({ api, input: process.stdin, output, logger });

  await Promise.race([server.ended, shutdown, signal]);
  return (await endsInTime(
    server.close().then(() => node.stop()),
    logger,
  ))
    ? 0
    : 1;
}

async function start(
  options: HeadlessOptions,
  logger: Logger,
): Promise<{ readonly node: ConclaveNode } | { readonly exitCode: number }> {
  const profileDirectory = resolve(options.profile);
  try {
    const node = await startNode({
      profileDirectory,
      profileName: basename(profileDirectory),
      keychain: options.keychain,
      listen: options.listen,
      connect: options.connect,
      mdns: options.mdns,
      logger,
      version,
    });
    return { node };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'PROFILE_LOCKED') {
      say(`The profile ${profileDirectory} is in use by another Conclave.`);
      return { exitCode: 3 };
    }
    say(`Conclave could not start: ${toApiError(error, 'start', logger).message}`);
    return { exitCode: 1 };
  }
}

/** Whether everything was closed before the patience is over. What is stored is safe either way. */
async function endsInTime(end: Promise<void>, logger: Logger): Promise<boolean> {
  const late = new Promise<false>((resolve) => {
    systemClock.setTimeout(() => {
      resolve(false);
    }, SHUTDOWN_MS);
  });
  try {
    const inTime = await Promise.race([end.then(() => true), late]);
    if (!inTime) logger.error({ afterMs: SHUTDOWN_MS }, 'the node did not stop in time');
    return inTime;
  } catch (error) {
    logger.error({ error }, 'the node did not stop cleanly');
    return false;
  }
}

/** A forgotten promise is a bug that need not end the node; an exception out of nowhere leaves nothing to rely on. */
function logCrashes(logger: Logger): void {
  process.on('unhandledRejection', (error) => {
    logger.error({ code: 'INTERNAL', error }, 'a promise was rejected and nobody listened');
  });
  process.on('uncaughtException', (error) => {
    logger.error({ code: 'INTERNAL', error }, 'an exception that nobody caught');
    process.exit(1);
  });
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
