/** Starts the node beside the window and puts the App API over it. */
import { version } from '../version.ts';
import { createApi, type Api } from '../api/index.ts';
import type { ConclaveNode, Logger, StartNode } from '../messenger/contract.ts';
import type { DesktopOptions } from './arguments.ts';
import type { ProfilePaths } from './paths.ts';

export interface RunningNode {
  readonly node: ConclaveNode;
  readonly api: Api;
}

export async function startDesktopNode(
  startNode: StartNode,
  options: DesktopOptions,
  paths: ProfilePaths,
  logger: Logger,
): Promise<RunningNode> {
  const node = await startNode({
    profileDirectory: paths.directory,
    profileName: paths.name,
    keychain: options.keychain,
    listen: options.listen,
    connect: options.connect,
    mdns: options.mdns,
    logger,
    version,
  });
  const api = createApi({ messenger: node.messenger, subscribe: (handler) => node.subscribe(handler), logger });
  return { node, api };
}
