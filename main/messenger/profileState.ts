/**
 * The one profile of this node: closed without an identity, open with a session, or kept closed by a problem.
 * Opens and closes it; the use cases of `identity.ts` decide when.
 */
import { ApiError, errorNumbers, type ErrorCode } from '../../shared/api/errors.ts';
import type { ApiEvent } from '../../shared/api/events.ts';
import type { Clock } from '../clock.ts';
import { createIdentity, verifyMemberSignature } from '../protocol/identity/index.ts';
import {
  createMlsService,
  decodeDeviceSignatureKey,
  encodeDeviceSignatureKey,
  generateDeviceSignatureKey,
} from '../protocol/mls/index.ts';
import { createUser } from '../protocol/user/index.ts';
import type { Keychain, RootSecret } from './ports/keychain.ts';
import type { Network, NetworkOptions } from './ports/network.ts';
import type { Storage } from './ports/storage.ts';
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
  readonly openStorage: (key: Uint8Array, create: boolean) => Storage;
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
  | { readonly kind: 'problem'; readonly code: ErrorCode; readonly message: string }
  | { readonly kind: 'open'; readonly session: Session; readonly secret: RootSecret };

const isErrorCode = (code: unknown): code is ErrorCode => typeof code === 'string' && code in errorNumbers;

/** What keeps the profile closed, as a person may read it. Anything unexpected is passed on. */
export function problemOf(error: unknown): { readonly code: ErrorCode; readonly message: string } {
  if (error instanceof Error && 'code' in error && isErrorCode(error.code))
    return { code: error.code, message: error.message };
  throw error;
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
    const breathe = (): Promise<void> | undefined => clock.breathe?.();
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
    const mls = createMlsService({
      identity,
      signatureKey: decodeDeviceSignatureKey(profile.deviceSignatureKey),
      random,
      breathe,
    });
    const user = createUser({ identity, mls, random, displayName: profile.displayName, breathe });
    const settings = storage.profile.settings();
    return await openSession({
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
  } catch (error) {
    storage.close();
    throw error;
  }
}
