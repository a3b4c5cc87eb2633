/** Starts the node beside the window and puts the App API over it. */
import { version } from '../version.ts';
import { createApi, type Api } from '../api/index.ts';
import type { ConclaveNode, Logger } from '../messenger/contract.ts';
import type { DesktopOptions } from './arguments.ts';
import type { ProfilePaths } from './paths.ts';

export interface RunningNode {
  readonly node: ConclaveNode;
  readonly api: Api;
}

/** Loaded on demand: the window paints its first frame while the libraries of the node are read. */
export async function startDesktopNode(
  options: DesktopOptions,
  paths: ProfilePaths,
  logger: Logger,
): Promise<RunningNode> {
  const { startNode } = await import('../node.ts');
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
