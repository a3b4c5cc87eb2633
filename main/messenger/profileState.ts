/**
 * The one profile of this node: closed without an identity, open with a session, or kept closed by a problem.
 * Opens and closes it; the use cases of `identity.ts` decide when.
 */
import { ApiError } from '../../shared/api/errors.ts';
import type { ApiEvent } from '../../shared/api/events.ts';
import type { Clock } from '../clock.ts';
import type { Identity } from '../protocol/identity/contract.ts';
import { createIdentity, verifyMemberSignature } from '../protocol/identity/index.ts';
import {
  createMlsService,
  decodeDeviceSignatureKey,
  encodeDeviceSignatureKey,
  generateDeviceSignatureKey,
} from '../protocol/mls/index.ts';
import type { User } from '../protocol/user/contract.ts';
import { createUser } from '../protocol/user/index.ts';
import type { Keychain, RootSecret } from './ports/keychain.ts';
import type { Network, NetworkOptions } from './ports/network.ts';
import { keepCopies, renewAll } from './copies.ts';
import type { CopyableStorage, ProfileRow, Storage, StoreCopies } from './ports/storage.ts';
import type { Problem } from './problems.ts';
import { deriveKeys } from './rootSecret.ts';
import { openSession, type Session } from './session.ts';
import type { Logger } from './contract.ts';

/** Everything from outside that the messenger is built on. */
export interface MessengerDependencies {
  readonly version: string;
  readonly profileName: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly emit: (event: ApiEvent) => void;
  readonly keychain: Keychain;
  readonly databaseExists: () => boolean;
  /** Throws StorageError. */
  readonly openStorage: (key: Uint8Array, create: boolean) => CopyableStorage;
  readonly copies: StoreCopies;
  /** Where the files are, for a person who looks for them. */
  readonly profileDirectory: string;
  readonly createNetwork: (options: NetworkOptions) => Promise<Network>;
  /** Multiaddrs to listen on instead of every usable interface. */
  readonly listen: readonly string[];
  /** Multiaddrs to connect to from the start. */
  readonly connect: readonly string[];
  readonly mdns: boolean;
}

export type ProfileState =
  | { readonly kind: 'none' }
  /** Data is here, its secret is not: restoring opens it again. */
  | { readonly kind: 'needsRestore' }
  | Problem
  | { readonly kind: 'open'; readonly session: Session; readonly secret: RootSecret };

/** The registry of conversations of an opened store. */
function userOf({ clock }: Pick<MessengerDependencies, 'clock'>, identity: Identity, profile: ProfileRow): User {
  const random = (length: number): Uint8Array => clock.random(length);
  const breathe = (): Promise<void> | undefined => clock.breathe?.();
  const signatureKey = decodeDeviceSignatureKey(profile.deviceSignatureKey);
  const mls = createMlsService({ identity, signatureKey, random, breathe });
  return createUser({ identity, mls, random, displayName: profile.displayName, breathe });
}

/** Puts the newest copy in the place of the store, so prepared that no group's secret is used twice. */
export function restoreCopy(
  dependencies: Pick<MessengerDependencies, 'clock' | 'copies'>,
  secret: RootSecret,
): ReturnType<StoreCopies['restore']> {
  const keys = deriveKeys(secret);
  const now = dependencies.clock.now();
  const prepare = async (copy: Storage): Promise<void> => {
    const profile = copy.profile.get();
    // A copy of before there was an identity holds no group.
    if (profile !== undefined)
      await renewAll(copy, userOf(dependencies, createIdentity(keys.identityPrivateKey), profile), now);
  };
  return dependencies.copies.restore({ key: keys.databaseKey, now, prepare });
}

/** Opens the store with a secret. `displayName` is given when the profile may be new. */
export async function openProfileSession(
  dependencies: MessengerDependencies,
  secret: RootSecret,
  displayName: string | undefined,
): Promise<Session> {
  const { clock, logger, emit } = dependencies;
  const keys = deriveKeys(secret);
  const identity = createIdentity(keys.identityPrivateKey);
  const storage = dependencies.openStorage(keys.databaseKey, displayName !== undefined);
  try {
    const random = (length: number): Uint8Array => clock.random(length);
    const profile = storage.transaction(() => {
      const present = storage.profile.get();
      if (displayName === undefined && present !== undefined) return present;
      if (displayName === undefined)
        throw new ApiError('NO_IDENTITY', 'Setting up was interrupted. Choose your name again.');
      const row = {
        memberId: identity.memberId,
        displayName,
        deviceSignatureKey: present?.deviceSignatureKey ?? encodeDeviceSignatureKey(generateDeviceSignatureKey(random)),
      };
      storage.profile.put(row);
      storage.people.putName(identity.memberId, displayName);
      return row;
    });
    const user = userOf(dependencies, identity, profile);
    const settings = storage.profile.settings();
    const session = await openSession({
      identity,
      storage,
      user,
      clock,
      logger,
      emit,
      createNetwork: async (onEvent) => {
        const network = await dependencies.createNetwork({
          privateKey: keys.networkSeed,
          identity,
          verify: (memberId, payload, signature) =>
            verifyMemberSignature(memberId, payload, signature).kind === 'valid',
          ...(dependencies.listen.length === 0 ? {} : { listen: dependencies.listen }),
          mdns: dependencies.mdns,
          onEvent,
          clock,
          random,
          logger,
          allowPublicAddresses: settings.allowPublicAddresses,
        });
        network.setProfile({ displayName: profile.displayName, visibleNearby: settings.visibleNearby });
        return network;
      },
    });
    const keeper = keepCopies({ storage, copies: dependencies.copies, key: keys.databaseKey, user, clock, logger });
    return {
      ...session,
      async close() {
        await keeper.close();
        await session.close();
      },
    };
  } catch (error) {
    storage.close();
    throw error;
  }
}
