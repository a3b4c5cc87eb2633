/**
 * The composition root: keychain, store, network and messenger become one node. The only file that names them all;
 * it decides nothing else.
 */
import type { ApiEvent } from '../shared/api/events.ts';
import { systemClock } from './clock.ts';
import { createKeychain } from './keychain/index.ts';
import type { Keychain } from './messenger/ports/keychain.ts';
import type { ConclaveNode, NodeOptions } from './messenger/contract.ts';
import { startMessenger } from './messenger/index.ts';
import { createNetwork } from './network/index.ts';
import { openProfile, openStorage, storeCopies, type Profile } from './storage/index.ts';

/**
 * Opens a profile and starts its node. Rejects with ProfileLockedError when another process has it, with a StorageError when
 * its directory cannot be used, with a NetworkError when it cannot listen.
 */
export async function startNode(options: NodeOptions): Promise<ConclaveNode> {
  const { logger } = options;
  const profile = openProfile(options.profileDirectory, (length) => systemClock.random(length));
  const subscribers = new Set<(event: ApiEvent) => void>();
  const shutdownHandlers = new Set<() => void>();
  try {
    const running = await startMessenger(
      {
        version: options.version,
        profileName: options.profileName,
        clock: systemClock,
        logger,
        emit: (event) => {
          for (const subscriber of subscribers) subscriber(event);
        },
        keychain: keychainOf(profile, options.keychain),
        databaseExists: () => profile.databaseExists(),
        openStorage: (key, create) => openStorage({ file: profile.databaseFile, key, create }),
        copies: storeCopies(profile.databaseFile),
        profileDirectory: profile.directory,
        createNetwork,
        listen: options.listen ?? [],
        connect: options.connect ?? [],
        mdns: options.mdns,
      },
      () => {
        for (const handler of shutdownHandlers) handler();
      },
    );
    let stopping: Promise<void> | undefined;
    return {
      messenger: running.messenger,
      subscribe(handler) {
        subscribers.add(handler);
        return () => subscribers.delete(handler);
      },
      wake: () => running.wake(),
      stop() {
        stopping ??= running.close().finally(() => {
          profile.close();
        });
        return stopping;
      },
      onShutdownRequested(handler) {
        shutdownHandlers.add(handler);
      },
    };
  } catch (error) {
    profile.close();
    throw error;
  }
}

/**
 * The profile's own keychain: the one that it was made with, whatever is asked for now, since its secret is there. A new
 * profile notes its choice with its first secret.
 */
function keychainOf(profile: Profile, asked: NodeOptions['keychain']): Keychain {
  const kind = profile.keychain ?? asked;
  const keychain = createKeychain(
    kind === 'os' ? { kind, account: profile.profileId } : { kind, file: profile.keychainFile },
    systemClock,
  );
  return {
    kind,
    read: () => keychain.read(),
    remove: () => keychain.remove(),
    async write(secret) {
      await keychain.write(secret);
      profile.setKeychain(kind);
    },
  };
}
