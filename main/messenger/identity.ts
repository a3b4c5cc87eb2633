/**
 * Who we are: making an identity, bringing one back, showing its phrase, changing the name.
 */
import { ApiError } from '../../shared/api/errors.ts';
import type { Result } from '../../shared/api/methods.ts';
import type { Handlers } from './contract.ts';
import type { RootSecret } from './ports/keychain.ts';
import { openProfileSession, problemOf, type MessengerDependencies, type ProfileState } from './profileState.ts';
import { createRootSecret, recoveryPhraseOf, rootSecretFromPhrase, rootSecretFromPrivateKey } from './rootSecret.ts';
import type { Session } from './session.ts';

type IdentityHandlers = Pick<Handlers, Extract<keyof Handlers, `identity.${string}`>>;

/** Where the profile's state is kept, and how it becomes open. */
export interface ProfileHolder {
  state(): ProfileState;
  /** Runs one change of identity at a time. */
  exclusively<T>(work: () => Promise<T>): Promise<T>;
  /** Tries again to open a profile that a missing keychain kept closed. */
  reopen(): Promise<void>;
  opened(session: Session, secret: RootSecret): void;
  session(): Session;
}

const alreadyExists = (): ApiError => new ApiError('ALREADY_EXISTS', 'This profile already has an identity.');

export function identityHandlers(dependencies: MessengerDependencies, holder: ProfileHolder): IdentityHandlers {
  const { keychain } = dependencies;

  /**
   * Keychain first, store second: a crash between them leaves a secret without a store, which the next attempt takes up
   * again. When the store refuses, a secret that was written here is taken back.
   */
  const openNew = async (secret: RootSecret, displayName: string, written: boolean): Promise<Session> => {
    if (written) await keychain.write(secret);
    try {
      const session = await openProfileSession(dependencies, secret, displayName);
      holder.opened(session, secret);
      dependencies.emit({ type: 'identity.changed' });
      return session;
    } catch (error) {
      if (written) await keychain.remove();
      throw error;
    }
  };

  const requireClosed = (): void => {
    const state = holder.state();
    if (state.kind === 'open') throw alreadyExists();
    if (state.kind === 'problem') throw new ApiError(state.code, state.message);
  };

  return {
    'identity.status': async () => {
      await holder.reopen();
      return status(dependencies, holder.state());
    },

    'identity.create': ({ displayName }) =>
      holder.exclusively(async () => {
        requireClosed();
        if (holder.state().kind === 'needsRestore')
          throw new ApiError(
            'ALREADY_EXISTS',
            'This profile holds the data of an identity. Restore it with its recovery phrase.',
          );
        const interrupted = await keychain.read();
        const secret = interrupted ?? createRootSecret((length) => dependencies.clock.random(length));
        const session = await openNew(secret, displayName, interrupted === undefined);
        return { memberId: session.identity.memberId, recoveryPhrase: recoveryPhraseOf(secret) ?? '' };
      }),

    'identity.restore': (params) =>
      holder.exclusively(async () => {
        requireClosed();
        const secret =
          'recoveryPhrase' in params
            ? rootSecretFromPhrase(params.recoveryPhrase)
            : rootSecretFromPrivateKey(params.privateKey);
        if ((await keychain.read()) !== undefined && holder.state().kind === 'none') {
          // A set-up that a crash interrupted left a secret that nobody has seen yet: the person brings another one.
          await keychain.remove();
        }
        const session = await openNew(secret, params.displayName, true);
        return { memberId: session.identity.memberId };
      }),

    'identity.revealRecoveryPhrase': async () => {
      holder.session();
      const state = holder.state();
      const recoveryPhrase = state.kind === 'open' ? recoveryPhraseOf(state.secret) : undefined;
      if (recoveryPhrase === undefined)
        throw new ApiError('NOT_ALLOWED', 'This identity came from a private key, which has no recovery phrase.');
      return { recoveryPhrase };
    },

    'identity.setDisplayName': async ({ displayName }) => {
      const session = holder.session();
      session.storage.transaction(() => {
        const row = session.storage.profile.get();
        if (row === undefined) throw new ApiError('NO_IDENTITY', 'This profile has no identity.');
        session.storage.profile.put({ ...row, displayName });
        session.storage.people.putName(row.memberId, displayName);
      });
      session.user.setDisplayName(displayName);
      session.network.setProfile({ displayName, visibleNearby: session.storage.profile.settings().visibleNearby });
      session.postToAll({ kind: 'setDisplayName', displayName });
      session.emit({ type: 'identity.changed' });
      for (const conversationId of session.user.conversations())
        session.emit({ type: 'conversation.updated', conversationId });
      return {};
    },
  };
}

async function status(dependencies: MessengerDependencies, state: ProfileState): Promise<Result<'identity.status'>> {
  const { keychain } = dependencies;
  switch (state.kind) {
    case 'open': {
      const profile = state.session.storage.profile.get();
      return {
        exists: true,
        memberId: state.session.identity.memberId,
        ...(profile === undefined ? {} : { displayName: profile.displayName }),
        keychain: keychain.kind,
        hasRecoveryPhrase: state.secret.kind === 'phrase',
      };
    }
    case 'problem':
      return {
        exists: dependencies.databaseExists(),
        keychain: state.code === 'KEYCHAIN_UNAVAILABLE' ? 'unavailable' : keychain.kind,
        problem: { code: state.code, message: state.message },
      };
    case 'needsRestore':
      return { exists: false, keychain: keychain.kind, needsRestore: true };
    case 'none':
      return { exists: false, ...(await keychainStatus(dependencies)) };
    default:
      return state satisfies never;
  }
}

/** Asks the keychain now: whoever looks at this screen may just have unlocked it. */
async function keychainStatus(
  dependencies: MessengerDependencies,
): Promise<Pick<Result<'identity.status'>, 'keychain' | 'problem'>> {
  try {
    await dependencies.keychain.read();
    return { keychain: dependencies.keychain.kind };
  } catch (error) {
    return { keychain: 'unavailable', problem: problemOf(error) };
  }
}
